//! The control thread: decides what runs when, and judges what is late.

mod self_tests;

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant, SystemTime};

use super::board::Board;
use super::listeners::Listeners;
use super::pool::Pool;
use super::schedule::{self, Spread};
use super::timers::{Timer, Timers};
use crate::check::{Check, Kind};
use crate::health::{Health, Transition};
use crate::journal::Journal;
use crate::once;
use crate::outcome::{Cause, Failure, Outcome};
use crate::report::Report;
use crate::run;
use crate::runtime::Runtime;
use crate::self_test::{Progress, SelfTestRuns};
use crate::supply::Supply;

/// How many stuck runs may hold a thread beyond the cap on runs at once.
const MAX_STUCK: usize = 32;

/// The longest that a stop waits. It is more than anybody has, and less than overflows a clock.
const LONGEST_GRACE: Duration = Duration::from_hours(24);

/// What the control thread is told.
#[derive(Debug)]
pub(crate) enum Message {
    /// A run has begun on its thread.
    Began { index: usize, journal: Arc<Journal> },
    /// A run has ended.
    Ended { index: usize, report: Report },
    /// Somebody asked for self-tests.
    Triggered,
    /// Somebody cancelled a run of self-tests.
    Cancelled,
    /// Stop: start nothing more, and wait this long for what runs.
    Stop { grace: Duration },
}

/// What the control thread needs to start with.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) board: Arc<Board>,
    pub(crate) runs: Arc<SelfTestRuns>,
    pub(crate) supply: Arc<Supply>,
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) listeners: Listeners,
    pub(crate) max_runs_at_once: usize,
    pub(crate) inbox: Receiver<Message>,
    pub(crate) outbox: Sender<Message>,
}

/// The one owner of the schedule and of what is in flight.
///
/// Runs happen on the pool's threads and tell it by messages; it runs no user code, holds no lock
/// while it decides, and writes what it learns to the board.
#[derive(Debug)]
pub(crate) struct Control {
    plan: Plan,
    pool: Pool,
    timers: Timers,
    spread: Spread,
    slots: Vec<Slot>,
    /// Checks whose turn has come and that wait for a thread, in order.
    waiting: VecDeque<usize>,
    stop_at: Option<Instant>,
}

/// What the control thread knows of one check.
#[derive(Debug, Default)]
struct Slot {
    /// Whether its turns have been spread over the interval; the first one is at once.
    is_spread: bool,
    /// Its run, from the moment it is handed out until it has really ended.
    flight: Option<Flight>,
    /// The failed attempts of a self-test that is being retried.
    attempts: Vec<Report>,
}

/// How far a run has come.
#[derive(Debug)]
enum Flight {
    /// It waits for a thread.
    Waiting,
    /// It has a thread; the journal is there once it has begun.
    Running(Option<Arc<Journal>>),
    /// It was judged at its deadline and has not ended since.
    Stuck,
}

impl Control {
    pub(crate) fn new(plan: Plan) -> Self {
        let slots = (0..plan.board.len()).map(|_| Slot::default()).collect();
        Self {
            plan,
            pool: Pool::default(),
            timers: Timers::default(),
            spread: Spread::new(),
            slots,
            waiting: VecDeque::new(),
            stop_at: None,
        }
    }

