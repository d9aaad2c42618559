//! What is known of every check at this moment.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use parking_lot::Mutex;

use crate::check::{Check, Kind};
use crate::health::{Fold, Health};
use crate::lifecycle::{Lifecycle, LifecycleCell};
use crate::outcome::Outcome;
use crate::record::Record;
use crate::report::Report;
use crate::snapshot::{HealthSnapshot, SelfTestSnapshot, Snapshot};

/// What is known of every check: written by the control thread, read by anybody at any time.
///
/// Each state has a lock of its own, held for a few assignments or the clone of an `Arc`. Whether a
/// result is too old is decided by the reader's clock, so a control thread that died leaves nothing
/// green behind.
#[derive(Debug)]
pub(crate) struct Board {
    pub(crate) lifecycle: LifecycleCell,
    started: Instant,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    check: Arc<Check>,
    state: Mutex<State>,
}

impl Board {
    pub(crate) fn new(checks: Vec<Arc<Check>>, started: Instant) -> Self {
        let entry = |check| Entry {
            check,
            state: Mutex::new(State::new()),
        };
        Self {
            lifecycle: LifecycleCell::new(),
            started,
            entries: checks.into_iter().map(entry).collect(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn check(&self, index: usize) -> &Arc<Check> {
        &self.entries[index].check
    }

    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.entries
            .binary_search_by(|entry| entry.check.name().cmp(name))
            .ok()
    }

    pub(crate) fn checks(&self, kind: Kind) -> Vec<Arc<Check>> {
        let checks = self.entries.iter().map(|entry| &entry.check);
        checks
            .filter(|check| check.kind() == kind)
            .cloned()
            .collect()
    }

    pub(crate) fn health(&self, index: usize, now: Instant) -> Health {
        let entry = &self.entries[index];
        entry.state.lock().health(&entry.check, now)
    }

    pub(crate) fn record(&self, index: usize) -> Arc<Record> {
        Arc::clone(&self.entries[index].state.lock().record)
    }

    /// Changes the state of one check; returns the change of its health, if it changed.
    pub(crate) fn update(
        &self,
        index: usize,
        now: Instant,
        change: impl FnOnce(&mut State, &Check),
    ) -> Option<(Health, Health)> {
        let entry = &self.entries[index];
        let mut state = entry.state.lock();
        change(&mut state, &entry.check);
        state.announce(&entry.check, now)
    }

    /// Moves from starting to serving once every startup check has passed.
    pub(crate) fn come_up(&self, now: Instant) {
        let is_startup = |check: &Check| {
            let options = check.health_options();
            options.is_some_and(|options| options.probes.startup)
        };
        let is_up = self.entries.iter().all(|entry| {
            !is_startup(&entry.check) || entry.state.lock().health(&entry.check, now).is_serving()
        });
        if is_up {
            self.lifecycle
                .advance(&[Lifecycle::Starting], Lifecycle::Serving);
        }
    }

    fn is_first_result_in_time(&self, check: &Check, now: Instant) -> bool {
        let since_start = now.saturating_duration_since(self.started);
        let initial_delay = check.health_options().map(|options| options.initial_delay);
        let allowed = check.max_age().zip(initial_delay);
        allowed.is_some_and(|(max_age, delay)| since_start <= max_age.saturating_add(delay))
    }

    pub(crate) fn snapshot(&self, now: Instant, taken_at: SystemTime) -> Snapshot {
        let mut health_checks = Vec::new();
        let mut self_tests = Vec::new();
        for Entry { check, state } in &self.entries {
            let state = state.lock();
            let check = Arc::clone(check);
            let record = Arc::clone(&state.record);
            match check.kind() {
                Kind::HealthCheck => health_checks.push(HealthSnapshot {
                    health: state.health(&check, now),
                    age: state.age(now),
                    is_new: state.result_at.is_none() && self.is_first_result_in_time(&check, now),
                    stuck_since: state.stuck_since,
                    check,
                    record,
                }),
                Kind::SelfTest => self_tests.push(SelfTestSnapshot {
                    stuck_since: state.stuck_since,
                    check,
                    record,
                }),
            }
        }
        Snapshot {
            has_come_up: self.lifecycle.has_come_up(),
            // Read last: an instance that began to drain meanwhile is draining.
            lifecycle: self.lifecycle.get(),
            taken_at,
            health_checks,
            self_tests,
        }
    }
}

/// What is known of one check.
#[derive(Debug)]
pub(crate) struct State {
    fold: Fold,
    /// When the last result that counts came, by the monotonic clock.
    result_at: Option<Instant>,
    /// When the run that is over its deadline started.
    pub(crate) stuck_since: Option<SystemTime>,
    announced: Health,
    pub(crate) record: Arc<Record>,
}

impl State {
    fn new() -> Self {
        Self {
            fold: Fold::new(),
            result_at: None,
            stuck_since: None,
            announced: Health::Unknown,
            record: Arc::default(),
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

    fn is_current(&self, check: &Check, now: Instant) -> bool {
        let max_age = check.max_age().unwrap_or(Duration::MAX);
        self.age(now).is_some_and(|age| age <= max_age)
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
    fn announce(&mut self, check: &Check, now: Instant) -> Option<(Health, Health)> {
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
        let mut state = State::new();
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
        let mut state = State::new();
        state.record(&check, report(Outcome::Pass), start);
        let later = start + Duration::from_mins(10);
        state.record(&check, report(Outcome::fail("down")), later);
        assert_eq!(state.health(&check, later), Health::Unknown);
    }

    #[test]
    fn a_skipped_run_does_not_make_a_result_younger() {
        let (check, start) = (check(), Instant::now());
        let mut state = State::new();
        state.record(&check, report(Outcome::Pass), start);
        let later = start + Duration::from_secs(61);
        state.record(&check, report(Outcome::skip("not now")), later);
        assert_eq!(state.health(&check, later), Health::Unknown);
    }
}
