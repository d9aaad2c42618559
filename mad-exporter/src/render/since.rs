//! Since when a check is not well.

use std::fmt;
use std::time::SystemTime;

use mad_core::{Health, OutcomeKind, Record};

use super::timestamp::plain;

/// Since when its runs have not passed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Since {
    pub(crate) at: SystemTime,
    /// Whether what is remembered does not reach back far enough.
    pub(crate) is_at_least: bool,
}

impl Since {
    /// Finds the start of the runs in a row, up to the last one, that did not pass.
    pub(crate) fn of(health: Health, record: &Record) -> Option<Self> {
        if health == Health::Up {
            return None;
        }
        let is_bad = |kind| matches!(kind, OutcomeKind::Warn | OutcomeKind::Fail);
        let runs = record.history.iter().rev();
        let bad: Vec<_> = runs.take_while(|run| is_bad(run.outcome.kind())).collect();
        let first = bad.last()?;
        Some(Self {
            at: first.started_at,
            is_at_least: bad.len() == mad_core::HISTORY_LENGTH,
        })
    }
}

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.is_at_least { "before" } else { "since" };
        write!(f, "{word} {}", plain(self.at))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mad_core::{Outcome, PastRun};

    use super::*;

    fn record(outcomes: &[Outcome]) -> Record {
        let run = |(second, outcome): (u64, &Outcome)| PastRun {
            started_at: SystemTime::UNIX_EPOCH + Duration::from_secs(second),
            duration: Duration::ZERO,
            outcome: outcome.clone(),
        };
        Record {
            history: (0..).zip(outcomes).map(run).collect(),
            ..Record::default()
        }
    }

    #[test]
    fn it_has_failed_since_the_first_failure_in_a_row() {
        let fail = Outcome::fail("down");
        let record = record(&[fail.clone(), Outcome::Pass, fail.clone(), fail]);
        let since = Since::of(Health::Down, &record).expect("it fails");
        assert_eq!(since.to_string(), "since 1970-01-01 00:00:02 UTC");
    }

    #[test]
    fn what_has_always_failed_has_done_so_at_least_since() {
        let record = record(&vec![Outcome::fail("down"); mad_core::HISTORY_LENGTH]);
        let since = Since::of(Health::Down, &record).expect("it fails");
        assert_eq!(since.to_string(), "before 1970-01-01 00:00:00 UTC");
    }

    #[test]
    fn what_is_up_has_failed_since_never() {
        assert!(Since::of(Health::Up, &record(&[Outcome::fail("once")])).is_none());
    }
}
