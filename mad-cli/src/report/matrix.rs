//! Where and how was measured, and what the newest run there came to.

use std::collections::BTreeMap;

use mad_store::{Environment, SubjectKind};

use crate::timeline::Timeline;

/// What is told of each environment: numbers about whole runs.
pub(super) const METRICS: [&str; 5] = [
    "tests",
    "tests_passed",
    "tests_failed",
    "tests_flaky",
    "run_wall_seconds",
];

/// An environment.
#[derive(Debug)]
pub(super) struct Row<'timeline> {
    pub(super) environment: &'timeline Environment,
    pub(super) values: [Option<f64>; METRICS.len()],
    /// The newest position that was measured there.
    pub(super) newest: u64,
}

/// Returns the environments in which tests ran, those that were used last first.
pub(super) fn of(timeline: &Timeline) -> Vec<Row<'_>> {
    let mut rows: BTreeMap<&Environment, Row<'_>> = BTreeMap::new();
    for one in &timeline.measured {
        let column = METRICS.iter().position(|metric| *metric == one.metric.name);
        let (SubjectKind::Run, Some(column)) = (one.subject.kind, column) else {
            continue;
        };
        let Some(last) = one.series.points().last() else {
            continue;
        };
        let row = rows.entry(&one.environment).or_insert_with(|| Row {
            environment: &one.environment,
            values: [None; METRICS.len()],
            newest: 0,
        });
        row.values[column] = Some(last.value);
        row.newest = row.newest.max(last.position);
    }
    let mut rows: Vec<_> = rows.into_values().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.newest));
    rows
}
