//! What a monitoring plugin prints: a line with the status, numbers after a bar, and more lines.

use std::fmt::Write as _;

use mad_core::{OutcomeKind, SelfTestRun};

use super::verdict::{Verdict, why_cut};
use crate::render::plugin::{MAX_LENGTH, add_numbers, readable};

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
    let results = run.results.iter();
    let reports = results.filter_map(|result| Some((result.check.name(), result.report()?)));
    add_numbers(&mut numbers, reports);
    numbers
}
