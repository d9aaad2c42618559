//! The two clocks: one for people, one that does not jump.

use std::time::{Instant, SystemTime};

/// A moment by both clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// For ages, intervals and durations.
    pub(crate) instant: Instant,
    /// For people.
    pub(crate) time: SystemTime,
}

impl Moment {
    pub(crate) fn now() -> Self {
        Self {
            instant: Instant::now(),
            time: SystemTime::now(),
        }
    }
}
