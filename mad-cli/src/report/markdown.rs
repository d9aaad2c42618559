//! The report as Markdown.

use std::fmt::Write as _;

use crate::changes::{amount, place};
use crate::retro::markdown::{self, cell};

use super::Report;

/// So many changes are listed.
const MOST: usize = 200;

pub(super) fn of(report: &Report<'_>) -> String {
    let timeline = report.timeline;
    let mut text = format!(
        "# {}: what was measured\n\n{} series along {} commits, {} judged, {} changes.\n\n",
        cell(&report.title),
        timeline.measured.len(),
        timeline.commits.len(),
        timeline.n_judged(),
        report.changes.len()
    );
    text.push_str("| series | change | commits | accepted |\n|---|---|---|---|\n");
    for change in report.changes.iter().take(MOST) {
        _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            cell(&change.series),
            amount(change),
            cell(&place(change.finding.shape, change.commits)),
            cell(change.accepted.as_deref().unwrap_or(""))
        );
    }
    if let Some(retro) = &report.retro {
        _ = write!(text, "\n{}", markdown::of(retro));
    }
    text
}
