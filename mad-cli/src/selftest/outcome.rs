//! What came of an instance.

/// What came of an instance.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    Pass,
    Warn,
    Skip,
    Fail,
    /// It says no.
    Refused,
    /// Nobody answers.
    Unreachable,
    /// It has begun, and nobody answers any more.
    Lost,
    /// Somebody wanted no more of it.
    Cancelled,
    /// Its turn has not come.
    NotStarted,
}

impl Outcome {
    /// Reads it from a run that is over. What is unknown has not passed.
    pub(super) fn of_run(word: &str) -> Self {
        match word {
            "pass" => Self::Pass,
            "warn" => Self::Warn,
            "skip" => Self::Skip,
            _ => Self::Fail,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Skip => "skip",
            Self::Fail => "fail",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Lost => "lost",
            Self::Cancelled => "cancelled",
            Self::NotStarted => "not started",
        }
    }

    pub(super) fn has_passed(self) -> bool {
        matches!(self, Self::Pass | Self::Warn | Self::Skip)
    }

    /// Says whether nothing has been learnt of the instance.
    pub(super) fn is_unasked(self) -> bool {
        matches!(self, Self::Refused | Self::Unreachable | Self::NotStarted)
    }
}
