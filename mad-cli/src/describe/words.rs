//! The catalogue for a terminal.

use std::fmt::Write as _;

use crate::catalogue::{About, Catalogue, seconds};

/// Describes every check in a few lines.
pub(super) fn words(catalogue: &Catalogue) -> String {
    let mut text = String::new();
    head(&mut text, "Health checks", catalogue.health_checks.len());
    for check in &catalogue.health_checks {
        let what = format!("{}, {}", check.gates(), check.rhythm());
        describe(&mut text, &check.about, &what);
    }
    head(&mut text, "Self-tests", catalogue.self_tests.len());
    for test in &catalogue.self_tests {
        describe(&mut text, &test.about, &test.rhythm());
        if let Some(reason) = &test.ignored {
            line(&mut text, "ignored", reason);
        }
    }
    text
}

fn head(text: &mut String, title: &str, count: usize) {
    let gap = if text.is_empty() { "" } else { "\n" };
    _ = writeln!(text, "{gap}{title}: {count}");
}

fn describe(text: &mut String, about: &About, what: &str) {
    _ = writeln!(text, "\n{}  {}", about.name, about.summary);
    let timeout = seconds(about.timeout_seconds);
    _ = writeln!(text, "    {what}, takes {timeout} at most");
    if !about.after.is_empty() {
        line(text, "after", &about.after.join(", "));
    }
    if !about.tags.is_empty() {
        line(text, "tags", &about.tags.join(", "));
    }
    if let Some(owner) = &about.owner {
        line(text, "owner", owner);
    }
    if let Some(runbook) = &about.runbook {
        line(text, "runbook", runbook);
    }
    line(text, "source", &about.location.words());
}

fn line(text: &mut String, name: &str, value: &str) {
    _ = writeln!(text, "    {name}: {value}");
}
