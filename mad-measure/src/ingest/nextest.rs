//! What nextest writes for people.

use std::collections::HashMap;

use super::TestReport;
use super::error::IngestError;
use super::junit::nextest_name;
use super::libtest::without_colours;
use crate::case::{Outcome, TestCase};

/// Reads a report: the lines of tests up to the summary, which have to agree with it.
pub(super) fn read(text: &str) -> Result<TestReport, IngestError> {
    let mut report = TestReport {
        runner: "nextest",
        ..TestReport::default()
    };
    let mut retries = HashMap::<(String, String), u32>::new();
    for (index, line) in text.lines().enumerate() {
        let line = without_colours(line);
        let line = line.trim();
        if let Some(summary) = line.strip_prefix("Summary [") {
            report.seconds = Some(seconds(summary, index + 1)?);
            check(summary, &report.cases, index + 1)?;
            return Ok(report);
        }
        let Some(told) = Told::of(line) else {
            continue;
        };
        let (package, name) = nextest_name(told.binary, told.test);
        if told.is_tried_again {
            *retries.entry((package, name)).or_default() += 1;
            continue;
        }
        let before = retries.remove(&(package.clone(), name.clone()));
        let mut case = TestCase::new(package, name, told.outcome);
        case.retries = before.unwrap_or_default();
        if told.outcome != Outcome::Skipped {
            case.seconds.push(seconds(told.time, index + 1)?);
        }
        report.cases.push(case);
    }
    Err(IngestError::whole(
        "there is no line that begins with `Summary [`: the report is cut off",
    ))
}

/// A line about a test.
struct Told<'line> {
    outcome: Outcome,
    is_tried_again: bool,
    time: &'line str,
    binary: &'line str,
    test: &'line str,
}

impl<'line> Told<'line> {
    /// `PASS [   0.011s] (1/5) shop::orders are_placed`, in older versions without the count.
    fn of(line: &'line str) -> Option<Self> {
        let (status, rest) = line.split_once('[')?;
        let (time, rest) = rest.split_once(']')?;
        let words: Vec<_> = status.split_whitespace().collect();
        let (is_try, word) = match words.as_slice() {
            ["TRY", _, word] => (true, *word),
            [word] => (false, *word),
            _ => return None,
        };
        let outcome = match word {
            "PASS" | "LEAK" => Outcome::Passed,
            "SKIP" => Outcome::Skipped,
            "FAIL" | "TIMEOUT" | "ABORT" | "LEAK-FAIL" => Outcome::Failed,
            signal if signal.starts_with("SIG") => Outcome::Failed,
            _ => return None,
        };
        let rest = rest.trim_start();
        let (count, rest) = match rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
            Some((count, rest)) => (count.trim(), rest.trim_start()),
            None => ("", rest),
        };
        let (binary, test) = rest.split_once(' ')?;
        // A try that is not the last counts for no test: there is a line instead of the number.
        let is_tried_again = is_try && outcome == Outcome::Failed && !count.contains('/');
        Some(Self {
            outcome,
            is_tried_again,
            time,
            binary,
            test: test.trim(),
        })
    }
}

fn seconds(text: &str, line: usize) -> Result<f64, IngestError> {
    let text = text.split(']').next().unwrap_or_default().trim();
    super::error::seconds(text.trim_start_matches('>').trim_end_matches('s'), line)
}

/// `3 tests run: 2 passed (1 flaky), 1 failed, 1 skipped`
fn check(summary: &str, cases: &[TestCase], line: usize) -> Result<(), IngestError> {
    let run = summary.split_once(']').map_or("", |(_, rest)| rest);
    let count = |outcome| cases.iter().filter(|case| case.outcome == outcome).count();
    let (passed, failed) = (count(Outcome::Passed), count(Outcome::Failed));
    let (run, rest) = run.trim().split_once(" run: ").unwrap_or_default();
    let told = run
        .split(['/', ' '])
        .next()
        .and_then(|count| count.parse().ok());
    if told != Some(passed + failed) {
        let run = told.map_or_else(
            || "an unknown number of".to_owned(),
            |told: usize| told.to_string(),
        );
        let reason = format!(
            "{run} tests ran, it says, but {} are listed",
            passed + failed
        );
        return Err(IngestError::at(line, reason));
    }
    let mut told = rest
        .split(", ")
        .filter_map(|part| part.split_once(" passed"));
    let told = told.next().and_then(|(count, _)| count.trim().parse().ok());
    if told.unwrap_or(0) != passed {
        let reason = format!(
            "{} tests passed, it says, but {passed} are listed",
            told.unwrap_or(0)
        );
        return Err(IngestError::at(line, reason));
    }
    Ok(())
}
