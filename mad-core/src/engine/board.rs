//! What is known of every check at this moment.

use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::watch;

use crate::check::{Check, Kind, Text};
use crate::clock::Moment;
use crate::health::Health;
use crate::lifecycle::{Lifecycle, LifecycleCell};
use crate::maintenance::{Maintenance, MaintenanceError, MaintenanceList, Maintenances};
use crate::record::Record;
use crate::snapshot::{HealthSnapshot, RuntimeSnapshot, SelfTestSnapshot, Snapshot};
use crate::sync::{Mutex, RwLock};

use writes::{Mark, Writes};

pub(crate) use state::State;

#[cfg(all(test, mad_loom))]
mod interleavings;
#[cfg(test)]
mod slowly;
#[cfg(test)]
mod standing;
mod state;
mod writes;

/// What is known of every check: written by the control thread, read by anybody at any time.
///
/// Each state has a lock of its own, held for a few assignments or the clone of an `Arc`; that of the
/// list is written when a check comes or goes. Whether a result is too old is decided by the reader's
/// clock, so a control thread that died leaves nothing green behind.
#[derive(Debug)]
pub(crate) struct Board {
    lifecycle: LifecycleCell,
    maintenances: Maintenances,
    entries: RwLock<Entries>,
    /// Counted on after each change of what a snapshot says, for those who follow it.
    changes: watch::Sender<u64>,
    /// Begun before anything changes of what a snapshot says, and ended after it.
    writes: Writes,
}

/// A moment, and until when time alone changes nothing of what a snapshot said of it.
#[derive(Clone, Debug)]
pub(crate) struct Marked {
    mark: Mark,
    until: Option<Instant>,
}

