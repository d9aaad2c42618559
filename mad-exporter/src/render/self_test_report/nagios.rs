//! What a monitoring plugin prints: a line with the status, numbers after a bar, and more lines.

use std::fmt::Write as _;

use mad_core::{Observation, OutcomeKind, SelfTestRun, Unit};

use super::line::line;
use super::verdict::{Verdict, why_cut};

/// Readers take 8 KiB at most, and cut what is longer wherever it is.
const MAX_LENGTH: usize = 8_000;

/// How many bytes of it may be numbers.
const MAX_NUMBERS: usize = 5_000;

/// How many characters of a text stand on a line.
const MAX_TEXT: usize = 200;

/// Writes a run as the output of a plugin whose exit code is that of the status.
pub(super) fn output(run: &SelfTestRun) -> String {
    let mut output = format!("SELFTEST {} - {}", status(run), summary(run));
    output.push_str(" | ");
    output.push_str(&numbers(run));
    output.push('\n');
    for result in &run.results {
        let (word, text) = match Verdict::of(result) {
            Verdict::Passed => continue,
            Verdict::Warned(text) => ("warn", text),
            Verdict::Skipped(text) => ("skip", text),
            Verdict::Failed(text) => ("fail", text),
            Verdict::Error { message, .. } => ("error", message),
        };
        let line = format!("{word} {}: {}\n", result.check.name(), readable(&text));
        if output.len() + line.len() > MAX_LENGTH {
            output.push_str("...\n");
            break;
        }
        output.push_str(&line);
    }
    output
}

/// Returns the word of the exit codes 0, 1, 2, 3. What is not known is UNKNOWN.
fn status(run: &SelfTestRun) -> &'static str {
    match run.outcome() {
        OutcomeKind::Fail => "CRITICAL",
        _ if !run.is_finished() => "UNKNOWN",
        OutcomeKind::Skip => "UNKNOWN",
        OutcomeKind::Warn => "WARNING",
        OutcomeKind::Pass => "OK",
    }
}

/// Says it in few words: this is all that a pager shows.
fn summary(run: &SelfTestRun) -> String {
    let of = run.results.len();
    let bad = run.results.iter().filter(|result| {
        let verdict = Verdict::of(result);
        result.report().is_some() && !verdict.is_good()
    });
    let bad: Vec<_> = bad.map(|result| result.check.name()).collect();
    let passed = run.count(OutcomeKind::Pass) + run.count(OutcomeKind::Warn);
    let mut summary = match (bad.first(), why_cut(run)) {
        (Some(first), _) if bad.len() == 1 => format!("{first} has not passed"),
        (Some(first), _) => format!("{first} and {} more of {of} have not passed", bad.len() - 1),
        (None, Some(why)) => readable(&why),
        (None, None) if run.is_finished() => format!("{passed} of {of} passed"),
        (None, None) => format!("{passed} of {of} passed so far, the run goes on"),
    };
    if run.count(OutcomeKind::Warn) > 0 && bad.is_empty() {
        _ = write!(summary, ", {} with warnings", run.count(OutcomeKind::Warn));
    }
    summary
}

/// Writes the counts, the time, and what the tests observed, as far as there is room.
fn numbers(run: &SelfTestRun) -> String {
    let mut numbers = String::new();
    for kind in OutcomeKind::ALL {
        _ = write!(numbers, "{}={};;;0 ", kind.as_str(), run.count(kind));
    }
    if let Some(duration) = run.duration {
        _ = write!(numbers, "time={:.3}s;;;0 ", duration.as_secs_f64());
    }
    for result in &run.results {
        let Some(report) = result.report() else {
            continue;
        };
        let name = result.check.name();
        let mut of_test = format!("'{name}'={:.3}s;;;0 ", report.duration.as_secs_f64());
        for observation in &report.observations {
            of_test.push_str(&number(name, observation));
        }
        if numbers.len() + of_test.len() > MAX_NUMBERS {
            break;
        }
        numbers.push_str(&of_test);
    }
    numbers.truncate(numbers.trim_end().len());
    numbers
}

/// Names hold neither quotes nor equals signs. A number is written without an exponent.
fn number(test: &str, observation: &Observation) -> String {
    let (unit, range) = match observation.unit {
        Unit::Seconds => ("s", ""),
        Unit::Bytes => ("B", ""),
        Unit::Ratio => ("", ";;;0;1"),
        _ => ("", ""),
    };
    let Observation { name, value, .. } = observation;
    format!("'{test}:{name}'={value}{unit}{range} ")
}

/// Makes a text of one line, without the bar that numbers come after.
fn readable(text: &str) -> String {
    let text = line(text).replace('|', "/");
    text.chars().take(MAX_TEXT).collect()
}
