//! What libtest writes for programs (`--format json`), and nextest as well.

use serde::Deserialize;

use super::error::IngestError;
use super::junit::nextest_name;
use super::{TestReport, json};
use crate::case::{Outcome, TestCase};

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    #[serde(rename = "event")]
    what: String,
    name: Option<String>,
    exec_time: Option<f64>,
    stdout: Option<String>,
    message: Option<String>,
    passed: Option<usize>,
    failed: Option<usize>,
}

/// Reads a report.
pub(super) fn read(text: &str) -> Result<TestReport, IngestError> {
    let mut report = TestReport {
        runner: "libtest",
        ..TestReport::default()
    };
    // The line that the suite began at, and the tests before it.
    let mut open = None;
    let mut last = 0;
    for event in json::lines::<Event>(text, "event of libtest") {
        let (line, event) = event?;
        last = line;
        match (event.kind.as_str(), event.what.as_str()) {
            ("suite", "started") => open = Some((line, report.cases.len())),
            ("suite", _) => {
                let Some((_, begin)) = open.take() else {
                    return Err(IngestError::at(line, "a suite ends that has not begun"));
                };
                check(&event, &report.cases[begin..], line)?;
            }
            ("test", "started" | "timeout") => {}
            ("test", _) => {
                let case = case(event, line)?;
                if case.package.is_empty() {
                    report.cases.push(case);
                } else {
                    report.runner = "nextest";
                    report.cases.push(case);
                }
            }
            _ => {}
        }
    }
    match open {
        Some((line, _)) => Err(IngestError::at(
            line,
            "the suite that begins here has no end: the report is cut off",
        )),
        None if last == 0 => Err(IngestError::whole("there is nothing in it")),
        None => Ok(report),
    }
}

fn case(event: Event, line: usize) -> Result<TestCase, IngestError> {
    let name = event
        .name
        .ok_or_else(|| IngestError::at(line, "a test has no name"))?;
    let (package, name) = match name.split_once('$') {
        Some((binary, test)) => nextest_name(without_library(binary), test),
        None => (String::new(), name),
    };
    let outcome = match event.what.as_str() {
        "ok" => Outcome::Passed,
        "failed" => Outcome::Failed,
        "ignored" => Outcome::Skipped,
        other => {
            return Err(IngestError::at(
                line,
                format!("`{other}` is no outcome of a test"),
            ));
        }
    };
    let mut case = TestCase::new(package, name, outcome);
    if let Some(seconds) = event.exec_time {
        if !seconds.is_finite() || seconds < 0.0 {
            return Err(IngestError::at(
                line,
                format!("`{seconds}` is no time in seconds"),
            ));
        }
        case.seconds.push(seconds);
    }
    if outcome != Outcome::Passed {
        let reason = event
            .message
            .or(event.stdout)
            .map(|text| super::without_stack(&text));
        case.reason = reason.filter(|reason| !reason.is_empty());
    }
    Ok(case)
}

/// nextest calls a library `the-shop::the_shop` here, and `the-shop` everywhere else.
fn without_library(binary: &str) -> &str {
    match binary.split_once("::") {
        Some((package, target)) if target == package.replace('-', "_") => package,
        _ => binary,
    }
}

/// How many were ignored is not compared: nextest tells of a program in several pieces, and repeats those in each.
fn check(event: &Event, cases: &[TestCase], line: usize) -> Result<(), IngestError> {
    let count = |outcome| cases.iter().filter(|case| case.outcome == outcome).count();
    for (told, outcome, word) in [
        (event.passed, Outcome::Passed, "passed"),
        (event.failed, Outcome::Failed, "failed"),
    ] {
        let listed = count(outcome);
        if told.is_some_and(|told| told != listed) {
            let told = told.unwrap_or_default();
            return Err(IngestError::at(
                line,
                format!("{told} tests {word}, it says, but {listed} are listed"),
            ));
        }
    }
    Ok(())
}
