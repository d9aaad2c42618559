//! What self-tests there are, and what was run of them, for people.

use std::fmt::Write as _;

use mad_core::{Check, OutcomeKind, SelfTestRun, Snapshot};

use crate::render::line::line;
use crate::render::timestamp::rfc3339;

/// Writes every self-test with what it does, whether it may run, and what it last came to.
pub(crate) fn catalogue(
    snapshot: &Snapshot,
    why_left_out: impl Fn(&Check) -> Option<String>,
) -> String {
    let mut page = String::new();
    for test in &snapshot.self_tests {
        let check = &*test.check;
        let Some(options) = check.self_test_options() else {
            continue;
        };
        // Writing to a string does not fail.
        _ = write!(page, "{}  ({})", check.name(), options.effects);
        for tag in check.tags() {
            _ = write!(page, " tag:{tag}");
        }
        page.push('\n');
        if !check.summary().is_empty() {
            _ = writeln!(page, "      {}", line(check.summary()));
        }
        if let Some(why_not) = why_left_out(check) {
            _ = writeln!(page, "      may not run: {}", line(&why_not));
        }
        match &test.record.last {
            Some(last) => {
                let at = rfc3339(last.started_at);
                _ = writeln!(page, "      last {at}: {}", line(&last.outcome.to_string()));
            }
            None => page.push_str("      never ran\n"),
        }
    }
    if page.is_empty() {
        page.push_str("no self-test is registered\n");
    }
    page
}

/// Writes a line for each run, from a list in the order of time.
pub(crate) fn runs(runs: &[SelfTestRun]) -> String {
    let mut page = String::new();
    for run in runs.iter().rev() {
        let word = match run.outcome() {
            _ if !run.is_finished() => "goes on",
            outcome => outcome.as_str(),
        };
        let counts = OutcomeKind::ALL.map(|kind| format!("{} {}", run.count(kind), kind.as_str()));
        let (at, who) = (rfc3339(run.started_at), line(&run.requested_by));
        let counts = counts.join(", ");
        _ = writeln!(page, "{}  {at}  {word:7}  {counts}  by {who}", run.id);
    }
    if page.is_empty() {
        page.push_str("nothing was run\n");
    }
    page
}
