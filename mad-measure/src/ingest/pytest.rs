//! The report of pytest's plugin `pytest-json-report`.

use std::time::Duration;

use serde::Deserialize;

use super::error::IngestError;
use super::{TestReport, json};
use crate::case::{Outcome, TestCase};

#[derive(Deserialize)]
struct Document {
    created: f64,
    duration: f64,
    summary: Summary,
    #[serde(default)]
    tests: Vec<Test>,
}

#[derive(Deserialize)]
struct Summary {
    total: Option<usize>,
}

#[derive(Deserialize)]
struct Test {
    nodeid: String,
    outcome: String,
    setup: Option<Stage>,
    call: Option<Stage>,
    teardown: Option<Stage>,
}

#[derive(Deserialize)]
struct Stage {
    duration: f64,
    crash: Option<Crash>,
    /// A text, or of a skipped test sometimes a list.
    longrepr: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Crash {
    message: String,
}

/// Reads a report.
pub(super) fn read(text: &str) -> Result<TestReport, IngestError> {
    let document: Document = json::document(text, "report of pytest-json-report")?;
    let listed = document.tests.len();
    // A report can be made without the list of tests, which then measures nothing.
    if document.summary.total.unwrap_or(0) != listed {
        let reason = format!(
            "{} tests ran, it says, but {listed} are listed",
            document.summary.total.unwrap_or(0)
        );
        return Err(IngestError::whole(reason));
    }
    let begun = Duration::try_from_secs_f64(document.created - document.duration).ok();
    Ok(TestReport {
        runner: "pytest",
        started_at: begun.and_then(|begun| i64::try_from(begun.as_millis()).ok()),
        seconds: Some(document.duration),
        cases: document
            .tests
            .iter()
            .map(Test::case)
            .collect::<Result<_, _>>()?,
    })
}

impl Test {
    fn case(&self) -> Result<TestCase, IngestError> {
        let (file, name) = self.nodeid.split_once("::").unwrap_or(("", &self.nodeid));
        let outcome = match self.outcome.as_str() {
            "passed" | "xpassed" => Outcome::Passed,
            "failed" | "error" => Outcome::Failed,
            "skipped" | "xfailed" => Outcome::Skipped,
            other => {
                let reason = format!("`{other}` is no outcome of a test ({})", self.nodeid);
                return Err(IngestError::whole(reason));
            }
        };
        let mut case = TestCase::new(file, name, outcome);
        let stages = [&self.setup, &self.call, &self.teardown];
        let stages: Vec<_> = stages.into_iter().flatten().collect();
        let seconds: f64 = stages.iter().map(|stage| stage.duration).sum();
        if !stages.is_empty() && seconds.is_finite() && seconds >= 0.0 {
            case.seconds.push(seconds);
        }
        if outcome != Outcome::Passed {
            case.reason = stages.iter().find_map(|stage| stage.reason());
        }
        Ok(case)
    }
}

impl Stage {
    fn reason(&self) -> Option<String> {
        let crash = self.crash.as_ref().map(|crash| crash.message.clone());
        crash.or_else(|| match &self.longrepr {
            Some(serde_json::Value::String(text)) => Some(text.clone()),
            Some(serde_json::Value::Array(parts)) => parts.last()?.as_str().map(str::to_owned),
            _ => None,
        })
    }
}
