//! What is known of one check, and when it is too old to be known.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::check::Check;
use crate::health::{Fold, Health};
use crate::outcome::Outcome;
use crate::record::Record;
use crate::report::Report;

/// What is known of one check.
#[derive(Debug)]
pub(crate) struct State {
    fold: Fold,
    /// When the last result that counts came, by the monotonic clock.
    pub(super) result_at: Option<Instant>,
    /// When the run that is over its deadline started.
    pub(crate) stuck_since: Option<SystemTime>,
    announced: Health,
    /// Whether some snapshot had no result, or one that was too old: who saw that is told of the next
    /// one, whatever the control thread, whose clock was read at another moment, makes of it.
    pub(super) was_shown_as_too_old: bool,
    pub(crate) record: Arc<Record>,
}

impl State {
    pub(super) fn new(record: Arc<Record>) -> Self {
        Self {
            fold: Fold::new(),
            result_at: None,
            stuck_since: None,
            announced: Health::Unknown,
            was_shown_as_too_old: false,
            record,
        }
    }

    /// The folded health, or Unknown if the result is too old or there is none.
    pub(crate) fn health(&self, check: &Check, now: Instant) -> Health {
        if self.is_current(check, now) {
            self.fold.health()
        } else {
            Health::Unknown
        }
    }

    /// Returns the health and the age of the last result for a snapshot.
    pub(super) fn show(&mut self, check: &Check, now: Instant) -> (Health, Option<Duration>) {
        let age = self.age(now);
        let is_current = is_current(check, age);
        self.was_shown_as_too_old |= !is_current;
        let health = if is_current {
            self.fold.health()
        } else {
            Health::Unknown
        };
        (health, age)
    }

    fn is_current(&self, check: &Check, now: Instant) -> bool {
        is_current(check, self.age(now))
    }

    fn age(&self, now: Instant) -> Option<Duration> {
        let result_at = self.result_at?;
        Some(now.saturating_duration_since(result_at))
    }

    /// Takes in the report of a run.
    pub(crate) fn record(&mut self, check: &Check, report: Arc<Report>, now: Instant) {
        self.count(check, &report.outcome, now);
        Arc::make_mut(&mut self.record).push(report);
    }

    /// Counts an outcome towards the health, without a run: a check that is due while its last run
    /// hangs has failed once more.
    pub(crate) fn count(&mut self, check: &Check, outcome: &Outcome, now: Instant) {
        if matches!(outcome, Outcome::Skip(_)) {
            return;
        }
        if !self.is_current(check, now) {
            // The streaks before a gap are not "in a row" with what comes after it.
            self.fold = Fold::new();
        }
        if let Some(options) = check.health_options() {
            self.fold.push(outcome, options);
        }
        self.result_at = Some(now);
    }

    /// Notices a change of health since it was last asked; each change is told once.
    pub(super) fn announce(&mut self, check: &Check, now: Instant) -> Option<(Health, Health)> {
        check.health_options()?;
        let (from, to) = (self.announced, self.health(check, now));
        if from == to {
            return None;
        }
        self.announced = to;
        Arc::make_mut(&mut self.record).transitions += 1;
        Some((from, to))
    }
}

/// Says whether a result of this age still counts.
fn is_current(check: &Check, age: Option<Duration>) -> bool {
    let max_age = check.max_age().unwrap_or(Duration::MAX);
    age.is_some_and(|age| age <= max_age)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::HealthOptions;

    fn check() -> Check {
        let options = HealthOptions {
            fail_after: 3,
            max_age: Some(Duration::from_mins(1)),
            ..HealthOptions::DEFAULT
        };
        Check::health_check("database", options, |_| true)
    }

    fn report(outcome: Outcome) -> Arc<Report> {
        Arc::new(Report::without_run(outcome, SystemTime::UNIX_EPOCH))
    }

    #[test]
    fn a_result_past_its_age_is_unknown_and_the_change_is_told_once() {
        let (check, start) = (check(), Instant::now());
        let mut state = State::new(Arc::default());
        state.record(&check, report(Outcome::Pass), start);
        assert_eq!(
            state.announce(&check, start),
            Some((Health::Unknown, Health::Up))
        );

        let later = start + Duration::from_secs(61);
        assert_eq!(
            state.health(&check, start + Duration::from_mins(1)),
            Health::Up
        );
        assert_eq!(state.health(&check, later), Health::Unknown);
        assert_eq!(
            state.announce(&check, later),
            Some((Health::Up, Health::Unknown))
        );
        assert_eq!(state.announce(&check, later), None);
    }

    #[test]
    fn a_failure_after_a_gap_does_not_bring_the_green_from_before_it_back() {
        let (check, start) = (check(), Instant::now());
        let mut state = State::new(Arc::default());
        state.record(&check, report(Outcome::Pass), start);
        let later = start + Duration::from_mins(10);
        state.record(&check, report(Outcome::fail("down")), later);
        assert_eq!(state.health(&check, later), Health::Unknown);
    }

    #[test]
    fn a_skipped_run_does_not_make_a_result_younger() {
        let (check, start) = (check(), Instant::now());
        let mut state = State::new(Arc::default());
        state.record(&check, report(Outcome::Pass), start);
        let later = start + Duration::from_secs(61);
        state.record(&check, report(Outcome::skip("not now")), later);
        assert_eq!(state.health(&check, later), Health::Unknown);
    }
}
