//! Runs of self-tests: asked for, going on, over.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::admission::{Admission, admit, select, skipped};
use crate::check::Check;
use crate::clock::Moment;
use crate::descriptor::Effects;
use crate::lifecycle::Lifecycle;
use crate::outcome::{Cause, Failure, Outcome, OutcomeKind};
use crate::report::Report;
use crate::selection::Selection;

/// How many runs of self-tests are remembered.
pub const REMEMBERED_RUNS: usize = 32;

/// How long a run of self-tests may take unless it says otherwise.
const DEFAULT_RUN_DEADLINE: Duration = Duration::from_mins(10);

/// How long a run of self-tests may take at most.
pub const MAX_RUN_DEADLINE: Duration = Duration::from_hours(24);

/// Who asks for a self-test that runs on its own schedule.
pub(crate) const SCHEDULE: &str = "schedule";

/// A request to run self-tests.
///
/// ```
/// use mad_core::{Effects, Selection, Trigger};
///
/// let trigger = Trigger {
///     selection: Selection::parse(["tag:smoke"])?,
///     effects: Effects::Read,
///     requested_by: "deploy 1234".to_owned(),
///     deadline: Some(std::time::Duration::from_mins(2)),
/// };
/// # Ok::<(), mad_core::InvalidSelector>(())
/// ```
#[derive(Clone, Debug)]
pub struct Trigger {
    /// Which ones.
    pub selection: Selection,
    /// The most harmful class that may run. A test of a higher class is left out with the reason,
    /// or refused if it was asked for by its name. [`Effects::Destructive`] runs only by name.
    pub effects: Effects,
    /// Who asks, for the audit log.
    pub requested_by: String,
    /// How long the whole run may take, [`MAX_RUN_DEADLINE`] at most. Then the test that is running is
    /// ended, what has not begun is left out, and the run has not passed. `None` is ten minutes, or what
    /// the slowest of its tests may take if that is more.
    pub deadline: Option<Duration>,
}

/// Why a request to run self-tests was refused. Nothing ran.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TriggerError {
    /// A run is in progress, and there is one at a time.
    Busy {
        /// The run in progress.
        running: RunId,
    },
    /// The instance is draining or stopped.
    NotServing {
        /// Where it stands.
        lifecycle: Lifecycle,
    },
    /// These words fit no self-test.
    NothingFits {
        /// The words.
        words: Vec<String>,
        /// The nearest names, or all of them if there are few.
        close: Vec<String>,
    },
    /// None of the selected self-tests can run.
    NothingRuns {
        /// Each name with the reason.
        tests: Vec<(String, String)>,
    },
    /// These self-tests may do more than is allowed.
    EffectsNotAllowed {
        /// Each name with its class.
        tests: Vec<(String, Effects)>,
        /// What is allowed.
        allowed: Effects,
    },
}

impl fmt::Display for TriggerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy { running } => write!(
                f,
                "self-test run {running} is in progress, and there is one at a time: wait for it or cancel it"
            ),
            Self::NotServing { lifecycle } => {
                write!(f, "the instance is {lifecycle}, self-tests run no more")
            }
            Self::NothingFits { words, .. } if words.is_empty() => {
                f.write_str("no self-test is registered")
            }
            Self::NothingFits { words, close } if close.is_empty() => {
                write!(f, "no self-test fits {}: none is registered", quoted(words))
            }
            Self::NothingFits { words, close } => {
                write!(
                    f,
                    "no self-test fits {}; close are: {}",
                    quoted(words),
                    close.join(", ")
                )
            }
            Self::NothingRuns { tests } => {
                let tests = tests
                    .iter()
                    .map(|(name, reason)| format!("`{name}`: {reason}"));
                let tests = tests.collect::<Vec<_>>().join("; ");
                write!(f, "nothing of what is selected can run: {tests}")
            }
            Self::EffectsNotAllowed { tests, allowed } => {
                let tests = tests
                    .iter()
                    .map(|(name, effects)| format!("`{name}` is {effects}"));
                let tests = tests.collect::<Vec<_>>().join(", ");
                write!(
                    f,
                    "{tests}, and this run may do {allowed} at most: ask for more with `effects`, \
                     if the program allows it; what is destructive runs only by its exact name"
                )
            }
        }
    }
}

impl std::error::Error for TriggerError {}

fn quoted(words: &[String]) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

/// The identity of one run of self-tests, unique also across restarts of the process.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct RunId(String);

