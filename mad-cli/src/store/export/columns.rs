//! What a table of samples consists of, whatever it is written as.

use mad_store::{Recording, Sample};

/// A sample, and the run that it is from.
#[derive(Clone, Copy)]
pub(super) struct Row<'run> {
    recording: &'run Recording,
    sample: &'run Sample,
}

/// The samples of a run.
pub(super) fn rows(recording: &Recording) -> impl Iterator<Item = Row<'_>> {
    recording
        .samples
        .iter()
        .map(move |sample| Row { recording, sample })
}

/// What a column holds, and where that is found in a row.
#[derive(Clone, Copy)]
pub(super) enum Column {
    Text(for<'run> fn(Row<'run>) -> &'run str),
    Integer(fn(Row<'_>) -> Option<i64>),
    Number(fn(Row<'_>) -> Option<f64>),
    Flag(fn(Row<'_>) -> bool),
}

/// Every column, by its name.
pub(super) const COLUMNS: [(&str, Column); 21] = [
    ("run", Column::Text(|row| &row.recording.key)),
    (
        "commit",
        Column::Text(|row| {
            row.recording
                .commit
                .as_ref()
                .map_or("", |commit| &commit.id)
        }),
    ),
    (
        "committed_at",
        Column::Integer(|row| {
            row.recording
                .commit
                .as_ref()
                .map(|commit| commit.committed_at)
        }),
    ),
    (
        "branch",
        Column::Text(|row| row.recording.branch.as_deref().unwrap_or_default()),
    ),
    ("dirty", Column::Flag(|row| row.recording.dirty)),
    (
        "started_at_ms",
        Column::Integer(|row| Some(row.recording.started_at)),
    ),
    ("status", Column::Text(|row| row.recording.status.word())),
    ("host", Column::Text(|row| &row.recording.environment.host)),
    (
        "toolchain",
        Column::Text(|row| &row.recording.environment.toolchain),
    ),
    (
        "target",
        Column::Text(|row| &row.recording.environment.target),
    ),
    (
        "runner",
        Column::Text(|row| &row.recording.environment.runner),
    ),
    (
        "profile",
        Column::Text(|row| &row.recording.environment.profile),
    ),
    (
        "features",
        Column::Text(|row| &row.recording.environment.features),
    ),
    ("kind", Column::Text(|row| row.sample.subject.kind.word())),
    ("package", Column::Text(|row| &row.sample.subject.package)),
    ("subject", Column::Text(|row| &row.sample.subject.name)),
    ("metric", Column::Text(|row| &row.sample.metric.name)),
    ("unit", Column::Text(|row| &row.sample.metric.unit)),
    ("value", Column::Number(|row| Some(row.sample.value))),
    (
        "count",
        Column::Integer(|row| Some(row.sample.count.into())),
    ),
    ("spread", Column::Number(|row| row.sample.spread)),
];
