//! Waiting for something to become true.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// Waits until the claim holds.
///
/// # Panics
///
/// If it does not hold within a minute. That is far more than anything here takes; a machine may be
/// busy with something else.
#[track_caller]
pub fn eventually(claim: &str, holds: impl FnMut() -> bool) {
    eventually_within(1, claim, holds);
}

/// Waits until the claim holds, for so many minutes.
///
/// # Panics
///
/// If it does not hold within them.
#[track_caller]
pub(crate) fn eventually_within(minutes: u64, claim: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(minutes);
    while !holds() {
        assert!(
            Instant::now() < deadline,
            "not within {minutes} minutes: {claim}"
        );
        sleep(Duration::from_millis(25));
    }
}
