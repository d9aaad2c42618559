//! Changes as lines for people.

use std::fmt::Write as _;

use mad_analysis::{Estimate, Finding, News, Shape};
use mad_store::{Commit, MetricKind};

use super::Change;
use crate::output::line;
use crate::timeline::Timeline;

/// So many letters of a commit's summary fit.
const SUMMARY_LETTERS: usize = 60;

/// So many letters of a hash tell it from others.
const HASH_LETTERS: usize = 12;

/// Returns the lines of these changes, and one of what there was to look at.
pub(super) fn of(timeline: &Timeline, shown: &[Change<'_>], n_all: usize) -> String {
    let mut text = String::new();
    for change in shown {
        _ = writeln!(text, "{}", words(change));
    }
    let n_series = timeline.measured.len();
    let n_judged = timeline.n_judged();
    _ = writeln!(
        text,
        "{n_series} series along {} commits, {n_judged} judged, {} too short; {} changes, {} not shown (--all)",
        timeline.commits.len(),
        n_series - n_judged,
        n_all,
        n_all - shown.len(),
    );
    text
}

fn words(change: &Change<'_>) -> String {
    let finding = change.finding;
    let news = match (&change.accepted, finding.news) {
        (Some(_), _) => "accepted",
        (None, News::Worse) => "worse",
        (None, News::Better) => "better",
        (None, News::Neither) => "changed",
    };
    let amount = amount(change);
    let mut text = format!("{news:8} {amount}  {}", change.series);
    if *change.environment != mad_store::Environment::default() {
        _ = write!(text, "  ({})", change.environment);
    }
    _ = write!(
        text,
        "\n           {}",
        place(finding.shape, change.commits)
    );
    if let Some(q) = finding.q {
        _ = write!(text, "; of such findings, {} are false", share(q));
    }
    if let Some(why) = &change.accepted {
        _ = write!(text, "; accepted: {}", line(why, SUMMARY_LETTERS));
    }
    text
}

/// Returns by how much it changed.
pub(crate) fn amount(change: &Change<'_>) -> String {
    let finding = change.finding;
    if finding.shape == Shape::Spread {
        return widened(finding, change.unit);
    }
    match (change.kind, finding.relative) {
        (MetricKind::Outcome, _) if finding.change.value < 0.0 => "fails from here on".to_owned(),
        (MetricKind::Outcome, _) => "passes from here on".to_owned(),
        (MetricKind::Ratio, _) => scaled(finding.change, 100.0, "points"),
        (_, Some(part)) => scaled(part, 100.0, "%"),
        (_, None) => scaled(finding.change, 1.0, change.unit),
    }
}

/// A spread is told by a factor: who reads of 200 % thinks of a level.
fn widened(finding: &Finding, unit: &str) -> String {
    let Some(part) = finding.relative else {
        return format!("spread {}", scaled(finding.change, 1.0, unit));
    };
    let [value, low, high] = [part.value, part.low, part.high].map(|part| 1.0 + part);
    format!("spread {value:.2} times as wide ({low:.2} to {high:.2})")
}

fn scaled(Estimate { value, low, high }: Estimate, scale: f64, unit: &str) -> String {
    let [value, low, high] = [value, low, high].map(|number| number * scale);
    if low.to_bits() == high.to_bits() {
        format!("{value:+.1} {unit}")
    } else {
        format!("{value:+.1} {unit} ({low:+.1} to {high:+.1})")
    }
}

/// Returns which commits are meant, in words.
pub(crate) fn place(shape: Shape, commits: &[Commit]) -> String {
    let [first, .., last] = commits else {
        return commits.first().map_or_else(String::new, named);
    };
    let hash = |commit: &Commit| short(&commit.id).to_owned();
    // As git reads it: what stands at the left of `..` is not meant.
    let range = format!("{}^..{}", hash(first), hash(last));
    match shape {
        Shape::Step | Shape::Spread => format!(
            "one of {} commits {range}, seen at {}",
            commits.len(),
            named(last)
        ),
        Shape::Drift => format!("along {} commits {range}", commits.len()),
    }
}

fn named(commit: &Commit) -> String {
    format!(
        "{} {}",
        short(&commit.id),
        line(&commit.summary, SUMMARY_LETTERS)
    )
}

/// Returns the beginning of a hash.
pub(crate) fn short(id: &str) -> &str {
    id.get(..HASH_LETTERS).unwrap_or(id)
}

fn share(q: f64) -> String {
    if q < 0.001 {
        "less than 0.1 %".to_owned()
    } else {
        format!("{:.1} %", q * 100.0)
    }
}
