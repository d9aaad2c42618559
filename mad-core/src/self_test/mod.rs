//! Runs of self-tests: asked for, going on, over.

mod event;
mod log;
mod runs;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::admission::skipped;
use crate::check::Check;
use crate::descriptor::Effects;
use crate::lifecycle::Lifecycle;
use crate::outcome::OutcomeKind;
use crate::report::Report;
use crate::selection::Selection;

pub use event::{RunEvent, RunEventKind};
pub use log::RunFollower;
pub(crate) use runs::SelfTestRuns;

/// How many runs of self-tests are remembered.
pub const REMEMBERED_RUNS: usize = 32;

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