    /// Works until it is told to stop.
    pub(crate) fn work(mut self) {
        self.plan_first_runs(Instant::now());
        while !self.is_over(Instant::now()) {
            self.handle_timers();
            self.start_waiting();
            match self.wait() {
                Ok(message) => self.handle(message),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            while let Ok(message) = self.plan.inbox.try_recv() {
                self.handle(message);
            }
        }
        self.pool.close();
    }

    fn is_over(&self, now: Instant) -> bool {
        let is_running = |slot: &Slot| matches!(slot.flight, Some(Flight::Running(_)));
        self.stop_at
            .is_some_and(|at| now >= at || !self.slots.iter().any(is_running))
    }

    fn wait(&self) -> Result<Message, RecvTimeoutError> {
        let next = [self.timers.next_at(), self.stop_at]
            .into_iter()
            .flatten()
            .min();
        match next {
            Some(at) => {
                let left = at.saturating_duration_since(Instant::now());
                self.plan.inbox.recv_timeout(left)
            }
            None => self
                .plan
                .inbox
                .recv()
                .map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    fn handle(&mut self, message: Message) {
        match message {
            Message::Began { index, journal } => self.began(index, journal),
            Message::Ended { index, report } => self.ended(index, report),
            Message::Triggered => self.continue_self_tests(),
            Message::Cancelled => self.withdraw_cancelled(),
            Message::Stop { grace } => {
                self.waiting.clear();
                let stop_at = Instant::now() + grace.min(LONGEST_GRACE);
                self.stop_at = Some(self.stop_at.map_or(stop_at, |before| before.min(stop_at)));
            }
        }
    }

    fn handle_timers(&mut self) {
        // One moment for all of them, so that what they set anew is for the next time.
        let now = Instant::now();
        while let Some((at, timer)) = self.timers.pop(now) {
            match timer {
                Timer::Due { index } => self.due(index, at, now),
                Timer::Deadline { index } => self.overdue(index),
                Timer::Stale { index } => self.change(index, |_, _| {}),
            }
        }
    }

    // Schedule.

    fn plan_first_runs(&mut self, now: Instant) {
        for index in 0..self.slots.len() {
            let check = self.plan.board.check(index);
            if let Some(options) = check.health_options() {
                self.timers
                    .set(Timer::Due { index }, now + options.initial_delay);
            } else if let Some(interval) = schedule::interval(check, Health::Unknown) {
                // A scheduled self-test is no hurry: it is spread from its first turn on.
                let part = self.spread.part(check, interval);
                self.slots[index].is_spread = true;
                self.timers.set(Timer::Due { index }, now + part);
            }
        }
    }

    /// A check's turn has come: plans the next turn and lets it run, unless its last run goes on.
    fn due(&mut self, index: usize, due: Instant, now: Instant) {
        if self.stop_at.is_some() {
            return;
        }
        let check = Arc::clone(self.plan.board.check(index));
        self.plan_next_turn(index, &check, due, now);
        if check.kind() == Kind::SelfTest {
            return self.trigger_scheduled(index, &check, now);
        }
        match self.slots[index].flight {
            Some(Flight::Stuck) => self.missed(index, &check),
            Some(Flight::Waiting | Flight::Running(_)) => {}
            None => match self.root_cause(&check, now) {
                Some(reason) => self.finish(index, skipped(&reason)),
                None => self.enqueue(index),
            },
        }
    }

    fn plan_next_turn(&mut self, index: usize, check: &Check, due: Instant, now: Instant) {
        let health = self.plan.board.health(index, now);
        let Some(interval) = schedule::interval(check, health) else {
            return;
        };
        let part = self.spread.part(check, interval);
        let was_spread = std::mem::replace(&mut self.slots[index].is_spread, true);
        let step = if was_spread { interval } else { part };
        let next = schedule::next_due(due, step, part, now);
        self.timers.set(Timer::Due { index }, next);
    }

    /// A turn came while the last run hangs: that is one more failure, though not one more run.
    fn missed(&mut self, index: usize, check: &Check) {
        let failure = Failure::new(Cause::TimedOut, "the last run has not ended");
        let outcome = Outcome::Fail(failure);
        let now = Instant::now();
        self.change(index, |state, check| state.count(check, &outcome, now));
        self.watch_age(index, check, now);
    }

    /// Names the health check, Down at this moment, that makes this one pointless: of those that it
    /// comes after, and of those that they come after, the one that all began with.
    fn root_cause(&self, check: &Check, now: Instant) -> Option<String> {
        let board = &self.plan.board;
        check.after().find_map(|name| {
            let index = board.position(name)?;
            let deeper = self.root_cause(board.check(index), now);
            let is_down = board.health(index, now) == Health::Down;
            deeper.or_else(|| is_down.then(|| format!("`{name}` is Down")))
        })
    }

    // Runs.

    fn enqueue(&mut self, index: usize) {
        let check = self.plan.board.check(index);
        if check.kind() == Kind::SelfTest {
            // Somebody waits for its report, so that waiting for a thread has a deadline, too. A
            // health check that gets none is Unknown when its last result is too old.
            let deadline = Instant::now() + check.timeout();
            self.timers.set(Timer::Deadline { index }, deadline);
        }
        self.slots[index].flight = Some(Flight::Waiting);
        self.waiting.push_back(index);
    }

    /// Hands out what waits, in order, as far as the cap and the serial groups allow.
    fn start_waiting(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let (mut running, mut groups) = self.in_flight();
        let mut turn = 0;
        while running < self.plan.max_runs_at_once && turn < self.waiting.len() {
            let index = self.waiting[turn];
            let group = self.plan.board.check(index).serial().map(str::to_owned);
            if group.as_ref().is_some_and(|group| groups.contains(group)) {
                turn += 1;
                continue;
            }
            self.waiting.remove(turn);
            if self.start(index) {
                running += 1;
                groups.extend(group);
            }
        }
    }

    /// Counts what holds a thread and collects the serial groups that are taken.
    ///
    /// So many stuck runs are not counted, or they would keep everything else from running; beyond
    /// that they are, or they would take every thread the system has.
    fn in_flight(&self) -> (usize, HashSet<String>) {
        let (mut running, mut stuck, mut groups) = (0, 0_usize, HashSet::new());
        for (index, slot) in self.slots.iter().enumerate() {
            match slot.flight {
                Some(Flight::Running(_)) => running += 1,
                Some(Flight::Stuck) => stuck += 1,
                Some(Flight::Waiting) | None => continue,
            }
            groups.extend(self.plan.board.check(index).serial().map(str::to_owned));
        }
        (running + stuck.saturating_sub(MAX_STUCK), groups)
    }

    /// Gives a run a thread. What cannot have one is over at once, which may let others wait.
    fn start(&mut self, index: usize) -> bool {
        self.slots[index].flight = Some(Flight::Running(None));
        let check = Arc::clone(self.plan.board.check(index));
        if let Err(skip) = once::begin(&check) {
            let report = Report::without_run(skip, SystemTime::now());
            self.ended(index, report);
            return false;
        }
        let supply = Arc::clone(&self.plan.supply);
        let runtime = Arc::clone(&self.plan.runtime);
        let outbox = self.plan.outbox.clone();
        let started = self.pool.run(move || {
            let journal = Journal::begin();
            // The control thread is gone when the engine has stopped: nobody wants to know then.
            _ = outbox.send(Message::Began {
                index,
                journal: Arc::clone(&journal),
            });
            let report = run::run(&check, &supply, &runtime, &journal);
            _ = outbox.send(Message::Ended { index, report });
        });
        if let Err(error) = started {
            let message = format!("no thread to run it on: {error}");
            let report = Report::without_run(Outcome::fail(message), SystemTime::now());
            self.ended(index, report);
            return false;
        }
        true
    }

    fn began(&mut self, index: usize, journal: Arc<Journal>) {
        let check = self.plan.board.check(index);
        let deadline = journal.started() + check.timeout() + run::grace(check);
        self.timers.set(Timer::Deadline { index }, deadline);
        self.slots[index].flight = Some(Flight::Running(Some(journal)));
    }

    /// A deadline has passed: judges the run that is still going on, or has not even begun.
    fn overdue(&mut self, index: usize) {
        let timeout = self.plan.board.check(index).timeout();
        match &self.slots[index].flight {
            Some(Flight::Waiting) => {
                let failure = Failure::new(Cause::TimedOut, self.why_waiting(index));
                let report = Report::without_run(Outcome::Fail(failure), SystemTime::now());
                self.withdraw(index, report);
            }
            Some(Flight::Running(Some(journal))) => {
                let report = journal.report(Outcome::Fail(run::overdue(timeout)));
                self.stuck(index, report);
            }
            _ => {}
        }
    }

    /// Files the verdict on a run that goes on. Its thread is left to it.
    fn stuck(&mut self, index: usize, report: Report) {
        let slot = &mut self.slots[index];
        slot.flight = Some(Flight::Stuck);
        let report = report.after_attempts(&std::mem::take(&mut slot.attempts));
        let started_at = report.started_at;
        self.change(index, |state, _| state.stuck_since = Some(started_at));
        self.finish(index, report);
    }

    /// Takes a run back that waits for a thread, and files this instead.
    fn withdraw(&mut self, index: usize, report: Report) {
        self.waiting.retain(|waiting| *waiting != index);
        self.timers.clear(Timer::Deadline { index });
        let slot = &mut self.slots[index];
        slot.flight = None;
        let report = report.after_attempts(&std::mem::take(&mut slot.attempts));
        self.finish(index, report);
    }

    /// Says what keeps a run from getting a thread.
    fn why_waiting(&self, index: usize) -> String {
        let board = &self.plan.board;
        let group = board.check(index).serial();
        let holds_group = |(other, slot): &(usize, &Slot)| {
            let has_thread = matches!(slot.flight, Some(Flight::Running(_) | Flight::Stuck));
            has_thread && group.is_some() && board.check(*other).serial() == group
        };
        let holder = self.slots.iter().enumerate().find(holds_group);
        match (group, holder) {
            (Some(group), Some((holder, _))) => {
                let holder = board.check(holder).name();
                format!("got no turn: its serial group `{group}` is held by `{holder}`")
            }
            _ => "got no turn: as many checks are running as may".to_owned(),
        }
    }

    /// A run has ended. One that was judged before only gives its thread back.
    fn ended(&mut self, index: usize, report: Report) {
        self.timers.clear(Timer::Deadline { index });
        if let Some(Flight::Stuck) = self.slots[index].flight.take() {
            self.change(index, |state, _| state.stuck_since = None);
            return;
        }
        match self.retried(index, report) {
            Some(report) => self.finish(index, report),
            None => self.enqueue(index),
        }
    }

    /// Takes in the report of a run that counts.
    fn finish(&mut self, index: usize, report: Report) {
        let check = Arc::clone(self.plan.board.check(index));
        let now = Instant::now();
        let before = self.plan.board.health(index, now);
        let report = Arc::new(report);
        let recorded = Arc::clone(&report);
        self.change(index, |state, check| state.record(check, recorded, now));
        match check.kind() {
            Kind::HealthCheck => {
                self.watch_age(index, &check, now);
                self.change_pace(index, &check, before, now);
                self.plan.board.come_up(now);
            }
            Kind::SelfTest => {
                if self.plan.runs.file(&check, Progress::Done(report)) {
                    self.continue_self_tests();
                }
            }
        }
    }

    /// Changes the state of a check and tells the listeners if its health changed.
    fn change(&mut self, index: usize, change: impl FnOnce(&mut super::board::State, &Check)) {
        let board = &self.plan.board;
        let Some((from, to)) = board.update(index, Instant::now(), change) else {
            return;
        };
        self.plan.listeners.tell(Transition {
            check: Arc::clone(board.check(index)),
            from,
            to,
            why: why(to, board.record(index).last.as_deref()),
            at: SystemTime::now(),
        });
    }

    fn watch_age(&mut self, index: usize, check: &Check, now: Instant) {
        if let Some(max_age) = check.max_age() {
            let just_past = now + max_age + Duration::from_millis(1);
            self.timers.set(Timer::Stale { index }, just_past);
        }
    }

    /// Plans the next turn anew when the health has changed, and with it the interval.
    ///
    /// What has recovered gets its part of the interval: after an outage many checks recover at once.
    fn change_pace(&mut self, index: usize, check: &Check, before: Health, now: Instant) {
        let after = self.plan.board.health(index, now);
        let (old, new) = (
            schedule::interval(check, before),
            schedule::interval(check, after),
        );
        let Some(interval) = new.filter(|_| old != new) else {
            return;
        };
        let pause = match after {
            Health::Up => self.spread.part(check, interval),
            _ => interval,
        };
        self.timers.set(Timer::Due { index }, now + pause);
    }
}

fn skipped(reason: &str) -> Report {
    Report::without_run(Outcome::skip(reason), SystemTime::now())
}

/// Says why a check's health changed.
fn why(to: Health, last: Option<&Report>) -> String {
    match last.map(|report| &report.outcome) {
        Some(skip @ Outcome::Skip(_)) => skip.to_string(),
        Some(outcome) if to != Health::Unknown => outcome.to_string(),
        _ => "its last result is too old".to_owned(),
    }
}
