//! What a test came to, in the words that report formats share.

use mad_core::{Cause, Outcome, Progress, SelfTestResult, SelfTestRun};

/// What a test came to. A failure is what the test found; an error kept it from finding anything.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    Passed,
    /// It passed, with a reservation.
    Warned(String),
    Skipped(String),
    Failed(String),
    /// It panicked, was out of time, was aborted, was blocked, or has not ended.
    Error {
        kind: &'static str,
        message: String,
    },
}

impl Verdict {
    pub(super) fn of(result: &SelfTestResult) -> Self {
        let unfinished = |message: &str| Self::Error {
            kind: "unfinished",
            message: message.to_owned(),
        };
        match &result.progress {
            Progress::Waiting => unfinished("its turn has not come yet"),
            Progress::Running => unfinished("it is still running"),
            Progress::Blocked(report) => Self::Error {
                kind: "blocked",
                message: match &report.outcome {
                    Outcome::Skip(reason) => reason.clone(),
                    other => other.to_string(),
                },
            },
            Progress::Done(report) => Self::of_outcome(&report.outcome),
        }
    }

    fn of_outcome(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Pass => Self::Passed,
            Outcome::Warn(reason) => Self::Warned(reason.clone()),
            Outcome::Skip(reason) => Self::Skipped(reason.clone()),
            Outcome::Fail(failure) if failure.cause() == Cause::Failed => {
                Self::Failed(failure.to_string())
            }
            Outcome::Fail(failure) => Self::Error {
                kind: failure.cause().as_str(),
                message: failure.to_string(),
            },
        }
    }

    /// Says whether it speaks for the service: what was skipped says nothing, and counts as no failure.
    pub(super) fn is_good(&self) -> bool {
        matches!(self, Self::Passed | Self::Warned(_) | Self::Skipped(_))
    }
}

/// Says why the run as a whole has not passed, whatever its tests came to.
pub(super) fn why_cut(run: &SelfTestRun) -> Option<String> {
    if run.is_cancelled {
        Some("the run was cancelled".to_owned())
    } else if run.is_overdue {
        let deadline = run.deadline;
        Some(format!("the run is over its deadline of {deadline:?}"))
    } else {
        None
    }
}
