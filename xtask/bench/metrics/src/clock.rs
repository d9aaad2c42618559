//! The clock of a thread.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The time that this thread had a processor: others use the machine, too.
pub fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
