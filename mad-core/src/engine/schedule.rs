//! When a check runs next.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use crate::check::Check;
use crate::health::Health;

/// Spreads checks over their interval.
///
/// The first run is at once. The second comes after a part of the interval that is drawn for each
/// check and each process, and all later ones an exact interval apart: neither the checks of one
/// instance nor the replicas of one check stay in step.
#[derive(Debug)]
pub(crate) struct Spread {
    seed: RandomState,
}

impl Spread {
    pub(crate) fn new() -> Self {
        Self {
            seed: RandomState::new(),
        }
    }

    /// Returns the part of `interval` that falls to this check: above zero, at most all of it.
    pub(crate) fn part(&self, check: &Check, interval: Duration) -> Duration {
        const PARTS: u32 = 1 << 16;
        let drawn = self.seed.hash_one(check.name()) % u64::from(PARTS);
        let part = u32::try_from(drawn).unwrap_or_default() + 1;
        interval.mul_f64(f64::from(part) / f64::from(PARTS))
    }
}

/// Returns how much sooner than drawn a check may be due to share a moment with others.
///
/// The machine then wakes up once for all of them. It is small against the interval, so that a rush
/// stays none.
pub(crate) fn slack(interval: Duration) -> Duration {
    interval / 16
}

/// Returns the time from one run's start to the next; `None` for what runs only when asked.
pub(crate) fn interval(check: &Check, health: Health) -> Option<Duration> {
    match (check.health_options(), check.self_test_options()) {
        (Some(options), _) if health == Health::Up => Some(options.every),
        (Some(options), _) => Some(options.while_down.unwrap_or(options.every)),
        // One that is ignored runs when it is named, and at no other time.
        (None, Some(options)) => options.every.filter(|_| options.ignore.is_none()),
        (None, None) => None,
    }
}

/// Returns when a check that was due at `due` is due again: an exact interval later, so that nothing
/// drifts.
///
/// There is no such moment when it has passed: what was missed meanwhile (the machine slept, a run took
/// long) is not caught up.
pub(crate) fn next_due(due: Instant, interval: Duration, now: Instant) -> Option<Instant> {
    Some(due + interval).filter(|next| *next > now)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::descriptor::HealthOptions;

    #[test]
    fn parts_are_spread_over_the_interval() {
        let spread = Spread::new();
        let hour = Duration::from_hours(1);
        let bounds = [15, 30, 45].map(Duration::from_mins);
        let mut quarters = [0_u32; 4];
        for number in 0..1_000 {
            let check =
                Check::health_check(format!("check{number}"), HealthOptions::DEFAULT, |_| true);
            let part = spread.part(&check, hour);
            assert!(!part.is_zero() && part <= hour);
            let quarter = bounds.partition_point(|bound| *bound < part);
            quarters[quarter] += 1;
        }
        assert!(
            quarters.iter().all(|quarter| (150..350).contains(quarter)),
            "{quarters:?}"
        );
    }

    proptest! {
        #[test]
        fn the_next_run_is_an_interval_later_or_never(
            late in 0..100_000_u64, interval in 1..10_000_u64,
        ) {
            let due = Instant::now();
            let now = due + Duration::from_millis(late);
            let interval = Duration::from_millis(interval);
            let next = next_due(due, interval, now);
            prop_assert_eq!(next.is_none(), due + interval <= now);
            prop_assert!(next.is_none_or(|next| next - due == interval));
        }
    }
}
