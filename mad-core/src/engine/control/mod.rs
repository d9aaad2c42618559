//! Decides what runs when, and judges what is late.

mod flights;
mod self_tests;
#[cfg(test)]
mod simulation;

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::board::{Board, State};
use super::schedule::{self, Spread};
use super::timers::{Timer, Timers};
use crate::cancellation::Cancellation;
use crate::check::{Check, Kind};
use crate::clock::Moment;
use crate::health::{Health, Transition};
use crate::journal::Journal;
use crate::once;
use crate::outcome::{Cause, Failure, Outcome};
use crate::report::Report;
use crate::run;
use crate::self_test::{Progress, SelfTestRuns};
use flights::{Flight, Flights};

/// The longest that a stop waits. It is more than anybody has, and less than overflows a clock.
const LONGEST_GRACE: Duration = Duration::from_hours(24);

/// What is later than this was not late: the machine slept, and so did everybody else's checks.
const WOKEN: Duration = Duration::from_secs(5);

/// How many checks may be due at the same moment by choice. More of them are no rush, and save little.
const SHARING: usize = 8;

/// Within this time every check runs again when the machine has slept.
const CATCH_UP: Duration = Duration::from_secs(10);

/// What the control is told.
#[derive(Debug)]
pub(crate) enum Message {
    /// A check was registered.
    Added { index: usize },
    /// A check was taken out.
    Removed { index: usize },
    /// A run has ended.
    Ended { index: usize, report: Report },
    /// Somebody asked for self-tests.
    Triggered,
    /// Somebody cancelled a run of self-tests.
    Cancelled,
    /// There may be something to do sooner than was planned.
    Look,
    /// Stop: start nothing more, and wait this long for what runs.
    Stop { grace: Duration },
}

/// What the control has done for it. It knows neither threads nor clocks itself.
pub(crate) trait Hands {
    /// Starts a run, which ends with a message.
    ///
    /// # Errors
    ///
    /// If there is no thread to run it on.
    fn start(
        &self,
        index: usize,
        check: &Arc<Check>,
        journal: &Arc<Journal>,
        cancellation: &Arc<Cancellation>,
    ) -> io::Result<()>;

    /// Lets a check go that nobody needs any more. What it dropped is code of the application's.
    fn discard(&self, check: Arc<Check>);

    /// Tells whoever wants to know that the health of a check has changed.
    fn tell(&self, transition: Transition);
}

/// The one owner of the schedule and of what is in flight.
///
/// It is told what happened and what time it is, runs no user code, and writes what it learns to the
/// board. So a day of it can be tried in a moment.
#[derive(Debug)]
pub(crate) struct Control<H> {
    board: Arc<Board>,
    runs: Arc<SelfTestRuns>,
    hands: H,
    timers: Timers,
    spread: Spread,
    flights: Flights,
    /// Health checks whose first turn is still to come: the second one is spread.
    first_turns: HashSet<usize>,
    /// Checks that were taken out while they ran: their places are free when that has ended.
    leaving: HashSet<usize>,
    /// The failed attempts of self-tests that are being retried.
    attempts: HashMap<usize, Vec<Report>>,
    stop_at: Option<Instant>,
}

impl<H: Hands> Control<H> {
    pub(crate) fn new(
        board: Arc<Board>,
        runs: Arc<SelfTestRuns>,
        hands: H,
        max_runs_at_once: usize,
        tag_caps: &HashMap<String, usize>,
    ) -> Self {
        Self {
            board,
            runs,
            hands,
            timers: Timers::default(),
            spread: Spread::new(),
            flights: Flights::new(max_runs_at_once, tag_caps),
            first_turns: HashSet::new(),
            leaving: HashSet::new(),
            attempts: HashMap::new(),
            stop_at: None,
        }
    }

    /// Plans the first run of every check.
    pub(crate) fn begin(&mut self, now: Moment) {
        for index in self.board.indices() {
            self.plan_first_run(index, now.instant);
        }
    }

