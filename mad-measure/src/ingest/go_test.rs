//! `go test -json`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::error::IngestError;
use super::{TestReport, json, time};
use crate::case::{Outcome, TestCase};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    action: String,
    time: Option<String>,
    package: Option<String>,
    test: Option<String>,
    elapsed: Option<f64>,
    output: Option<String>,
}

/// A test that has begun.
struct Open {
    output: String,
}

/// So much of what a test writes is kept as the reason of its failure.
const MOST_OUTPUT: usize = 4 << 10;

/// Reads a report.
pub(super) fn read(text: &str) -> Result<TestReport, IngestError> {
    let mut report = TestReport {
        runner: "go",
        ..TestReport::default()
    };
    let mut tests = BTreeMap::<(String, String), Open>::new();
    // The packages that have begun, with the line.
    let mut packages = BTreeMap::<String, usize>::new();
    let mut is_empty = true;
    for event in json::lines::<Event>(text, "event of `go test -json`") {
        let (line, event) = event?;
        is_empty = false;
        let at = event.time.as_deref().and_then(time::milliseconds);
        report.started_at = report.started_at.or(at);
        if let (Some(begun), Some(now)) = (report.started_at, at) {
            report.seconds = u32::try_from(now - begun)
                .ok()
                .map(|gone| f64::from(gone) / 1_000.0);
        }
        let Some(package) = event.package else {
            continue;
        };
        match event.test {
            None => match event.action.as_str() {
                "start" => {
                    packages.insert(package, line);
                }
                "pass" | "skip" | "fail" => {
                    packages.remove(&package);
                    report.cases.extend(unfinished(&package, &mut tests));
                }
                _ => {}
            },
            Some(name) => {
                packages.entry(package.clone()).or_insert(line);
                let key = (package, name);
                let outcome = match event.action.as_str() {
                    "run" => {
                        tests.insert(
                            key,
                            Open {
                                output: String::new(),
                            },
                        );
                        continue;
                    }
                    "output" => {
                        let open = tests
                            .get_mut(&key)
                            .filter(|open| open.output.len() < MOST_OUTPUT);
                        if let (Some(open), Some(output)) = (open, event.output) {
                            open.output.push_str(&output);
                        }
                        continue;
                    }
                    "pass" => Outcome::Passed,
                    "fail" => Outcome::Failed,
                    "skip" => Outcome::Skipped,
                    _ => continue,
                };
                let open = tests.remove(&key);
                report.cases.push(case(key, outcome, event.elapsed, open));
            }
        }
    }
    match packages.into_values().min() {
        _ if is_empty => Err(IngestError::whole("there is nothing in it")),
        Some(line) => Err(IngestError::at(
            line,
            "the package that begins here has no end: the report is cut off",
        )),
        None => Ok(report),
    }
}

fn case(
    (package, test): (String, String),
    outcome: Outcome,
    elapsed: Option<f64>,
    open: Option<Open>,
) -> TestCase {
    let mut case = TestCase::new(package, test, outcome);
    case.seconds
        .extend(elapsed.filter(|seconds| seconds.is_finite() && *seconds >= 0.0));
    if outcome != Outcome::Passed {
        let told = open.map(|open| open.output).unwrap_or_default();
        let lines = told
            .lines()
            .filter(|line| !line.starts_with("=== ") && !line.trim_start().starts_with("--- "));
        let told = lines.map(str::trim).collect::<Vec<_>>().join("\n");
        case.reason = Some(told).filter(|told| !told.is_empty());
    }
    case
}

/// Tests of a package that is over which have not ended: one of them has brought it down.
fn unfinished(package: &str, tests: &mut BTreeMap<(String, String), Open>) -> Vec<TestCase> {
    let keys: Vec<_> = tests
        .keys()
        .filter(|(of, _)| of == package)
        .cloned()
        .collect();
    let cases = keys.into_iter().map(|key| {
        let open = tests.remove(&key);
        case(key, Outcome::Failed, None, open)
    });
    cases.collect()
}
