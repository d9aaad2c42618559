//! One snapshot as a plugin of Nagios writes it: a line for the pager, the numbers, then a line for each check.

use std::fmt::Write as _;

use super::plugin::{MAX_LENGTH, add_numbers, readable};
use super::reason::reason;
use super::since::Since;
use super::state::State;
use super::view::{Row, View};

/// The first line is for pagers: what is not well is named up to so many characters.
const LONGEST_SUMMARY: usize = 80;

/// Writes the text.
pub(crate) fn text(view: &View<'_>) -> String {
    let mut text = format!("MAD {} - {}", view.state().words().nagios, summary(view));
    let numbers = numbers(view);
    if !numbers.is_empty() {
        text.extend([" | ", &numbers]);
    }
    text.push('\n');
    for row in &view.rows {
        let line = line(view, row);
        if text.len() + line.len() > MAX_LENGTH {
            text.push_str("...\n");
            break;
        }
        text.push_str(&line);
    }
    text
}

/// Names what counts and is not well, the worst first.
fn summary(view: &View<'_>) -> String {
    let counting = view.rows.iter().filter(|row| row.counts);
    let mut troubles: Vec<_> = counting.filter(|row| row.state != State::Up).collect();
    troubles.sort_by_key(|row| std::cmp::Reverse(row.state));
    let mut summary = String::new();
    for (shown, row) in troubles.iter().enumerate() {
        let trouble = trouble(view, row);
        if summary.len() + trouble.len() > LONGEST_SUMMARY {
            _ = write!(summary, ", and {} more", troubles.len() - shown);
            return summary;
        }
        let comma = if shown == 0 { "" } else { ", " };
        summary.extend([comma, &trouble]);
    }
    if summary.is_empty() {
        let checks = view.rows.iter().filter(|row| row.counts);
        let checks = checks.filter(|row| row.check.is_some()).count();
        let noun = if checks == 1 { "check" } else { "checks" };
        summary = format!("{checks} {noun} up");
    }
    summary
}

fn trouble(view: &View<'_>, row: &Row<'_>) -> String {
    match row.name() {
        Some(name) if row.is_in_maintenance() => format!("{name} in maintenance"),
        Some(name) => format!("{name} {}", row.state.words().plain),
        None => view.snapshot.lifecycle.to_string(),
    }
}

/// Writes a line as plugins that bundle others do.
fn line(view: &View<'_>, row: &Row<'_>) -> String {
    let word = row.state.words().nagios;
    let Some(name) = row.name() else {
        return format!("[{word}] lifecycle: {}\n", view.snapshot.lifecycle);
    };
    let note = match (row.counts, row.is_in_maintenance()) {
        (_, true) => " (in maintenance)",
        (false, _) => " (gates nothing)",
        (true, false) => "",
    };
    let seen = row.check.filter(|_| row.has_details);
    let since = seen.and_then(|check| Since::of(check.health, &check.record));
    let since = since.map_or(String::new(), |since| format!(", {since}"));
    match seen.and_then(reason) {
        Some(reason) => format!("[{word}] {name}{note}{since}: {}\n", readable(&reason)),
        None => format!("[{word}] {name}{note}{since}\n"),
    }
}

/// Returns how long each check took, and what it observed.
fn numbers(view: &View<'_>) -> String {
    let rows = view.rows.iter().filter(|row| row.has_details);
    let checks = rows.filter_map(|row| row.check);
    let reports =
        checks.filter_map(|check| Some((check.check.name(), check.record.last.as_deref()?)));
    let mut numbers = String::new();
    add_numbers(&mut numbers, reports);
    numbers
}