    /// Takes in what happened.
    pub(crate) fn handle(&mut self, message: Message, now: Moment) {
        match message {
            Message::Added { index } => self.plan_first_run(index, now.instant),
            Message::Removed { index } => self.removed(index, now),
            Message::Ended { index, report } => self.ended(index, report, now),
            Message::Triggered => self.begin_self_tests(now),
            Message::Cancelled => self.cut_short(now),
            Message::Look => {}
            Message::Stop { grace } => {
                self.flights.ground();
                let stop_at = now.instant + grace.min(LONGEST_GRACE);
                self.stop_at = Some(self.stop_at.map_or(stop_at, |before| before.min(stop_at)));
            }
        }
    }

    /// Does what the time has come for: turns, deadlines, results that get too old.
    pub(crate) fn turn(&mut self, now: Moment) {
        while let Some((at, timer)) = self.timers.pop(now.instant) {
            match timer {
                Timer::Due { index } => self.due(index, at, now),
                Timer::Deadline { index } => self.overdue(index, now),
                Timer::Stale { index } => self.change(index, now, |_, _| {}),
                Timer::RunDeadline => self.expire_self_tests(now),
            }
        }
        while let Some(index) = self.flights.next() {
            self.start(index, now);
        }
    }

    /// Returns when the next turn is to be taken, if nothing happens before.
    pub(crate) fn next_at(&self) -> Option<Instant> {
        let times = [self.timers.next_at(), self.stop_at];
        times.into_iter().flatten().min()
    }

