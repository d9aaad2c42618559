//! A run for people.

use std::fmt::Write as _;

use mad_core::{OutcomeKind, SelfTestRun};

use super::verdict::{Verdict, why_cut};
use crate::render::line::{line, lines};

/// Writes a run: what it came to, then each test with everything that it left.
pub(super) fn page(run: &SelfTestRun) -> String {
    let mut page = headline(run);
    for result in &run.results {
        let (word, text) = match Verdict::of(result) {
            Verdict::Passed => ("PASS", None),
            Verdict::Warned(_) => ("WARN", None),
            Verdict::Skipped(_) => ("SKIP", None),
            Verdict::Failed(_) => ("FAIL", None),
            Verdict::Error { message, .. } => ("ERROR", Some(message)),
        };
        // Writing to a string does not fail.
        _ = writeln!(page, "\n{word:5} {}", result.check.name());
        match (result.report(), text) {
            (Some(report), _) => put(&mut page, &report.to_string()),
            (None, Some(text)) => put(&mut page, &text),
            (None, None) => {}
        }
    }
    page
}

fn headline(run: &SelfTestRun) -> String {
    let counts = OutcomeKind::ALL.map(|kind| format!("{} {}", run.count(kind), kind.as_str()));
    let word = match run.outcome() {
        OutcomeKind::Fail => "FAIL",
        _ if !run.is_finished() => "the run goes on",
        OutcomeKind::Pass => "PASS",
        OutcomeKind::Warn => "WARN",
        OutcomeKind::Skip => "SKIP",
    };
    let mut headline = format!("{word}: {} of {}", counts.join(", "), run.results.len());
    if let Some(duration) = run.duration {
        _ = write!(headline, " [{duration:.1?}]");
    }
    if let Some(why) = why_cut(run) {
        _ = write!(headline, "; {why}");
    }
    _ = writeln!(
        headline,
        "\nrun {}, asked for by {}",
        run.id,
        line(&run.requested_by)
    );
    headline
}

fn put(page: &mut String, text: &str) {
    for line in lines(text) {
        _ = writeln!(page, "      {}", line.trim_end());
    }
}