/// The shortest time after a moment that still counts as that moment.
const INSTANTLY_AFTER: Duration = Duration::from_nanos(1);

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
            changes: watch::Sender::new(0),
            writes: Writes::new(),
        }
    }

    /// Returns a receiver that is told of every change but those which time alone makes: when the next
    /// one of those comes is what [`next_change_after`](Self::next_change_after) says.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn tell(&self) {
        self.changes
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    pub(crate) fn lifecycle(&self) -> Lifecycle {
        self.lifecycle.get()
    }

    /// Moves on to `next` if the instance stands at one of `from`.
    pub(crate) fn advance(&self, from: &[Lifecycle], next: Lifecycle) {
        let writing = self.writes.begin();
        self.lifecycle.advance(from, next);
        drop(writing);
        self.tell();
    }

    /// Takes draining back.
    pub(crate) fn resume(&self, now: Instant) {
        let writing = self.writes.begin();
        self.lifecycle.resume();
        drop(writing);
        self.tell();
        self.come_up(now);
    }

    pub(crate) fn start_maintenance(
        &self,
        check: Option<&str>,
        reason: &str,
        time: Duration,
        now: Moment,
    ) -> Result<Maintenance, MaintenanceError> {
        let writing = self.writes.begin();
        let started = self.maintenances.start(check, reason, time, now)?;
        drop(writing);
        self.tell();
        self.come_up(now.instant);
        Ok(started)
    }

    pub(crate) fn end_maintenance(
        &self,
        check: Option<&str>,
        now: Instant,
    ) -> Result<bool, MaintenanceError> {
        let writing = self.writes.begin();
        let is_ended = self.maintenances.end(check, now)?;
        drop(writing);
        self.tell();
        Ok(is_ended)
    }

    pub(crate) fn maintenance(&self, check: &str, now: Instant) -> Option<Maintenance> {
        self.maintenances.of(check, now)
    }

    pub(crate) fn all_maintenance(&self, now: Instant) -> MaintenanceList {
        self.maintenances.list(now)
    }

    /// Adds a check, if its name is free; returns its place.
    pub(crate) fn add(&self, check: Arc<Check>, now: Instant) -> Option<usize> {
        let writing = self.writes.begin();
        let mut entries = self.entries.write();
        if entries.registered.contains_key(check.name()) {
            return None;
        }
        let index = entries.add(check, now);
        drop(entries);
        drop(writing);
        self.tell();
        Some(index)
    }

    /// Takes a check out, so that nobody sees it any more; returns its place, which stays taken until
    /// it is freed.
    pub(crate) fn remove(&self, name: &str) -> Option<usize> {
        let writing = self.writes.begin();
        let index = self.entries.write().registered.remove(name)?;
        drop(writing);
        self.tell();
        Some(index)
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
        let writing = self.writes.begin();
        let mut state = entry.state.lock();
        change(&mut state, &entry.check);
        let announced = state.announce(&entry.check, now);
        let record = Arc::clone(&state.record);
        let was_shown_as_too_old = mem::take(&mut state.was_shown_as_too_old);
        drop(state);
        drop(writing);
        if announced.is_some() || was_shown_as_too_old {
            self.tell();
        }
        let (from, to) = announced?;
        Some(Changed {
            check: Arc::clone(&entry.check),
            from,
            to,
            record,
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
            self.advance(&[Lifecycle::Starting], Lifecycle::Serving);
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
        let entries = self.entries.read();
        let maintenances = self.maintenances.at(now);
        let mut health_checks = Vec::with_capacity(entries.registered.len());
        let mut self_tests = Vec::new();
        for entry in entries.registered() {
            let mut state = entry.state.lock();
            let check = Arc::clone(&entry.check);
            let (health, age) = state.show(&check, now);
            let record = Arc::clone(&state.record);
            let maintenance = maintenances.of(check.name());
            match check.kind() {
                Kind::HealthCheck => health_checks.push(HealthSnapshot {
                    health,
                    age,
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
        drop(maintenances);
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

    /// Returns when a snapshot will next say something else for no other reason than that time has
    /// passed: a result gets too old, a first one is overdue, a maintenance ends.
    pub(crate) fn next_change_after(&self, since: Instant) -> Option<Instant> {
        let entries = self.entries.read();
        let turns = entries.registered().filter_map(|entry| entry.expires_at());
        let turns = turns.filter(|at| *at > since);
        turns.chain(self.maintenances.next_end_after(since)).min()
    }

    /// Marks a moment, unless something is being written: what is seen of the board from here on stands as long as
    /// [`stands`](Self::stands) says so.
    pub(crate) fn mark(&self, now: Instant) -> Option<Marked> {
        let mark = self.writes.mark()?;
        // Were it another one by now, something was written since.
        let until = self.next_change_after(now);
        Some(Marked { mark, until })
    }

    /// Says whether a snapshot would say the same as one that was taken after the mark was made.
    pub(crate) fn stands(&self, marked: &Marked, now: Instant) -> bool {
        let is_in_time = marked.until.is_none_or(|until| now < until);
        is_in_time && self.writes.are_none_since(marked.mark)
    }
}

impl Entry {
    /// Returns when the last result is too old, or the first one overdue, unless there is another.
    fn expires_at(&self) -> Option<Instant> {
        let max_age = self.check.max_age()?;
        let result_at = self.state.lock().result_at;
        let last = match result_at {
            Some(at) => at.checked_add(max_age)?,
            None => self
                .registered_at
                .checked_add(self.time_for_first_result()?)?,
        };
        last.checked_add(INSTANTLY_AFTER)
    }

    fn health(&self, now: Instant) -> Health {
        self.state.lock().health(&self.check, now)
    }

    fn is_startup(&self) -> bool {
        let options = self.check.health_options();
        options.is_some_and(|options| options.probes.startup)
    }

    fn is_first_result_in_time(&self, now: Instant) -> bool {
        let known_for = now.saturating_duration_since(self.registered_at);
        let allowed = self.time_for_first_result();
        allowed.is_some_and(|allowed| known_for <= allowed)
    }

    fn time_for_first_result(&self) -> Option<Duration> {
        let delay = self.check.health_options()?.initial_delay;
        Some(self.check.max_age()?.saturating_add(delay))
    }
}
