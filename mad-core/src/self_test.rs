//! Runs of self-tests: asked for, going on, over.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::check::Check;
use crate::descriptor::{Effects, Isolation};
use crate::lifecycle::Lifecycle;
use crate::outcome::{Cause, Failure, Outcome, OutcomeKind};
use crate::report::Report;
use crate::selection::Selection;

/// How many runs of self-tests are remembered.
pub const REMEMBERED_RUNS: usize = 32;

/// A wish to run self-tests.
///
/// ```
/// use mad_core::{Effects, Selection, Trigger};
///
/// let trigger = Trigger {
///     selection: Selection::parse(["tag:smoke"])?,
///     effects: Effects::Read,
///     requested_by: "deploy 1234".to_owned(),
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
}

/// Why a wish to run self-tests was refused. Nothing ran.
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
                    "{tests}, and the most that is allowed here is {allowed}; \
                     what is destructive runs only by its exact name"
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
    /// A run in which nothing ran is a Skip. A run that goes on has what it came to so far.
    pub fn outcome(&self) -> OutcomeKind {
        let has = |kind| self.count(kind) > 0;
        if has(OutcomeKind::Fail) {
            OutcomeKind::Fail
        } else if has(OutcomeKind::Warn) {
            OutcomeKind::Warn
        } else if has(OutcomeKind::Pass) {
            OutcomeKind::Pass
        } else {
            OutcomeKind::Skip
        }
    }

    fn close(&mut self, now: SystemTime) {
        self.duration = Some(now.duration_since(self.started_at).unwrap_or_default());
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
        match &self.progress {
            Progress::Done(report) => Some(report),
            Progress::Waiting | Progress::Running => None,
        }
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
}

/// Every run of self-tests that is remembered, and the one that goes on.
///
/// Whoever asks puts a run in; the control thread takes it on, test by test.
#[derive(Debug)]
pub(crate) struct SelfTestRuns {
    board: Mutex<Board>,
    changes: watch::Sender<u64>,
    allowed: Effects,
}

#[derive(Debug, Default)]
struct Board {
    /// The newest last; only the last can be unfinished.
    runs: VecDeque<SelfTestRun>,
    started: u64,
}

impl Board {
    fn current(&mut self) -> Option<&mut SelfTestRun> {
        self.runs.back_mut().filter(|run| !run.is_finished())
    }
}

impl SelfTestRuns {
    pub(crate) fn new(allowed: Effects) -> Self {
        Self {
            board: Mutex::default(),
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
        now: SystemTime,
    ) -> Result<RunId, TriggerError> {
        let results = select(&trigger, self_tests, self.allowed, now)?;
        let mut board = self.board.lock();
        if let Some(running) = board.current() {
            let running = running.id.clone();
            return Err(TriggerError::Busy { running });
        }
        board.started += 1;
        let id = run_id(now, board.started);
        if board.runs.len() == REMEMBERED_RUNS {
            board.runs.pop_front();
        }
        board.runs.push_back(SelfTestRun {
            id: id.clone(),
            requested_by: trigger.requested_by,
            started_at: now,
            duration: None,
            is_cancelled: false,
            results,
        });
        drop(board);
        self.tell();
        Ok(id)
    }

    /// Takes the next test whose turn has come and marks it as running.
    ///
    /// There is none while another one runs; with none left, the run is closed.
    pub(crate) fn next(&self, now: SystemTime) -> Option<Arc<Check>> {
        let mut board = self.board.lock();
        let run = board.current()?;
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
            run.close(now);
        }
        drop(board);
        self.tell();
        next
    }

    /// Files the report of the test that is running; returns whether the run waits for it.
    pub(crate) fn file(&self, check: &Check, report: &Arc<Report>) -> bool {
        let mut board = self.board.lock();
        let Some(run) = board.current() else {
            return false;
        };
        let is_running = |result: &&mut SelfTestResult| {
            result.progress == Progress::Running && *result.check == *check
        };
        let Some(result) = run.results.iter_mut().find(is_running) else {
            return false;
        };
        result.progress = Progress::Done(Arc::clone(report));
        drop(board);
        self.tell();
        true
    }

    /// Cancels a run: what has not begun is left out. Returns whether that run was in progress.
    pub(crate) fn cancel(&self, id: &RunId, now: SystemTime) -> bool {
        let mut board = self.board.lock();
        let Some(run) = board.current().filter(|run| run.id == *id) else {
            return false;
        };
        run.is_cancelled = true;
        let waiting = |result: &&mut SelfTestResult| result.progress == Progress::Waiting;
        for result in run.results.iter_mut().filter(waiting) {
            result.progress = skipped("the run was cancelled", now);
        }
        drop(board);
        self.tell();
        true
    }

    /// Closes the run in progress, as nobody will go on with it.
    pub(crate) fn abandon(&self, now: SystemTime) {
        let mut board = self.board.lock();
        let Some(run) = board.current() else {
            return;
        };
        let open = |result: &&mut SelfTestResult| result.report().is_none();
        for result in run.results.iter_mut().filter(open) {
            let failure = Failure::new(Cause::Aborted, "the engine stopped");
            let report = Report::without_run(Outcome::Fail(failure), now);
            result.progress = Progress::Done(Arc::new(report));
        }
        run.close(now);
        drop(board);
        self.tell();
    }

    pub(crate) fn all(&self) -> Vec<SelfTestRun> {
        self.board.lock().runs.iter().cloned().collect()
    }