    /// Says whether it was told to stop, and what runs has ended or has had its time.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        self.stop_at
            .is_some_and(|at| now >= at || !self.flights.any_running())
    }

    // Schedule.

    fn plan_first_run(&mut self, index: usize, now: Instant) {
        let Some(check) = self.board.check(index) else {
            return;
        };
        if let Some(options) = check.health_options() {
            let first = now + options.initial_delay;
            self.first_turns.insert(index);
            self.timers.set(Timer::Due { index }, first);
        } else if let Some(interval) = schedule::interval(&check, Health::Unknown) {
            // A scheduled self-test is no hurry: it is spread from its first turn on.
            let first = now + self.spread.part(&check, interval);
            self.timers.set(Timer::Due { index }, first);
        }
    }

    /// A check's turn has come: plans the next turn and lets it run, unless its last run goes on.
    fn due(&mut self, index: usize, due: Instant, now: Moment) {
        let Some(check) = self.board.check(index).filter(|_| self.stop_at.is_none()) else {
            return;
        };
        let late = now.instant.saturating_duration_since(due);
        if late > WOKEN.max(check.timeout()) {
            return self.catch_up(index, &check, now.instant);
        }
        self.plan_next_turn(index, &check, due, now.instant);
        if check.kind() == Kind::SelfTest {
            return self.trigger_scheduled(index, &check, now);
        }
        match self.flights.get(index) {
            Some(Flight::Stuck) => self.missed(index, &check, now),
            Some(Flight::Waiting | Flight::Running { .. }) => {}
            None => match self.root_cause(&check, now.instant) {
                Some(reason) => self.finish(index, skipped(&reason, now.time), now),
                None => match run::outcome_in_place(&check) {
                    Some(outcome) => {
                        let report = Report::without_run(outcome, now.time);
                        self.finish(index, report, now);
                    }
                    None => self.flights.enqueue(index, &check),
                },
            },
        }
    }

    fn plan_next_turn(&mut self, index: usize, check: &Check, due: Instant, now: Instant) {
        let health = self.board.health(index, now);
        let Some(interval) = schedule::interval(check, health) else {
            return;
        };
        let was_first = self.first_turns.remove(&index);
        let exact = schedule::next_due(due, interval, now).filter(|_| !was_first);
        let next = exact.unwrap_or_else(|| self.drawn_turn(check, interval, now));
        self.timers.set(Timer::Due { index }, next);
    }

    /// Draws when a check is due next within an interval, and lets it share the moment with others that
    /// are due a little before: they stay together as long as their intervals fit.
    fn drawn_turn(&self, check: &Check, interval: Duration, now: Instant) -> Instant {
        let part = self.spread.part(check, interval);
        let earliest = now + part.saturating_sub(schedule::slack(interval));
        let drawn = now + part;
        let shared = self.timers.last_due(earliest..=drawn, SHARING);
        shared.filter(|at| *at > now).unwrap_or(drawn)
    }

    /// The machine has slept. All checks are due at once, and so they are on every other machine that
    /// was woken with this one.
    fn catch_up(&mut self, index: usize, check: &Check, now: Instant) {
        let health = self.board.health(index, now);
        if let Some(interval) = schedule::interval(check, health) {
            let soon = self.drawn_turn(check, interval.min(CATCH_UP), now);
            self.timers.set(Timer::Due { index }, soon);
            // The turn after that one is spread over the whole interval again.
            if check.kind() == Kind::HealthCheck {
                self.first_turns.insert(index);
            }
        }
    }

    /// A turn came while the last run hangs: that is one more failure, though not one more run.
    fn missed(&mut self, index: usize, check: &Check, now: Moment) {
        let failure = Failure::new(Cause::TimedOut, "the last run has not ended");
        let outcome = Outcome::Fail(failure);
        self.change(index, now, |state, check| {
            state.count(check, &outcome, now.instant);
        });
        self.watch_age(index, check, now.instant);
    }

    /// Names the health check, Down at this moment, that makes this one pointless: of those that it
    /// comes after, and of those that they come after, the one that all began with.
    fn root_cause(&self, check: &Check, now: Instant) -> Option<String> {
        check.after().find_map(|name| {
            let index = self.board.position(name)?;
            let deeper = self.root_cause(&*self.board.check(index)?, now);
            let is_down = self.board.health(index, now) == Health::Down;
            deeper.or_else(|| is_down.then(|| format!("`{name}` is Down")))
        })
    }

    // Runs.

    /// Lets a self-test wait for its turn. Somebody waits for its report, so that this has a deadline,
    /// too; a health check that gets no turn is Unknown when its last result is too old.
    fn enqueue_self_test(&mut self, index: usize, check: &Check, now: Instant) {
        let deadline = now + check.timeout();
        self.timers.set(Timer::Deadline { index }, deadline);
        self.flights.enqueue(index, check);
    }

    fn start(&mut self, index: usize, now: Moment) {
        let Some(check) = self.board.check(index) else {
            return;
        };
        if let Err(skip) = once::begin(&check) {
            let report = Report::without_run(skip, now.time);
            return self.withdraw(index, &check, report, now);
        }
        let journal = self.journal_of(index, &check);
        let cancellation = self.flights.started(index, &journal, now);
        let deadline = now.instant + check.timeout() + run::grace(&check);
        self.timers.set(Timer::Deadline { index }, deadline);
        if let Err(error) = self.hands.start(index, &check, &journal, &cancellation) {
            let message = format!("no thread to run it on: {error}");
            let report = Report::without_run(Outcome::fail(message), now.time);
            self.ended(index, report, now);
        }
    }

    /// A deadline has passed: judges the run that is still going on, or has not even begun.
    fn overdue(&mut self, index: usize, now: Moment) {
        let Some(check) = self.board.check(index) else {
            return;
        };
        let (journal, why_cancelled, at) = match self.flights.get(index) {
            Some(Flight::Waiting) => {
                let failure = Failure::new(Cause::TimedOut, self.why_waiting(index, &check));
                let report = Report::without_run(Outcome::Fail(failure), now.time);
                return self.withdraw(index, &check, report, now);
            }
            Some(Flight::Running {
                journal,
                cancellation,
                at,
            }) => (Arc::clone(journal), cancellation.why(), *at),
            Some(Flight::Stuck) | None => return,
        };
        if let Some(why) = why_cancelled {
            let report = journal.report_at(Outcome::Fail(cannot_be_ended(&why)), now);
            return self.stuck(index, &check, report, now);
        }
        // Its thread may have come to it late, or the machine may have slept: neither is its time.
        let began = journal.began().unwrap_or(at);
        let took = now.awake.saturating_duration_since(began.awake);
        let left = (check.timeout() + run::grace(&check)).saturating_sub(took);
        if !left.is_zero() {
            return self
                .timers
                .set(Timer::Deadline { index }, now.instant + left);
        }
        let report = journal.report_at(Outcome::Fail(run::overdue(check.timeout())), now);
        self.stuck(index, &check, report, now);
    }

    /// Files the verdict on a run that goes on. Its thread is left to it.
    fn stuck(&mut self, index: usize, check: &Arc<Check>, report: Report, now: Moment) {
        self.flights.stuck(index);
        let report = report.after_attempts(&self.take_attempts(index));
        if self.board.is_removed(index) {
            return self.file(check, report, now);
        }
        let started_at = report.started_at;
        self.change(index, now, |state, _| state.stuck_since = Some(started_at));
        self.finish(index, report, now);
    }

    /// Takes a run back that waits for its turn, and files this instead.
    fn withdraw(&mut self, index: usize, check: &Check, report: Report, now: Moment) {
        self.timers.clear(Timer::Deadline { index });
        self.land(index, check);
        let report = report.after_attempts(&self.take_attempts(index));
        self.finish(index, report, now);
    }

    fn land(&mut self, index: usize, check: &Check) -> Option<Flight> {
        let board = &self.board;
        self.flights
            .remove(index, check, |index| board.check(index))
    }

    fn take_attempts(&mut self, index: usize) -> Vec<Report> {
        self.attempts.remove(&index).unwrap_or_default()
    }

    /// Says what keeps a run from getting its turn.
    fn why_waiting(&self, index: usize, check: &Check) -> String {
        let group = check.serial();
        let holder = group.and_then(|group| self.flights.holder(group, index));
        match (group, holder.and_then(|holder| self.board.check(holder))) {
            (Some(group), Some(holder)) => format!(
                "got no turn: its serial group `{group}` is held by `{}`",
                holder.name()
            ),
            _ => "got no turn: as many checks are running as may".to_owned(),
        }
    }

    /// A run has ended. One that was judged before only gives its thread back.
    fn ended(&mut self, index: usize, report: Report, now: Moment) {
        self.timers.clear(Timer::Deadline { index });
        let Some(check) = self.board.check(index) else {
            return;
        };
        let flight = self.land(index, &check);
        let was_judged = matches!(flight, Some(Flight::Stuck));
        if self.board.is_removed(index) {
            if !was_judged {
                self.file(&check, report, now);
            }
            if self.leaving.remove(&index) {
                self.forget(index, check);
            }
            return;
        }
        if was_judged {
            return self.change(index, now, |state, _| state.stuck_since = None);
        }
        match self.retried(index, &check, report) {
            Some(report) => self.finish(index, report, now),
            None => self.enqueue_self_test(index, &check, now.instant),
        }
    }

    /// A check was taken out. What runs is let run, and judged at its deadline as ever; its place is
    /// free when it has ended, and not before this was told: the place must not be another's by then.
    fn removed(&mut self, index: usize, now: Moment) {
        let Some(check) = self.board.check(index) else {
            return;
        };
        self.timers.clear(Timer::Due { index });
        self.timers.clear(Timer::Stale { index });
        self.first_turns.remove(&index);
        if let Some(Flight::Running { .. } | Flight::Stuck) = self.flights.get(index) {
            self.leaving.insert(index);
        } else {
            self.timers.clear(Timer::Deadline { index });
            self.land(index, &check);
            self.attempts.remove(&index);
            let report = skipped("it is not registered any more", now.time);
            self.file(&check, report, now);
            self.forget(index, check);
        }
        // It may have been the last one that a start waited for.
        self.board.come_up(now.instant);
    }

    /// Gives the place of a check away. The check is the application's, and so is what it drops.
    fn forget(&mut self, index: usize, check: Arc<Check>) {
        self.board.free(index);
        self.hands.discard(check);
    }

    /// Hands the report of a check that was taken out to the run that may wait for it.
    fn file(&mut self, check: &Arc<Check>, report: Report, now: Moment) {
        if self.runs.file(check, Progress::Done(Arc::new(report))) {
            self.continue_self_tests(now);
        }
    }

    /// Takes in the report of a run that counts.
    fn finish(&mut self, index: usize, report: Report, now: Moment) {
        let Some(check) = self.board.check(index) else {
            return;
        };
        let before = self.board.health(index, now.instant);
        let is_skip = matches!(report.outcome, Outcome::Skip(_));
        let report = Arc::new(report);
        let recorded = Arc::clone(&report);
        self.change(index, now, |state, check| {
            state.record(check, recorded, now.instant);
        });
        match check.kind() {
            Kind::HealthCheck => {
                // A skip says nothing: the result before it gets no younger.
                if !is_skip {
                    self.watch_age(index, &check, now.instant);
                }
                self.change_pace(index, &check, before, now.instant);
                self.board.come_up(now.instant);
            }
            Kind::SelfTest => {
                if self.runs.file(&check, Progress::Done(report)) {
                    self.continue_self_tests(now);
                }
            }
        }
    }

    /// Changes the state of a check and tells the listeners if its health changed.
    fn change(&mut self, index: usize, now: Moment, change: impl FnOnce(&mut State, &Check)) {
        if let Some(changed) = self.board.update(index, now.instant, change) {
            self.hands.tell(Transition {
                why: why(changed.to, changed.record.last.as_deref()),
                maintenance: self.board.maintenance(changed.check.name(), now.instant),
                check: changed.check,
                from: changed.from,
                to: changed.to,
                at: now.time,
                changes: 1,
            });
        }
    }

    fn watch_age(&mut self, index: usize, check: &Check, now: Instant) {
        if let Some(max_age) = check.max_age() {
            let just_past = now + max_age + Duration::from_nanos(1);
            self.timers.set(Timer::Stale { index }, just_past);
        }
    }

    /// Plans the next turn anew when the health has changed, and with it the interval.
    ///
    /// What has recovered gets its part of the interval: after an outage many checks recover at once.
    fn change_pace(&mut self, index: usize, check: &Check, before: Health, now: Instant) {
        let after = self.board.health(index, now);
        let (old, new) = (
            schedule::interval(check, before),
            schedule::interval(check, after),
        );
        let Some(interval) = new.filter(|_| old != new) else {
            return;
        };
        let next = match after {
            Health::Up => self.drawn_turn(check, interval, now),
            _ => now + interval,
        };
        self.timers.set(Timer::Due { index }, next);
    }
}

fn skipped(reason: &str, at: SystemTime) -> Report {
    Report::without_run(Outcome::skip(reason), at)
}

/// The failure of a run that was cancelled and goes on.
fn cannot_be_ended(why: &str) -> Failure {
    let why = format!("{why}; it cannot be ended, and keeps its thread until it ends by itself");
    run::cancelled(&why)
}

/// Says why a check's health changed.
fn why(to: Health, last: Option<&Report>) -> String {
    match last.map(|report| &report.outcome) {
        Some(skip @ Outcome::Skip(_)) => skip.to_string(),
        Some(outcome) if to != Health::Unknown => outcome.to_string(),
        _ => "its last result is too old".to_owned(),
    }
}
