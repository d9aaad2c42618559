//! What is known of each test: how long it takes, and how deep it calls.

use std::collections::BTreeMap;

use mad_store::{Environment, Subject, SubjectKind};

use crate::timeline::Timeline;

/// What is told of a test, with the name of the column.
pub(super) const METRICS: [(&str, &str); 5] = [
    ("test_duration_seconds", "seconds"),
    ("test_instructions", "instructions"),
    ("test_calls", "calls"),
    ("test_call_depth", "call depth"),
    ("test_fan_out", "calls itself"),
];

/// A test where it ran.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) environment: String,
    /// The newest value of each metric, and the one in the middle of all.
    pub(super) values: [Option<(f64, f64)>; METRICS.len()],
}

/// Returns the tests, those that take longest first.
pub(super) fn of(timeline: &Timeline) -> Vec<Row> {
    let mut rows: BTreeMap<(&Subject, &Environment), Row> = BTreeMap::new();
    for one in &timeline.measured {
        let column = METRICS
            .iter()
            .position(|(metric, _)| *metric == one.metric.name);
        let (SubjectKind::Test, Some(column)) = (one.subject.kind, column) else {
            continue;
        };
        let mut values: Vec<f64> = one
            .series
            .points()
            .iter()
            .map(|point| point.value)
            .collect();
        let Some(newest) = values.last().copied() else {
            continue;
        };
        values.sort_by(f64::total_cmp);
        let row = rows
            .entry((&one.subject, &one.environment))
            .or_insert_with(|| Row {
                name: one.subject.to_string(),
                environment: one.environment.to_string(),
                values: [None; METRICS.len()],
            });
        row.values[column] = Some((newest, values[values.len() / 2]));
    }
    let mut rows: Vec<_> = rows.into_values().collect();
    let weight = |row: &Row| {
        row.values
            .map(|value| value.map_or(-1.0, |(newest, _)| newest))
    };
    rows.sort_by(|a, b| {
        let (a, b) = (weight(a), weight(b));
        b.partial_cmp(&a).unwrap_or(std::cmp::Ordering::Equal)
    });
    rows
}