    pub(crate) fn get(&self, id: &RunId) -> Option<SelfTestRun> {
        let board = self.board.lock();
        board.runs.iter().find(|run| run.id == *id).cloned()
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

/// Decides for each selected self-test whether it runs or is left out, or refuses the whole wish.
fn select(
    trigger: &Trigger,
    self_tests: &[Arc<Check>],
    allowed: Effects,
    now: SystemTime,
) -> Result<Vec<SelfTestResult>, TriggerError> {
    refuse_unknown(&trigger.selection, self_tests)?;
    let allowed = trigger.effects.min(allowed);
    let selected = self_tests
        .iter()
        .filter(|check| trigger.selection.selects(check));
    let admitted: Vec<_> = selected
        .map(|check| (check, admit(check, &trigger.selection, allowed)))
        .collect();
    refuse_harm(&trigger.selection, &admitted, allowed)?;
    refuse_idleness(&admitted)?;
    let results = admitted
        .into_iter()
        .map(|(check, admission)| SelfTestResult {
            check: Arc::clone(check),
            progress: match admission {
                Admission::Runs => Progress::Waiting,
                Admission::LeftOut(reason) | Admission::TooHarmful(reason) => skipped(&reason, now),
            },
        });
    Ok(results.collect())
}

/// Refuses words that fit nothing: a typing mistake must not look like a passed test.
fn refuse_unknown(selection: &Selection, self_tests: &[Arc<Check>]) -> Result<(), TriggerError> {
    let checks: Vec<&Check> = self_tests.iter().map(AsRef::as_ref).collect();
    let unknown = selection.fitting_none(&checks);
    if unknown.is_empty() && !checks.is_empty() {
        return Ok(());
    }
    let words: Vec<_> = unknown.iter().map(ToString::to_string).collect();
    let close = close_names(&words, &checks);
    Err(TriggerError::NothingFits { words, close })
}

/// Refuses when a test that is too harmful was asked for by name, or when nothing else is left.
fn refuse_harm(
    selection: &Selection,
    admitted: &[(&Arc<Check>, Admission)],
    allowed: Effects,
) -> Result<(), TriggerError> {
    let is_harmful = |admission: &Admission| matches!(admission, Admission::TooHarmful(_));
    let harmful = admitted
        .iter()
        .filter(|(_, admission)| is_harmful(admission));
    let named = harmful.clone().filter(|(check, _)| selection.names(check));
    let describe =
        |(check, _): &(&Arc<Check>, Admission)| (check.name().to_owned(), effects(check));
    let mut tests: Vec<_> = named.map(describe).collect();
    if admitted.iter().all(|(_, admission)| is_harmful(admission)) {
        tests = harmful.map(describe).collect();
    }
    if tests.is_empty() {
        Ok(())
    } else {
        Err(TriggerError::EffectsNotAllowed { tests, allowed })
    }
}

/// Refuses when nothing would run: a report of nothing but skips is easily taken for a pass.
fn refuse_idleness(admitted: &[(&Arc<Check>, Admission)]) -> Result<(), TriggerError> {
    let reason = |(check, admission): &(&Arc<Check>, Admission)| match admission {
        Admission::Runs => None,
        Admission::LeftOut(reason) | Admission::TooHarmful(reason) => {
            Some((check.name().to_owned(), reason.clone()))
        }
    };
    match admitted.iter().map(reason).collect() {
        Some(tests) => Err(TriggerError::NothingRuns { tests }),
        None => Ok(()),
    }
}

/// Whether one selected self-test runs.
#[derive(Debug)]
enum Admission {
    Runs,
    LeftOut(String),
    TooHarmful(String),
}

fn admit(check: &Check, selection: &Selection, allowed: Effects) -> Admission {
    let Some(options) = check.self_test_options() else {
        return Admission::LeftOut("it is no self-test".to_owned());
    };
    let is_named = selection.names(check);
    let effects = options.effects;
    if effects > allowed {
        return Admission::TooHarmful(format!(
            "its effects are {effects}, and the most that is allowed here is {allowed}"
        ));
    }
    if effects == Effects::Destructive && !is_named {
        return Admission::TooHarmful("it is destructive: it runs only by its name".to_owned());
    }
    match options.ignore {
        Some(reason) if !is_named => Admission::LeftOut(format!("ignored: {reason}")),
        _ if options.isolation == Isolation::Process => Admission::LeftOut(
            "it asks for a process of its own (`isolate = process`), which this version cannot give"
                .to_owned(),
        ),
        _ => Admission::Runs,
    }
}

fn effects(check: &Check) -> Effects {
    let options = check.self_test_options();
    options.map_or(Effects::Destructive, |options| options.effects)
}

fn skipped(reason: &str, now: SystemTime) -> Progress {
    Progress::Done(Arc::new(Report::without_run(Outcome::skip(reason), now)))
}

fn run_id(now: SystemTime, number: u64) -> RunId {
    let since_epoch = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    RunId(format!("{:x}-{number}", since_epoch.as_millis()))
}

/// How many names are shown to somebody who asked for one that does not exist.
const CLOSE_NAMES: usize = 5;

/// Returns the names nearest to these words: those that share the most pairs of letters.
fn close_names(words: &[String], checks: &[&Check]) -> Vec<String> {
    let nearness = |name: &str| {
        let to = |word: &String| common_pairs(word, name);
        words.iter().map(to).max().unwrap_or_default()
    };
    let mut names: Vec<&str> = checks.iter().map(|check| check.name()).collect();
    names.sort_by_key(|name| (std::cmp::Reverse(nearness(name)), *name));
    names.truncate(CLOSE_NAMES);
    names.into_iter().map(str::to_owned).collect()
}

fn common_pairs(one: &str, other: &str) -> usize {
    let pairs = one.as_bytes().windows(2);
    pairs
        .filter(|pair| other.as_bytes().windows(2).any(|there| there == *pair))
        .count()
}
