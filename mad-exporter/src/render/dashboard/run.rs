//! A run of self-tests on the page.

use askama::Template;
use mad_core::{OutcomeKind, Progress, SelfTestResult, SelfTestRun};

use super::moment::Moment;
use super::report::Report;
use super::span::span;

/// A run of self-tests.
#[derive(Debug, Template)]
#[template(path = "run.html")]
pub(super) struct Run {
    id: String,
    /// Where its address begins, seen from the page.
    prefix: String,
    /// `pass`, `warn`, `fail`, `skip`; that of what is done while it goes on.
    outcome: &'static str,
    is_finished: bool,
    is_cancelled: bool,
    is_overdue: bool,
    requested_by: String,
    started: Moment,
    took: Option<String>,
    counts: String,
    results: Vec<TestResult>,
}

#[derive(Debug)]
struct TestResult {
    name: String,
    /// `waiting`, `running`, `blocked`, or the outcome.
    state: &'static str,
    report: Option<Report>,
}

impl Run {
    /// `prefix` is where addresses begin, seen from the page.
    pub(super) fn new(run: &SelfTestRun, prefix: &str) -> Self {
        Self {
            id: run.id.to_string(),
            prefix: prefix.to_owned(),
            outcome: run.outcome().as_str(),
            is_finished: run.is_finished(),
            is_cancelled: run.is_cancelled,
            is_overdue: run.is_overdue,
            requested_by: run.requested_by.clone(),
            started: run.started_at.into(),
            took: run.duration.map(span),
            counts: counts(run),
            results: run.results.iter().map(TestResult::from).collect(),
        }
    }
}

fn counts(run: &SelfTestRun) -> String {
    let counts = OutcomeKind::ALL.map(|kind| (run.count(kind), kind.as_str()));
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<_> = counts
        .map(|(count, kind)| format!("{count} {kind}"))
        .collect();
    format!(
        "{} of {} done: {}",
        done(run),
        run.results.len(),
        counts.join(", ")
    )
    .trim_end_matches(": ")
    .to_owned()
}

fn done(run: &SelfTestRun) -> usize {
    let reports = run.results.iter().filter_map(SelfTestResult::report);
    reports.count()
}

impl From<&SelfTestResult> for TestResult {
    fn from(result: &SelfTestResult) -> Self {
        Self {
            name: result.check.name().to_owned(),
            state: match &result.progress {
                Progress::Waiting => "waiting",
                Progress::Running => "running",
                Progress::Blocked(_) => "blocked",
                Progress::Done(report) => report.outcome.kind().as_str(),
            },
            report: result.report().map(Report::from),
        }
    }
}