impl RunId {
    /// Reads an identity, as it was shown before.
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Returns it as text: letters, digits and `-`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One run of self-tests, as far as it has come.
#[derive(Clone, Debug, PartialEq)]
pub struct SelfTestRun {
    /// Its identity.
    pub id: RunId,
    /// Who asked for it.
    pub requested_by: String,
    /// When it started.
    pub started_at: SystemTime,
    /// How long it took; `None` while it goes on.
    pub duration: Option<Duration>,
    /// How long it may take.
    pub deadline: Duration,
    /// Whether it was over its deadline, and cut short.
    pub is_overdue: bool,
    /// Whether it was cancelled.
    pub is_cancelled: bool,
    /// Each selected test, in the order of names.
    pub results: Vec<SelfTestResult>,
}

impl SelfTestRun {
    /// Says whether it is over.
    pub fn is_finished(&self) -> bool {
        self.duration.is_some()
    }

    /// Returns what it came to as a whole: the worst of its results.
    ///
    /// A run that was cancelled or was over its deadline, or in which a test was [blocked](Progress::Blocked), has failed,
    /// whatever else it came to. One in which nothing ran is a Skip. A run that goes on has what it
    /// came to so far.
    pub fn outcome(&self) -> OutcomeKind {
        let has = |kind| self.count(kind) > 0;
        if self.is_cut_short() || has(OutcomeKind::Fail) {
            OutcomeKind::Fail
        } else if has(OutcomeKind::Warn) {
            OutcomeKind::Warn
        } else if has(OutcomeKind::Pass) {
            OutcomeKind::Pass
        } else {
            OutcomeKind::Skip
        }
    }

    fn is_cut_short(&self) -> bool {
        let is_blocked = |result: &SelfTestResult| matches!(result.progress, Progress::Blocked(_));
        self.why_cut().is_some() || self.results.iter().any(is_blocked)
    }

    /// Says why it ends before its tests do, if it does.
    fn why_cut(&self) -> Option<String> {
        if self.is_cancelled {
            Some("the run was cancelled".to_owned())
        } else if self.is_overdue {
            Some(format!(
                "the run is over its deadline of {:?}",
                self.deadline
            ))
        } else {
            None
        }
    }

    /// Leaves out what has not begun.
    fn leave_out_the_rest(&mut self, now: SystemTime) {
        let why = self.why_cut().unwrap_or_default();
        let waiting = |result: &&mut SelfTestResult| result.progress == Progress::Waiting;
        for result in self.results.iter_mut().filter(waiting) {
            result.progress = skipped(&why, now);
        }
    }

    /// Returns how many of its tests had this outcome.
    pub fn count(&self, kind: OutcomeKind) -> usize {
        let reports = self.results.iter().filter_map(SelfTestResult::report);
        reports
            .filter(|report| report.outcome.kind() == kind)
            .count()
    }
}

/// One test within a run of self-tests.
#[derive(Clone, Debug, PartialEq)]
pub struct SelfTestResult {
    /// The test.
    pub check: Arc<Check>,
    /// How far it has come.
    pub progress: Progress,
}

impl SelfTestResult {
    /// Returns its report, once it has one.
    pub fn report(&self) -> Option<&Report> {
        self.progress.report().map(AsRef::as_ref)
    }
}

/// How far a test within a run has come.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// Its turn has not come.
    Waiting,
    /// It is running.
    Running,
    /// It is over, or was left out; the report says which.
    Done(Arc<Report>),
    /// It could not be tried, as a health check that it comes after is Down. What it would have
    /// shown is not known, so that a run with such a test has not passed.
    Blocked(Arc<Report>),
}

impl Progress {
    pub(crate) fn report(&self) -> Option<&Arc<Report>> {
        match self {
            Self::Done(report) | Self::Blocked(report) => Some(report),
            Self::Waiting | Self::Running => None,
        }
    }
}

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
    runs: VecDeque<SelfTestRun>,
    started: u64,
    /// When the newest run started, by the clock that does not jump.
    since: Option<Instant>,
    /// Set when nobody will go on with a run any more.
    is_closed: bool,
}

impl Ledger {
    fn current(&mut self) -> Option<&mut SelfTestRun> {
        self.runs.back_mut().filter(|run| !run.is_finished())
    }

    /// Makes room for one more. What somebody asked for is remembered longer than what came by itself.
    fn forget_one(&mut self) {
        if self.runs.len() == REMEMBERED_RUNS {
            let is_scheduled = |run: &SelfTestRun| run.requested_by == SCHEDULE;
            let oldest = self.runs.iter().position(is_scheduled).unwrap_or(0);
            self.runs.remove(oldest);
        }
    }

