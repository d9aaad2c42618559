//! What the control does for self-tests: one run at a time, test by test.

use std::sync::Arc;
use std::time::Duration;

use super::{Control, Flight, Hands, skipped};
use crate::check::Check;
use crate::clock::Moment;
use crate::engine::timers::Timer;
use crate::journal::Journal;
use crate::lifecycle::Lifecycle;
use crate::outcome::{Cause, Failure, Outcome};
use crate::report::Report;
use crate::run;
use crate::selection::Selection;
use crate::self_test::{Progress, SCHEDULE, Trigger, TriggerError};

/// How soon a scheduled self-test that met another run tries again.
const BUSY_RETRY: Duration = Duration::from_secs(1);

impl<H: Hands> Control<H> {
    /// Keeps a failed attempt and returns nothing if there is another one left; else the verdict.
    pub(super) fn retried(
        &mut self,
        index: usize,
        check: &Check,
        report: Report,
    ) -> Option<Report> {
        let options = check.self_test_options();
        let retries = options.map_or(0, |options| options.retries);
        let may_retry = retries > 0 && self.stop_at.is_none() && !self.is_cut_short();
        let mut attempts = self.take_attempts(index);
        if may_retry && report.is_retried(&attempts, retries) {
            attempts.push(report);
            self.attempts.insert(index, attempts);
            return None;
        }
        Some(report.after_attempts(&attempts))
    }

    /// Makes the journal of a run that begins. Those who follow a run of self-tests see what is left in it.
    pub(super) fn journal_of(&self, index: usize, check: &Arc<Check>) -> Arc<Journal> {
        let attempts_before = self.attempts.get(&index).map_or(0, Vec::len);
        match self.runs.start(check, attempts_before) {
            Some(witness) => Journal::witnessed(witness),
            None => Journal::new(),
        }
    }

    fn is_cut_short(&self) -> bool {
        let running = self.runs.running();
        running.is_some_and(|(_, why_cut)| why_cut.is_some())
    }

    /// Begins a run of self-tests, watches how long it takes, and lets the one go that made room for it.
    pub(super) fn begin_self_tests(&mut self, now: Moment) {
        if let Some(ends_by) = self.runs.ends_by() {
            self.timers.set(Timer::RunDeadline, ends_by);
        }
        // Most are registered still: whoever lets go of one that is not has it to itself.
        for check in self.runs.take_forgotten() {
            if let Some(check) = Arc::into_inner(check) {
                self.hands.discard(Arc::new(check));
            }
        }
        self.continue_self_tests(now);
    }

    /// Cuts the run short that is over its deadline.
    pub(super) fn expire_self_tests(&mut self, now: Moment) {
        self.runs.expire(now);
        self.cut_short(now);
    }

    /// Ends the test that is running in a run that was cut short, and with it the run.
    ///
    /// One that has not begun is taken back. One that runs is told to end, and has a moment to; what
    /// cannot be ended is judged then, and its thread is left to it.
    pub(super) fn cut_short(&mut self, now: Moment) {
        if let Some((check, Some(why))) = self.runs.running() {
            let index = self.place_of(&check);
            match index.and_then(|index| Some((index, self.flights.get(index)?))) {
                Some((index, Flight::Waiting)) => {
                    self.withdraw(index, &check, skipped(&why, now.time), now);
                }
                Some((index, Flight::Running { cancellation, .. })) => {
                    cancellation.cancel(why);
                    let judged_at = now.instant + run::time_to_end(&check);
                    self.timers.set(Timer::Deadline { index }, judged_at);
                }
                // It was taken out while it ran: nobody hears of its end but itself.
                Some((_, Flight::Stuck)) | None => {
                    let failure = Outcome::Fail(run::cancelled(&why));
                    let report = Report::without_run(failure, now.time);
                    self.runs.file(&check, Progress::Done(Arc::new(report)));
                }
            }
        }
        self.continue_self_tests(now);
    }

    /// Runs the next test of the run in progress; what cannot run is filed with the reason.
    pub(super) fn continue_self_tests(&mut self, now: Moment) {
        while let Some(check) = self.runs.next(now.instant) {
            let Some(index) = self.place_of(&check) else {
                let report = Arc::new(skipped("it is not registered any more", now.time));
                self.runs.file(&check, Progress::Done(report));
                continue;
            };
            let Some(obstacle) = self.obstacle(index, &check, now) else {
                return self.enqueue_self_test(index, &check, now.instant);
            };
            // It is on record that it was asked for: yesterday's pass is not today's.
            if let Some(report) = obstacle.report().map(Arc::clone) {
                self.change(index, now, |state, check| {
                    state.record(check, report, now.instant);
                });
            }
            self.runs.file(&check, obstacle);
        }
    }

    /// Returns the place of this very check: another one of its name was not asked for, and nobody has
    /// looked whether it may run.
    fn place_of(&self, check: &Arc<Check>) -> Option<usize> {
        let index = self.board.position(check.name())?;
        let registered = self.board.check(index)?;
        Arc::ptr_eq(&registered, check).then_some(index)
    }

    /// Returns what becomes of a self-test that cannot run now.
    fn obstacle(&self, index: usize, check: &Check, now: Moment) -> Option<Progress> {
        let done = |outcome| {
            let report = Report::without_run(outcome, now.time);
            Some(Progress::Done(Arc::new(report)))
        };
        if self.stop_at.is_some() {
            return done(Outcome::skip("the engine stops"));
        }
        if self.flights.get(index).is_some() {
            let message = "its last run has not ended";
            return done(Outcome::Fail(Failure::new(Cause::TimedOut, message)));
        }
        let cause = self.root_cause(check, now.instant)?;
        Some(Progress::Blocked(Arc::new(skipped(&cause, now.time))))
    }

    /// Runs a self-test on its schedule, or a little later if another run is in progress.
    pub(super) fn trigger_scheduled(&mut self, index: usize, check: &Arc<Check>, now: Moment) {
        if self.board.lifecycle() > Lifecycle::Serving {
            return;
        }
        let trigger = Trigger {
            selection: Selection::name(check.name()),
            effects: self.runs.allowed(),
            requested_by: SCHEDULE.to_owned(),
            deadline: None,
        };
        let self_tests = [Arc::clone(check)];
        match self.runs.begin(trigger, &self_tests, now) {
            Ok(_) => self.begin_self_tests(now),
            Err(TriggerError::Busy { .. }) => {
                let retry = now.instant + BUSY_RETRY;
                self.timers.set(Timer::Due { index }, retry);
            }
            // What can never run was refused at the start; the rest is the end of the engine.
            Err(_) => {}
        }
    }
}
