//! Runs of self-tests: one with its reports, or all of them in brief.

use std::time::Duration;

use mad_core::{OutcomeKind, Progress, SelfTestResult, SelfTestRun};
use serde::Serialize;

use super::VERSION;
use super::report::{Report, report};
use crate::render::timestamp::rfc3339;

/// One run with the report of each of its tests.
#[derive(Debug, Serialize)]
pub(crate) struct Run<'a> {
    version: u32,
    #[serde(flatten)]
    brief: Brief<'a>,
    results: Vec<TestResult<'a>>,
}

/// All runs that are remembered, the newest first.
#[derive(Debug, Serialize)]
pub(crate) struct Runs<'a> {
    version: u32,
    runs: Vec<Listed<'a>>,
}

#[derive(Debug, Serialize)]
struct Listed<'a> {
    #[serde(flatten)]
    brief: Brief<'a>,
    links: Links,
}

/// Relative to the list's own address.
#[derive(Debug, Serialize)]
struct Links {
    #[serde(rename = "self")]
    itself: String,
}

/// A run without its reports.
#[derive(Debug, Serialize)]
pub(crate) struct Brief<'a> {
    id: &'a str,
    requested_by: &'a str,
    started_at: String,
    duration_seconds: Option<f64>,
    is_finished: bool,
    deadline_seconds: f64,
    is_overdue: bool,
    is_cancelled: bool,
    /// The worst so far while the run goes on.
    outcome: &'static str,
    counts: Counts,
}

#[derive(Debug, Serialize)]
struct Counts {
    pass: usize,
    warn: usize,
    fail: usize,
    skip: usize,
}

#[derive(Debug, Serialize)]
struct TestResult<'a> {
    name: &'a str,
    progress: &'static str,
    report: Option<Report<'a>>,
}

pub(crate) fn run(run: &SelfTestRun) -> Run<'_> {
    Run {
        version: VERSION,
        brief: brief(run),
        results: run.results.iter().map(result).collect(),
    }
}

/// Makes the list of runs from one in the order of time.
pub(crate) fn runs(runs: &[SelfTestRun]) -> Runs<'_> {
    Runs {
        version: VERSION,
        runs: runs.iter().rev().map(listed).collect(),
    }
}

fn listed(run: &SelfTestRun) -> Listed<'_> {
    Listed {
        brief: brief(run),
        links: Links {
            itself: format!("runs/{}", run.id),
        },
    }
}

/// Makes a run without its reports.
pub(crate) fn brief(run: &SelfTestRun) -> Brief<'_> {
    Brief {
        id: run.id.as_str(),
        requested_by: &run.requested_by,
        started_at: rfc3339(run.started_at),
        duration_seconds: run
            .duration
            .map(|duration| Duration::as_secs_f64(&duration)),
        is_finished: run.is_finished(),
        deadline_seconds: run.deadline.as_secs_f64(),
        is_overdue: run.is_overdue,
        is_cancelled: run.is_cancelled,
        outcome: run.outcome().as_str(),
        counts: Counts {
            pass: run.count(OutcomeKind::Pass),
            warn: run.count(OutcomeKind::Warn),
            fail: run.count(OutcomeKind::Fail),
            skip: run.count(OutcomeKind::Skip),
        },
    }
}

fn result(result: &SelfTestResult) -> TestResult<'_> {
    TestResult {
        name: result.check.name(),
        progress: match result.progress {
            Progress::Waiting => "waiting",
            Progress::Running => "running",
            Progress::Done(_) => "done",
            Progress::Blocked(_) => "blocked",
        },
        report: result.report().map(report),
    }
}
