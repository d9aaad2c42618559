//! What the control thread does for self-tests: one run at a time, test by test.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::{Control, Flight, skipped};
use crate::check::Check;
use crate::clock::Moment;
use crate::engine::timers::Timer;
use crate::lifecycle::Lifecycle;
use crate::outcome::{Cause, Failure, Outcome};
use crate::report::Report;
use crate::selection::Selection;
use crate::self_test::{Progress, SCHEDULE, Trigger, TriggerError};

/// How soon a scheduled self-test that met another run tries again.
const BUSY_RETRY: Duration = Duration::from_secs(1);

impl Control {
    /// Keeps a failed attempt and returns nothing if there is another one left; else the verdict.
    pub(super) fn retried(&mut self, index: usize, report: Report) -> Option<Report> {
        let check = self.plan.board.check(index);
        let retries = check
            .self_test_options()
            .map_or(0, |options| options.retries);
        let may_retry = self.stop_at.is_none() && !self.is_cancelled();
        let attempts = &mut self.slots[index].attempts;
        if may_retry && report.is_retried(attempts, retries) {
            attempts.push(report);
            return None;
        }
        Some(report.after_attempts(&std::mem::take(attempts)))
    }

    fn is_cancelled(&self) -> bool {
        let running = self.plan.runs.running();
        running.is_some_and(|(_, is_cancelled)| is_cancelled)
    }

    /// Takes the test back whose run was cancelled, if it has not begun, and closes the run.
    pub(super) fn withdraw_cancelled(&mut self) {
        if let Some((check, true)) = self.plan.runs.running()
            && let Some(index) = self.plan.board.position(check.name())
            && matches!(self.slots[index].flight, Some(Flight::Waiting))
        {
            self.withdraw(index, skipped("the run was cancelled"));
        }
        self.continue_self_tests();
    }

    /// Runs the next test of the run in progress; what cannot run is filed with the reason.
    pub(super) fn continue_self_tests(&mut self) {
        while let Some(check) = self.plan.runs.next(Instant::now()) {
            let Some(index) = self.plan.board.position(check.name()) else {
                let report = Arc::new(skipped("it is not registered any more"));
                self.plan.runs.file(&check, Progress::Done(report));
                continue;
            };
            let Some(obstacle) = self.obstacle(index, &check) else {
                return self.enqueue(index);
            };
            // It is on record that it was asked for: yesterday's pass is not today's.
            if let Some(report) = obstacle.report().map(Arc::clone) {
                let now = Instant::now();
                self.change(index, |state, check| state.record(check, report, now));
            }
            self.plan.runs.file(&check, obstacle);
        }
    }

    /// Returns what becomes of a self-test that cannot run now.
    fn obstacle(&self, index: usize, check: &Check) -> Option<Progress> {
        let done = |outcome| {
            let report = Report::without_run(outcome, SystemTime::now());
            Some(Progress::Done(Arc::new(report)))
        };
        if self.stop_at.is_some() {
            return done(Outcome::skip("the engine stops"));
        }
        if self.slots[index].flight.is_some() {
            let message = "its last run has not ended";
            return done(Outcome::Fail(Failure::new(Cause::TimedOut, message)));
        }
        let cause = self.root_cause(check, Instant::now())?;
        Some(Progress::Blocked(Arc::new(skipped(&cause))))
    }

    /// Runs a self-test on its schedule, or a little later if another run is in progress.
    pub(super) fn trigger_scheduled(&mut self, index: usize, check: &Arc<Check>, now: Instant) {
        if self.plan.board.lifecycle.get() > Lifecycle::Serving {
            return;
        }
        let trigger = Trigger {
            selection: Selection::name(check.name()),
            effects: self.plan.runs.allowed(),
            requested_by: SCHEDULE.to_owned(),
        };
        let self_tests = [Arc::clone(check)];
        match self.plan.runs.begin(trigger, &self_tests, Moment::now()) {
            Ok(_) => self.continue_self_tests(),
            Err(TriggerError::Busy { .. }) => {
                self.timers.set(Timer::Due { index }, now + BUSY_RETRY);
            }
            // What can never run was refused at the start; the rest is the end of the engine.
            Err(_) => {}
        }
    }
}
