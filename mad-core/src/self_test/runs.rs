//! Every run of self-tests that is remembered, and the one that goes on.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::watch;

use super::event::RunEventKind;
use super::log::{RunFollower, RunLog, RunWitness};
use super::{
    MAX_RUN_DEADLINE, Progress, REMEMBERED_RUNS, RunId, SCHEDULE, SelfTestResult, SelfTestRun,
    Trigger, TriggerError,
};
use crate::admission::{Admission, admit, select};
use crate::check::Check;
use crate::clock::Moment;
use crate::descriptor::Effects;
use crate::lifecycle::Lifecycle;
use crate::outcome::{Cause, Failure, Outcome};
use crate::report::Report;
use crate::selection::Selection;

/// How long a run of self-tests may take unless it says otherwise.
const DEFAULT_RUN_DEADLINE: Duration = Duration::from_mins(10);

/// Every run of self-tests that is remembered, and the one that goes on.
///
/// Whoever asks puts a run in; the control thread takes it on, test by test.
#[derive(Debug)]
pub(crate) struct SelfTestRuns {
    ledger: Mutex<Ledger>,
    changes: watch::Sender<u64>,
    allowed: Effects,
}

#[derive(Debug, Default)]
struct Ledger {
    /// The newest last; only the last can be unfinished.
    runs: VecDeque<Entry>,
    /// The checks of runs that are not remembered any more.
    forgotten: Vec<Arc<Check>>,
    started: u64,
    /// When the newest run started, by the clock that does not jump.
    since: Option<Instant>,
    /// Set when nobody will go on with a run any more.
    is_closed: bool,
}

/// A run, and what happened in it.
#[derive(Debug)]
struct Entry {
    run: SelfTestRun,
    log: Arc<RunLog>,
}

impl Entry {
    fn new(run: SelfTestRun) -> Self {
        let names = run.results.iter().map(|result| result.check.name());
        let started = RunEventKind::RunStarted {
            id: run.id.clone(),
            requested_by: run.requested_by.clone(),
            started_at: run.started_at,
            tests: names.map(str::to_owned).collect(),
        };
        let entry = Self {
            log: RunLog::new(started),
            run,
        };
        // What is left out from the beginning is over before anything begins.
        entry.log_finished(|_| true);
        entry
    }

    /// Leaves out what has not begun.
    fn leave_out_the_rest(&mut self, now: SystemTime) {
        let results = self.run.results.iter();
        let was_waiting: Vec<_> = results
            .map(|result| result.progress == Progress::Waiting)
            .collect();
        self.run.leave_out_the_rest(now);
        self.log_finished(|index| was_waiting[index]);
    }

    /// Writes down that these are over, those of them that are.
    fn log_finished(&self, which: impl Fn(usize) -> bool) {
        let results = self.run.results.iter().enumerate();
        for (_, result) in results.filter(|(index, _)| which(*index)) {
            if let Some(report) = result.progress.report() {
                self.log.push(RunEventKind::TestFinished {
                    test: result.check.name().into(),
                    is_blocked: matches!(result.progress, Progress::Blocked(_)),
                    report: Arc::clone(report),
                });
            }
        }
    }

    /// Says of everything that is not over that nobody goes on with it.
    fn abort(&mut self, now: SystemTime) {
        let results = self.run.results.iter();
        let was_open: Vec<_> = results.map(|result| result.report().is_none()).collect();
        for (result, _) in self
            .run
            .results
            .iter_mut()
            .zip(&was_open)
            .filter(|(_, is_open)| **is_open)
        {
            let failure = Failure::new(Cause::Aborted, "the engine stopped");
            let report = Report::without_run(Outcome::Fail(failure), now);
            result.progress = Progress::Done(Arc::new(report));
        }
        self.log_finished(|index| was_open[index]);
    }

    fn close(&mut self, duration: Duration) {
        self.run.duration = Some(duration);
        self.log.push(RunEventKind::RunFinished {
            outcome: self.run.outcome(),
            duration,
        });
    }
}

impl Ledger {
    fn current(&mut self) -> Option<&mut Entry> {
        self.runs
            .back_mut()
            .filter(|entry| !entry.run.is_finished())
    }

    fn entry(&self, id: &RunId) -> Option<&Entry> {
        self.runs.iter().find(|entry| entry.run.id == *id)
    }

