//! What is known of every check at this moment.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::check::{Check, Kind, Text};
use crate::health::{Fold, Health};
use crate::lifecycle::{Lifecycle, LifecycleCell};
use crate::maintenance::Maintenances;
use crate::outcome::Outcome;
use crate::record::Record;
use crate::report::Report;
use crate::snapshot::{HealthSnapshot, RuntimeSnapshot, SelfTestSnapshot, Snapshot};
use crate::sync::{Mutex, RwLock};

#[cfg(all(test, mad_loom))]
mod interleavings;
#[cfg(test)]
mod slowly;

/// What is known of every check: written by the control thread, read by anybody at any time.
///
/// Each state has a lock of its own, held for a few assignments or the clone of an `Arc`; that of the
/// list is written when a check comes or goes. Whether a result is too old is decided by the reader's
/// clock, so a control thread that died leaves nothing green behind.
#[derive(Debug)]
pub(crate) struct Board {
    pub(crate) lifecycle: LifecycleCell,
    pub(crate) maintenances: Maintenances,
    entries: RwLock<Entries>,
}

/// The checks: each has a place of its own, for as long as it is known or runs.
#[derive(Debug, Default)]
struct Entries {
    places: Vec<Option<Arc<Entry>>>,
    /// The places of those that are registered, by name.
    registered: BTreeMap<Text, usize>,
    /// What is remembered of a check that has not run; it gets a copy of its own with the first run.
    without_runs: Arc<Record>,
    free: Vec<usize>,
}

#[derive(Debug)]
struct Entry {
    check: Arc<Check>,
    registered_at: Instant,
    state: Mutex<State>,
}

/// A change of a check's health.
#[derive(Debug)]
pub(crate) struct Changed {
    pub(crate) check: Arc<Check>,
    pub(crate) from: Health,
    pub(crate) to: Health,
    pub(crate) record: Arc<Record>,
}

impl Entries {
    fn add(&mut self, check: Arc<Check>, now: Instant) -> usize {
        let index = self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            self.places.len() - 1
        });
        self.registered.insert(check.name_text(), index);
        self.places[index] = Some(Arc::new(Entry {
            check,
            registered_at: now,
            state: Mutex::new(State::new(Arc::clone(&self.without_runs))),
        }));
        index
    }

    fn registered(&self) -> impl Iterator<Item = &Arc<Entry>> {
        let places = self.registered.values();
        places.filter_map(|index| self.places[*index].as_ref())
    }
}

impl Board {
    pub(crate) fn new(checks: Vec<Arc<Check>>, maintenances: Maintenances, now: Instant) -> Self {
        let mut entries = Entries::default();
        for check in checks {
            entries.add(check, now);
        }
        Self {
            lifecycle: LifecycleCell::new(),
            maintenances,
            entries: RwLock::new(entries),
        }
    }

    /// Adds a check, if its name is free; returns its place.
    pub(crate) fn add(&self, check: Arc<Check>, now: Instant) -> Option<usize> {
        let mut entries = self.entries.write();
        let is_known = entries.registered.contains_key(check.name());
        (!is_known).then(|| entries.add(check, now))
    }

    /// Takes a check out, so that nobody sees it any more; returns its place, which stays taken until
    /// it is freed.
    pub(crate) fn remove(&self, name: &str) -> Option<usize> {
        self.entries.write().registered.remove(name)
    }

    /// Gives a place away that no run needs any more.
    pub(crate) fn free(&self, index: usize) {
        let mut entries = self.entries.write();
        if entries.places[index].take().is_some() {
            entries.free.push(index);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.read().registered.len()
    }

    pub(crate) fn indices(&self) -> Vec<usize> {
        self.entries.read().registered.values().copied().collect()
    }

    /// Returns the check at this place, whether it is still registered or not.
    pub(crate) fn check(&self, index: usize) -> Option<Arc<Check>> {
        let entry = self.entry(index)?;
        Some(Arc::clone(&entry.check))
    }

    /// Says whether the check at this place was taken out.
    pub(crate) fn is_removed(&self, index: usize) -> bool {
        let entries = self.entries.read();
        let place = entries.places.get(index).and_then(Option::as_ref);
        place.is_none_or(|entry| entries.registered.get(entry.check.name()) != Some(&index))
    }

    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.entries.read().registered.get(name).copied()
    }

