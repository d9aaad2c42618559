//! When a run has to be over.

use std::io;
use std::time::{Duration, Instant};

use mad_core::time_left;

/// How long a check waits that is not run by MAD.
const WITHOUT_A_RUN: Duration = Duration::from_secs(5);

/// The moment until which a run may wait for others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    /// Takes nine tenths of the time that the current run has: it says itself what it waited for in vain.
    pub(crate) fn of_run() -> Self {
        let left = time_left().unwrap_or(WITHOUT_A_RUN);
        Self::after(left / 10 * 9)
    }

    pub(crate) fn after(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    /// Returns what is left, which is more than nothing: sockets take zero for an error.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::TimedOut`] when it has passed.
    pub(crate) fn left(self) -> io::Result<Duration> {
        let left = self.0.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(timed_out());
        }
        Ok(left)
    }

    /// Returns an earlier one: this is one of `n` things that are still to be done.
    pub(crate) fn share_of(self, n: usize) -> Self {
        let left = self.0.saturating_duration_since(Instant::now());
        let n = u32::try_from(n.max(1)).unwrap_or(u32::MAX);
        Self::after(left / n)
    }
}

pub(crate) fn timed_out() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "no answer in time")
}