    /// Makes room for one more. What somebody asked for is remembered longer than what came by itself.
    ///
    /// A run may be the last to hold a check that was taken out, and what that drops is code of the
    /// application's: it is kept for whoever drops it elsewhere.
    fn forget_one(&mut self) {
        if self.runs.len() == REMEMBERED_RUNS {
            let is_scheduled = |entry: &Entry| entry.run.requested_by == SCHEDULE;
            let oldest = self.runs.iter().position(is_scheduled).unwrap_or(0);
            let results = self.runs.remove(oldest).map(|entry| entry.run.results);
            let checks = results.into_iter().flatten().map(|result| result.check);
            self.forgotten.extend(checks);
        }
    }

    fn close_current(&mut self, now: Instant) {
        let duration = self.since.map(|since| now.saturating_duration_since(since));
        if let Some(entry) = self.current() {
            entry.close(duration.unwrap_or_default());
        }
    }
}

impl SelfTestRuns {
    pub(crate) fn new(allowed: Effects) -> Self {
        Self {
            ledger: Mutex::default(),
            changes: watch::Sender::new(0),
            allowed,
        }
    }

    /// Returns the most harmful class that any trigger may ask for.
    pub(crate) fn allowed(&self) -> Effects {
        self.allowed
    }

    /// Says why this check would not run if it were asked for by its name.
    pub(crate) fn why_left_out(&self, check: &Check) -> Option<String> {
        let by_name = Selection::name(check.name());
        match admit(check, &by_name, self.allowed) {
            Admission::Runs => None,
            Admission::LeftOut(reason) | Admission::TooHarmful(reason) => Some(reason),
        }
    }

    /// Puts a run in, to be begun by the control thread.
    pub(crate) fn begin(
        &self,
        trigger: Trigger,
        self_tests: &[Arc<Check>],
        now: Moment,
    ) -> Result<RunId, TriggerError> {
        let results = select(&trigger, self_tests, self.allowed, now.time)?;
        let deadline = trigger.deadline.unwrap_or_else(|| longest(&results));
        let mut ledger = self.ledger.lock();
        if let Some(running) = ledger.current() {
            let running = running.run.id.clone();
            return Err(TriggerError::Busy { running });
        }
        if ledger.is_closed {
            let lifecycle = Lifecycle::Stopped;
            return Err(TriggerError::NotServing { lifecycle });
        }
        ledger.started += 1;
        ledger.since = Some(now.instant);
        let id = run_id(now.time, ledger.started);
        ledger.forget_one();
        ledger.runs.push_back(Entry::new(SelfTestRun {
            id: id.clone(),
            requested_by: trigger.requested_by,
            started_at: now.time,
            duration: None,
            deadline: deadline.min(MAX_RUN_DEADLINE),
            is_overdue: false,
            is_cancelled: false,
            results,
        }));
        self.tell(ledger);
        Ok(id)
    }

    /// Takes the checks of the runs that were forgotten, to be dropped where nothing waits for that.
    pub(crate) fn take_forgotten(&self) -> Vec<Arc<Check>> {
        mem::take(&mut self.ledger.lock().forgotten)
    }

    /// Takes the next test whose turn has come and marks it as running.
    ///
    /// There is none while another one runs; with none left, the run is closed.
    pub(crate) fn next(&self, now: Instant) -> Option<Arc<Check>> {
        let mut ledger = self.ledger.lock();
        let run = &mut ledger.current()?.run;
        if run
            .results
            .iter()
            .any(|result| result.progress == Progress::Running)
        {
            return None;
        }
        let waiting = |result: &&mut SelfTestResult| result.progress == Progress::Waiting;
        let next = run.results.iter_mut().find(waiting).map(|result| {
            result.progress = Progress::Running;
            Arc::clone(&result.check)
        });
        if next.is_none() {
            ledger.close_current(now);
        }
        self.tell(ledger);
        next
    }

    /// Says that an attempt of a test begins; returns who watches it, if the run in progress waits for it.
    pub(crate) fn start(&self, check: &Arc<Check>, attempts_before: usize) -> Option<RunWitness> {
        let mut ledger = self.ledger.lock();
        let entry = ledger.current()?;
        let is_meant = |result: &SelfTestResult| {
            result.progress == Progress::Running && Arc::ptr_eq(&result.check, check)
        };
        if !entry.run.results.iter().any(is_meant) {
            return None;
        }
        let log = Arc::clone(&entry.log);
        drop(ledger);
        let attempt = u32::try_from(attempts_before).unwrap_or(u32::MAX);
        Some(log.start(check.name(), attempt.saturating_add(1)))
    }

