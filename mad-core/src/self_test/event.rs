//! What happens in a run of self-tests, one thing at a time.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::RunId;
use crate::outcome::OutcomeKind;
use crate::report::{Note, Observation, Report};

/// One thing that happened in a run of self-tests.
#[derive(Clone, Debug, PartialEq)]
pub struct RunEvent {
    /// Its place among the events of its run, counted from 1. Give it to [`Engine::follow`] to go on
    /// after it.
    ///
    /// [`Engine::follow`]: crate::Engine::follow
    pub position: u64,
    /// What happened.
    pub kind: RunEventKind,
}

/// What happened in a run of self-tests.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RunEventKind {
    /// The run was asked for. It is the first event of a run.
    RunStarted {
        /// The run.
        id: RunId,
        /// Who asked for it.
        requested_by: String,
        /// When.
        started_at: SystemTime,
        /// The names of its tests, in the order in which they run.
        tests: Vec<String>,
    },
    /// A test runs, for the first time or again after a failure. One that cannot run only finishes.
    TestStarted {
        /// Its name.
        test: Arc<str>,
        /// Which attempt this is, counted from 1.
        attempt: u32,
    },
    /// A step has begun.
    StepBegan {
        /// The name of the test.
        test: Arc<str>,
        /// Its number within the attempt, counted from 0.
        step: usize,
        /// The number of the step that it is in.
        inside: Option<usize>,
        /// What is done in it.
        name: String,
        /// When, counted from the start of the attempt.
        offset: Duration,
    },
    /// A step has run to its end. One that was cut off never does.
    StepFinished {
        /// The name of the test.
        test: Arc<str>,
        /// The number of the step.
        step: usize,
        /// How long it took.
        duration: Duration,
    },
    /// A number was observed; the same name again replaces it.
    Observed {
        /// The name of the test.
        test: Arc<str>,
        /// The number.
        observation: Observation,
    },
    /// A note or a warning was left.
    Noted {
        /// The name of the test.
        test: Arc<str>,
        /// The note.
        note: Note,
    },
    /// From here on something is left out of the report of this test, as there was too much of it.
    LeftOut {
        /// The name of the test.
        test: Arc<str>,
    },
    /// A test is over, or was left out; the report says which.
    TestFinished {
        /// Its name.
        test: Arc<str>,
        /// Whether it could not be tried, as a health check that it comes after is Down.
        is_blocked: bool,
        /// All that is known of it.
        report: Arc<Report>,
    },
    /// The run is over. It is the last event of a run.
    RunFinished {
        /// What it came to as a whole.
        outcome: OutcomeKind,
        /// How long it took.
        duration: Duration,
    },
    /// So many events are not remembered any more; the place is that of the last of them. What they
    /// said is in [`Engine::self_test_run`].
    ///
    /// [`Engine::self_test_run`]: crate::Engine::self_test_run
    Missed {
        /// How many.
        events: u64,
    },
}

impl RunEventKind {
    /// Returns about how many bytes it takes. A report is remembered with its run, whoever follows it.
    pub(super) fn size(&self) -> usize {
        let texts = match self {
            Self::RunStarted {
                requested_by,
                tests,
                ..
            } => requested_by.len() + tests.iter().map(|test| test.len() + 24).sum::<usize>(),
            Self::StepBegan { name, .. } => name.len(),
            Self::Observed { observation, .. } => observation.name.len(),
            Self::Noted { note, .. } => note.text.len(),
            _ => 0,
        };
        size_of::<RunEvent>() + texts
    }
}
