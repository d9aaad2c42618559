//! How often somebody asks who reads the state from outside, after how often it changes.
//!
//! A probe costs the service nothing, as it reads what is known. Asking more often than the checks run tells nothing
//! new; asking less often tells it late. How many failures in a row count is the annotation's business
//! (`fail_after`), and is not counted a second time by whoever asks.

use crate::catalogue::{Catalogue, HealthCheck};

/// The longest time between two questions, in seconds: draining, too, is to be noticed.
const LONGEST: f64 = 10.0;

/// Returns how often a probe is asked, in whole seconds: as often as the quickest check that gates it runs.
pub(super) fn period(catalogue: &Catalogue, probe: &str) -> u64 {
    let quickest = gating(catalogue, probe)
        .map(|check| check.every_seconds.min(check.while_down_seconds))
        .fold(LONGEST, f64::min);
    whole_seconds(quickest)
}

/// Returns the longest time from the end of a run to that of the next, of the checks that gate a probe.
pub(super) fn slowest_turn(catalogue: &Catalogue, probe: &str) -> f64 {
    gating(catalogue, probe)
        .map(|check| {
            check.every_seconds.max(check.while_down_seconds) + check.about.timeout_seconds
        })
        .fold(0.0, f64::max)
}

fn gating<'a>(catalogue: &'a Catalogue, probe: &str) -> impl Iterator<Item = &'a HealthCheck> {
    let checks = catalogue.health_checks.iter();
    checks.filter(move |check| check.probes.iter().any(|gated| gated == probe))
}

/// Rounds a time up to whole seconds, and to one at least.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is a positive number, and a day of seconds is far below the limit"
)]
pub(super) fn whole_seconds(seconds: f64) -> u64 {
    seconds.clamp(1.0, 1e9).ceil() as u64
}