    pub(crate) fn checks(&self, kind: Kind) -> Vec<Arc<Check>> {
        let entries = self.entries.read();
        let checks = entries.registered().map(|entry| &entry.check);
        checks
            .filter(|check| check.kind() == kind)
            .cloned()
            .collect()
    }

    pub(crate) fn health(&self, index: usize, now: Instant) -> Health {
        let entry = self.entry(index);
        entry.map_or(Health::Unknown, |entry| entry.health(now))
    }

    /// Changes the state of one check; returns the change of its health, if it changed.
    pub(crate) fn update(
        &self,
        index: usize,
        now: Instant,
        change: impl FnOnce(&mut State, &Check),
    ) -> Option<Changed> {
        let entry = self.entry(index)?;
        let mut state = entry.state.lock();
        change(&mut state, &entry.check);
        let (from, to) = state.announce(&entry.check, now)?;
        Some(Changed {
            check: Arc::clone(&entry.check),
            from,
            to,
            record: Arc::clone(&state.record),
        })
    }

    /// Moves from starting to serving once every startup check has passed, or is in maintenance.
    pub(crate) fn come_up(&self, now: Instant) {
        if self.lifecycle.get() != Lifecycle::Starting {
            return;
        }
        let entries = self.entries.read();
        let is_in_maintenance = |check: &Check| self.maintenances.of(check.name(), now).is_some();
        let is_up = |entry: &Arc<Entry>| {
            !entry.is_startup() || entry.health(now).is_serving() || is_in_maintenance(&entry.check)
        };
        if entries.registered().all(is_up) {
            self.lifecycle
                .advance(&[Lifecycle::Starting], Lifecycle::Serving);
        }
    }

    fn entry(&self, index: usize) -> Option<Arc<Entry>> {
        self.entries.read().places.get(index)?.clone()
    }

    pub(crate) fn snapshot(
        &self,
        now: Instant,
        taken_at: SystemTime,
        runtimes: Vec<RuntimeSnapshot>,
    ) -> Snapshot {
        let mut health_checks = Vec::new();
        let mut self_tests = Vec::new();
        let entries = self.entries.read();
        for entry in entries.registered() {
            let state = entry.state.lock();
            let check = Arc::clone(&entry.check);
            let record = Arc::clone(&state.record);
            let maintenance = self.maintenances.of(check.name(), now);
            match check.kind() {
                Kind::HealthCheck => health_checks.push(HealthSnapshot {
                    health: state.health(&check, now),
                    age: state.age(now),
                    is_new: state.result_at.is_none() && entry.is_first_result_in_time(now),
                    stuck_since: state.stuck_since,
                    maintenance,
                    check,
                    record,
                }),
                Kind::SelfTest => self_tests.push(SelfTestSnapshot {
                    stuck_since: state.stuck_since,
                    maintenance,
                    check,
                    record,
                }),
            }
        }
        drop(entries);
        Snapshot {
            has_come_up: self.lifecycle.has_come_up(),
            // Read last: an instance that began to drain meanwhile is draining.
            lifecycle: self.lifecycle.get(),
            taken_at,
            health_checks,
            self_tests,
            runtimes,
        }
    }
}

impl Entry {
    fn health(&self, now: Instant) -> Health {
        self.state.lock().health(&self.check, now)
    }

    fn is_startup(&self) -> bool {
        let options = self.check.health_options();
        options.is_some_and(|options| options.probes.startup)
    }

    fn is_first_result_in_time(&self, now: Instant) -> bool {
        let known_for = now.saturating_duration_since(self.registered_at);
        let options = self.check.health_options();
        let initial_delay = options.map(|options| options.initial_delay);
        let allowed = self.check.max_age().zip(initial_delay);
        allowed.is_some_and(|(max_age, delay)| known_for <= max_age.saturating_add(delay))
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
    fn new(record: Arc<Record>) -> Self {
        Self {
            fold: Fold::new(),
            result_at: None,
            stuck_since: None,
            announced: Health::Unknown,
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
