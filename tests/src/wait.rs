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
pub fn eventually(claim: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !holds() {
        assert!(Instant::now() < deadline, "not within a minute: {claim}");
        sleep(Duration::from_millis(25));
    }
}
