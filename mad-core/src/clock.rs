//! The clocks: one for people, and two that do not jump.

use std::time::{Instant, SystemTime};

/// A moment by all clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// For ages and intervals: it goes on while the machine sleeps.
    pub(crate) instant: Instant,
    /// For how long something took: it stands still while the machine sleeps.
    pub(crate) awake: Instant,
    /// For people.
    pub(crate) time: SystemTime,
}

impl Moment {
    pub(crate) fn now() -> Self {
        Self {
            instant: now(),
            awake: Instant::now(),
            time: SystemTime::now(),
        }
    }
}

/// Returns the moment by a clock that does not jump, and goes on while the machine sleeps.
///
/// [`Instant::now`] stands still then, on Linux: what was green when a laptop was closed or a virtual
/// machine was paused would be green when it wakes up, hours later. Moments of this clock are to be
/// compared with one another only.
#[cfg(target_os = "linux")]
pub(crate) fn now() -> Instant {
    use std::sync::LazyLock;
    use std::time::Duration;

    use rustix::time::{ClockId, clock_gettime};

    fn since_boot() -> Duration {
        let time = clock_gettime(ClockId::Boottime);
        Duration::try_from(time).unwrap_or_default()
    }

    static ORIGIN: LazyLock<(Instant, Duration)> = LazyLock::new(|| (Instant::now(), since_boot()));
    let (instant, at) = *ORIGIN;
    instant + since_boot().saturating_sub(at)
}

/// Returns the moment by a clock that does not jump.
#[cfg(not(target_os = "linux"))]
pub(crate) fn now() -> Instant {
    Instant::now()
}