    /// Files the report of the test that is running; returns whether the run waits for it.
    pub(crate) fn file(&self, check: &Arc<Check>, progress: Progress) -> bool {
        let mut ledger = self.ledger.lock();
        let Some(entry) = ledger.current() else {
            return false;
        };
        let is_running = |result: &&mut SelfTestResult| {
            result.progress == Progress::Running && Arc::ptr_eq(&result.check, check)
        };
        let mut results = entry.run.results.iter_mut();
        let Some(index) = results.position(|mut result| is_running(&mut result)) else {
            return false;
        };
        entry.run.results[index].progress = progress;
        entry.log_finished(|other| other == index);
        self.tell(ledger);
        true
    }

    /// Cancels a run: what has not begun is left out. Returns whether that run was in progress.
    pub(crate) fn cancel(&self, id: &RunId, now: SystemTime) -> bool {
        let mut ledger = self.ledger.lock();
        let Some(entry) = ledger.current().filter(|entry| entry.run.id == *id) else {
            return false;
        };
        entry.run.is_cancelled = true;
        entry.leave_out_the_rest(now);
        self.tell(ledger);
        true
    }

    /// Returns when the run in progress is over its deadline.
    pub(crate) fn ends_by(&self) -> Option<Instant> {
        let mut ledger = self.ledger.lock();
        let deadline = ledger.current()?.run.deadline;
        Some(ledger.since? + deadline)
    }

    /// Cuts the run in progress short if it is over its deadline: what has not begun is left out.
    pub(crate) fn expire(&self, now: Moment) {
        if self.ends_by().is_none_or(|ends_by| ends_by > now.instant) {
            return;
        }
        let mut ledger = self.ledger.lock();
        if let Some(entry) = ledger.current() {
            entry.run.is_overdue = true;
            entry.leave_out_the_rest(now.time);
        }
        self.tell(ledger);
    }

    /// Returns the test that is running, and why its run was cut short, if it was.
    pub(crate) fn running(&self) -> Option<(Arc<Check>, Option<String>)> {
        let mut ledger = self.ledger.lock();
        let run = &ledger.current()?.run;
        let is_running = |result: &&SelfTestResult| result.progress == Progress::Running;
        let running = run.results.iter().find(is_running)?;
        Some((Arc::clone(&running.check), run.why_cut()))
    }

    /// Ends the run in progress and takes no other one, as nobody will go on with it.
    pub(crate) fn close(&self, now: Moment) {
        let mut ledger = self.ledger.lock();
        ledger.is_closed = true;
        if let Some(entry) = ledger.current() {
            entry.abort(now.time);
        }
        ledger.close_current(now.instant);
        self.tell(ledger);
    }

    pub(crate) fn all(&self) -> Vec<SelfTestRun> {
        let ledger = self.ledger.lock();
        ledger.runs.iter().map(|entry| entry.run.clone()).collect()
    }

    pub(crate) fn get(&self, id: &RunId) -> Option<SelfTestRun> {
        let ledger = self.ledger.lock();
        Some(ledger.entry(id)?.run.clone())
    }

    /// Lets somebody follow a run, from after the event with this place on.
    pub(crate) fn follow(&self, id: &RunId, after: u64) -> Option<RunFollower> {
        let ledger = self.ledger.lock();
        Some(ledger.entry(id)?.log.follow(after))
    }

    /// Returns a receiver that is told of every change.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Wakes everybody who waits for a change. Nobody is woken with the lock held.
    fn tell(&self, ledger: MutexGuard<'_, Ledger>) {
        let newest = ledger.runs.back().map(|entry| Arc::clone(&entry.log));
        drop(ledger);
        if let Some(log) = newest {
            log.tell();
        }
        self.changes
            .send_modify(|version| *version = version.wrapping_add(1));
    }
}

/// Returns the deadline of a run that says none: no test is cut short that keeps its own.
fn longest(results: &[SelfTestResult]) -> Duration {
    let own_time = |result: &SelfTestResult| {
        let options = result.check.self_test_options();
        let attempts = options
            .map_or(0, |options| options.retries)
            .saturating_add(1);
        result.check.timeout().saturating_mul(attempts)
    };
    let longest = results.iter().map(own_time).max().unwrap_or_default();
    longest.max(DEFAULT_RUN_DEADLINE)
}

fn run_id(now: SystemTime, number: u64) -> RunId {
    let since_epoch = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    RunId(format!("{:x}-{number}", since_epoch.as_millis()))
}
