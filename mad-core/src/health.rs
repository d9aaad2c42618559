//! The folded state of a health check.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use crate::check::Check;
use crate::descriptor::HealthOptions;
use crate::maintenance::Maintenance;
use crate::outcome::Outcome;

/// The folded state of a health check, from good to bad; of several, the worst wins.
///
/// ```
/// use mad_core::Health;
///
/// assert!(Health::Up < Health::Degraded);
/// assert_eq!([Health::Up, Health::Unknown].into_iter().max(), Some(Health::Unknown));
/// assert!(!Health::Unknown.is_serving());
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Health {
    /// It works.
    Up,
    /// It works, with a reservation.
    Degraded,
    /// Nobody knows: it never ran, or its last result is too old.
    Unknown,
    /// It does not work.
    Down,
}

impl Health {
    /// Every state, from good to bad.
    pub const ALL: [Self; 4] = [Self::Up, Self::Degraded, Self::Unknown, Self::Down];

    /// Returns the word used in JSON: `up`, `degraded`, `unknown` or `down`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Unknown => "unknown",
            Self::Down => "down",
        }
    }

    /// Says whether an instance in this state may be sent requests: Up and Degraded may.
    pub const fn is_serving(self) -> bool {
        matches!(self, Self::Up | Self::Degraded)
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Up => "Up",
            Self::Degraded => "Degraded",
            Self::Unknown => "Unknown",
            Self::Down => "Down",
        })
    }
}

/// A change of a health check's state, as listeners are told it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Transition {
    /// The check.
    pub check: Arc<Check>,
    /// What it was.
    pub from: Health,
    /// What it is.
    pub to: Health,
    /// Why it changed, in words.
    pub why: String,
    /// When.
    pub at: SystemTime,
    /// How many changes this one stands for: more than one where a listener was
    /// [spared](crate::EngineBuilder::notify_at_most_every) those in between.
    pub changes: u64,
    /// The maintenance that the check is in, if it is: nobody needs to be woken for it.
    pub maintenance: Option<Maintenance>,
}

/// Folds the outcomes of one health check into its state.
///
/// The state gets worse when the last `fail_after` outcomes were all worse than it, and goes to the
/// mildest of them; it gets better when the last `recover_after` were all better, and goes to the
/// gravest of them. A skipped run says nothing and changes nothing.
#[derive(Clone, Debug)]
pub(crate) struct Fold {
    health: Health,
    streaks: Streaks,
}

/// How many outcomes in a row, up to the last one, were at least this bad or at most that bad.
#[derive(Clone, Debug, Default)]
struct Streaks {
    degraded_or_worse: u32,
    down: u32,
    up: u32,
    degraded_or_better: u32,
}

impl Fold {
    /// Nothing has run: Unknown.
    pub(crate) fn new() -> Self {
        Self {
            health: Health::Unknown,
            streaks: Streaks::default(),
        }
    }

    pub(crate) fn health(&self) -> Health {
        self.health
    }

    pub(crate) fn push(&mut self, outcome: &Outcome, options: &HealthOptions) {
        if let Some(level) = level(outcome, options.critical) {
            self.streaks.push(level);
            self.health = self.streaks.fold(self.health, options);
        }
    }
}

impl Streaks {
    fn push(&mut self, level: Health) {
        let extend = |streak: &mut u32, holds: bool| {
            *streak = if holds { streak.saturating_add(1) } else { 0 };
        };
        extend(&mut self.degraded_or_worse, level >= Health::Degraded);
        extend(&mut self.down, level >= Health::Down);
        extend(&mut self.up, level <= Health::Up);
        extend(&mut self.degraded_or_better, level <= Health::Degraded);
    }

    fn fold(&self, health: Health, options: &HealthOptions) -> Health {
        let worse = [
            (Health::Down, self.down),
            (Health::Degraded, self.degraded_or_worse),
        ];
        let better = [
            (Health::Up, self.up),
            (Health::Degraded, self.degraded_or_better),
        ];
        let reached = |streaks: [(Health, u32); 2], threshold: u32| {
            let long_enough = streaks.into_iter().find(|(_, length)| *length >= threshold);
            long_enough.map(|(level, _)| level)
        };
        match reached(worse, options.fail_after) {
            Some(level) if level > health => return level,
            _ => {}
        }
        match reached(better, options.recover_after) {
            Some(level) if level < health => level,
            _ => health,
        }
    }
}

/// The state that one outcome speaks for; `None` if it says nothing.
fn level(outcome: &Outcome, critical: bool) -> Option<Health> {
    match outcome {
        Outcome::Pass => Some(Health::Up),
        Outcome::Fail(_) if critical => Some(Health::Down),
        Outcome::Warn(_) | Outcome::Fail(_) => Some(Health::Degraded),
        Outcome::Skip(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition, taken literally: look at the whole list each time.
    fn fold_slowly(levels: &[Health], options: &HealthOptions) -> Health {
        let mut health = Health::Unknown;
        for end in 1..=levels.len() {
            let last = |count: u32| {
                let count = count as usize;
                (count <= end).then(|| &levels[end - count..end])
            };
            let worse = last(options.fail_after).and_then(|last| last.iter().min());
            let better = last(options.recover_after).and_then(|last| last.iter().max());
            if let Some(mildest) = worse.filter(|mildest| **mildest > health) {
                health = *mildest;
            } else if let Some(gravest) = better.filter(|gravest| **gravest < health) {
                health = *gravest;
            }
        }
        health
    }

    fn outcomes() -> impl Strategy<Value = Vec<Outcome>> {
        let outcome = prop_oneof![
            3 => Just(Outcome::Pass),
            1 => Just(Outcome::warn("slow")),
            2 => Just(Outcome::fail("broken")),
            1 => Just(Outcome::skip("not now")),
        ];
        prop::collection::vec(outcome, 0..40)
    }

    proptest! {
        #[test]
        fn the_fold_is_its_definition(
            outcomes in outcomes(),
            fail_after in 1..5_u32,
            recover_after in 1..5_u32,
            critical: bool,
        ) {
            let options = HealthOptions {
                fail_after, recover_after, critical, ..HealthOptions::DEFAULT
            };
            let mut fold = Fold::new();
            for outcome in &outcomes {
                fold.push(outcome, &options);
            }
            let levels: Vec<_> =
                outcomes.iter().filter_map(|outcome| level(outcome, critical)).collect();
            prop_assert_eq!(fold.health(), fold_slowly(&levels, &options));
        }

        #[test]
        fn nothing_but_an_outcome_that_is_not_a_failure_makes_it_serve(
            outcomes in outcomes(), fail_after in 1..5_u32,
        ) {
            let options = HealthOptions { fail_after, ..HealthOptions::DEFAULT };
            let mut fold = Fold::new();
            for outcome in outcomes.iter().filter(|outcome| {
                matches!(outcome, Outcome::Fail(_) | Outcome::Skip(_))
            }) {
                fold.push(outcome, &options);
            }
            prop_assert!(!fold.health().is_serving());
        }

        #[test]
        fn pitfall_02_a_check_that_is_not_critical_is_never_down(outcomes in outcomes()) {
            let options = HealthOptions { critical: false, ..HealthOptions::DEFAULT };
            let mut fold = Fold::new();
            for outcome in &outcomes {
                fold.push(outcome, &options);
                prop_assert_ne!(fold.health(), Health::Down);
            }
        }
    }
}
