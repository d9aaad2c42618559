//! What a service says of a run of self-tests.

use serde::Deserialize;

/// A run, as far as it has come.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Run {
    pub(crate) id: String,
    pub(crate) is_finished: bool,
    pub(crate) deadline_seconds: f64,
    pub(crate) is_overdue: bool,
    pub(crate) is_cancelled: bool,
    /// The worst of what is done; that of a run that was cut short is `fail`.
    pub(crate) outcome: String,
    pub(crate) counts: Counts,
    /// Missing where runs are told in brief.
    #[serde(default)]
    pub(crate) results: Vec<TestResult>,
}

/// How many of its tests came to what.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(crate) struct Counts {
    pub(crate) pass: u64,
    pub(crate) warn: u64,
    pub(crate) fail: u64,
    pub(crate) skip: u64,
}

/// How far a test has come.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct TestResult {
    pub(crate) name: String,
    pub(crate) progress: String,
    pub(crate) report: Option<Report>,
}

/// What a test reports.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Report {
    pub(crate) reason: Option<String>,
    pub(crate) failure: Option<Failure>,
}

/// Why a test failed.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Failure {
    pub(crate) message: String,
}

impl Run {
    /// Returns where it is, below the address of the service.
    pub(crate) fn path(&self) -> String {
        format!("selftest/runs/{}", self.id)
    }

    /// Says what failed first, if anything has.
    pub(crate) fn first_failure(&self) -> Option<String> {
        let failure = self.results.iter().find_map(TestResult::failure);
        let cut = || {
            if self.is_overdue {
                Some("the run is over its deadline".to_owned())
            } else if self.is_cancelled {
                Some("the run was cancelled".to_owned())
            } else {
                None
            }
        };
        failure.or_else(cut)
    }
}

impl TestResult {
    /// Says why it has not passed.
    fn failure(&self) -> Option<String> {
        let report = self.report.as_ref()?;
        let why = match (&report.failure, self.progress.as_str()) {
            (Some(failure), _) => &failure.message,
            (None, "blocked") => report.reason.as_ref()?,
            _ => return None,
        };
        Some(format!("{}: {why}", self.name))
    }
}
