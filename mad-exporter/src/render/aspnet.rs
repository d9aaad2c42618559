//! One snapshot as the user interface of ASP.NET Core's health checks reads it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::facts::{Facts, facts};
use super::reason::reason;
use super::view::{Row, View};

const TICKS_A_SECOND: u64 = 10_000_000;

/// The whole document. Its readers expect every member, so that what is not told is empty and not absent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Document<'a> {
    status: &'static str,
    total_duration: String,
    entries: BTreeMap<&'a str, Entry<'a>>,
}

#[derive(Debug, Serialize)]
struct Entry<'a> {
    data: Facts,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    duration: String,
    status: &'static str,
    tags: Vec<&'a str>,
}

/// Makes the document. As all checks run at once, the whole takes as long as the slowest.
pub(crate) fn document<'a>(view: &View<'a>) -> Document<'a> {
    let durations = view.rows.iter().map(duration);
    let entries = view.rows.iter().map(|row| (name(row), entry(view, row)));
    Document {
        status: view.state().words().aspnet,
        total_duration: time_span(durations.max().unwrap_or_default()),
        entries: entries.collect(),
    }
}

/// Returns the word that ASP.NET Core itself answers with.
pub(crate) fn word(view: &View<'_>) -> &'static str {
    view.state().words().aspnet
}

/// No check can be called like the lifecycle: names have no capitals.
fn name<'a>(row: &Row<'a>) -> &'a str {
    row.name().unwrap_or("Lifecycle")
}

fn entry<'a>(view: &View<'a>, row: &Row<'a>) -> Entry<'a> {
    let check = row.check.filter(|_| row.has_details);
    let tags = check.into_iter().flat_map(|check| check.check.tags());
    Entry {
        data: facts(view, row),
        description: check.and_then(reason),
        duration: time_span(duration(row)),
        status: row.state.words().aspnet,
        tags: tags.collect(),
    }
}

fn duration(row: &Row<'_>) -> Duration {
    let check = row.check.filter(|_| row.has_details);
    let last = check.and_then(|check| check.record.last.as_deref());
    last.map(|report| report.duration).unwrap_or_default()
}

/// Writes a duration as .NET does: `[days.]hours:minutes:seconds.ticks`.
fn time_span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let days = match seconds / (24 * 60 * 60) {
        0 => String::new(),
        days => format!("{days}."),
    };
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let ticks = u64::from(duration.subsec_nanos()) / (1_000_000_000 / TICKS_A_SECOND);
    format!("{days}{hour:02}:{minute:02}:{second:02}.{ticks:07}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_written_as_dotnet_does() {
        let check = |duration, expected| assert_eq!(time_span(duration), expected);
        check(Duration::ZERO, "00:00:00.0000000");
        check(Duration::from_micros(12_500), "00:00:00.0125000");
        check(Duration::from_nanos(3_723_000_000_199), "01:02:03.0000001");
        check(Duration::from_hours(49), "2.01:00:00.0000000");
    }
}