    fn close_current(&mut self, now: Instant) {
        let duration = self.since.map(|since| now.saturating_duration_since(since));
        if let Some(run) = self.current() {
            run.duration = Some(duration.unwrap_or_default());
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
            let running = running.id.clone();
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
        ledger.runs.push_back(SelfTestRun {
            id: id.clone(),
            requested_by: trigger.requested_by,
            started_at: now.time,
            duration: None,
            deadline: deadline.min(MAX_RUN_DEADLINE),
            is_overdue: false,
            is_cancelled: false,
            results,
        });
        drop(ledger);
        self.tell();
        Ok(id)
    }

    /// Takes the next test whose turn has come and marks it as running.
    ///
    /// There is none while another one runs; with none left, the run is closed.
    pub(crate) fn next(&self, now: Instant) -> Option<Arc<Check>> {
        let mut ledger = self.ledger.lock();
        let run = ledger.current()?;
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
        drop(ledger);
        self.tell();
        next
    }

    /// Files the report of the test that is running; returns whether the run waits for it.
    pub(crate) fn file(&self, check: &Arc<Check>, progress: Progress) -> bool {
        let mut ledger = self.ledger.lock();
        let Some(run) = ledger.current() else {
            return false;
        };
        let is_running = |result: &&mut SelfTestResult| {
            result.progress == Progress::Running && Arc::ptr_eq(&result.check, check)
        };
        let Some(result) = run.results.iter_mut().find(is_running) else {
            return false;
        };
        result.progress = progress;
        drop(ledger);
        self.tell();
        true
    }

    /// Cancels a run: what has not begun is left out. Returns whether that run was in progress.
    pub(crate) fn cancel(&self, id: &RunId, now: SystemTime) -> bool {
        let mut ledger = self.ledger.lock();
        let Some(run) = ledger.current().filter(|run| run.id == *id) else {
            return false;
        };
        run.is_cancelled = true;
        run.leave_out_the_rest(now);
        drop(ledger);
        self.tell();
        true
    }

    /// Returns when the run in progress is over its deadline.
    pub(crate) fn ends_by(&self) -> Option<Instant> {
        let mut ledger = self.ledger.lock();
        let deadline = ledger.current()?.deadline;
        Some(ledger.since? + deadline)
    }

    /// Cuts the run in progress short if it is over its deadline: what has not begun is left out.
    pub(crate) fn expire(&self, now: Moment) {
        if self.ends_by().is_none_or(|ends_by| ends_by > now.instant) {
            return;
        }
        let mut ledger = self.ledger.lock();
        if let Some(run) = ledger.current() {
            run.is_overdue = true;
            run.leave_out_the_rest(now.time);
        }
        drop(ledger);
        self.tell();
    }

    /// Returns the test that is running, and why its run was cut short, if it was.
    pub(crate) fn running(&self) -> Option<(Arc<Check>, Option<String>)> {
        let mut ledger = self.ledger.lock();
        let run = ledger.current()?;
        let is_running = |result: &&SelfTestResult| result.progress == Progress::Running;
        let running = run.results.iter().find(is_running)?;
        Some((Arc::clone(&running.check), run.why_cut()))
    }

    /// Ends the run in progress and takes no other one, as nobody will go on with it.
    pub(crate) fn close(&self, now: Moment) {
        let mut ledger = self.ledger.lock();
        ledger.is_closed = true;
        let open = |result: &&mut SelfTestResult| result.report().is_none();
        let run = ledger.current().into_iter();
        for result in run.flat_map(|run| run.results.iter_mut().filter(open)) {
            let failure = Failure::new(Cause::Aborted, "the engine stopped");
            let report = Report::without_run(Outcome::Fail(failure), now.time);
            result.progress = Progress::Done(Arc::new(report));
        }
        ledger.close_current(now.instant);
        drop(ledger);
        self.tell();
    }

    pub(crate) fn all(&self) -> Vec<SelfTestRun> {
        self.ledger.lock().runs.iter().cloned().collect()
    }

    pub(crate) fn get(&self, id: &RunId) -> Option<SelfTestRun> {
        let ledger = self.ledger.lock();
        ledger.runs.iter().find(|run| run.id == *id).cloned()
    }

    /// Returns a receiver that is told of every change.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn tell(&self) {
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
