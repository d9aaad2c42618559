//! What a table of samples consists of, whatever it is written as.

use std::borrow::Cow;

use mad_store::{Commit, Environment, Recording, Sample};

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
    Text(for<'run> fn(Row<'run>) -> Cow<'run, str>),
    Integer(fn(Row<'_>) -> Option<i64>),
    Number(fn(Row<'_>) -> Option<f64>),
    Flag(fn(Row<'_>) -> bool),
}

/// Every column, by its name.
pub(super) const COLUMNS: [(&str, Column); 22] = [
    ("run", Column::Text(|row| row.recording.key.as_str().into())),
    (
        "commit",
        Column::Text(|row| row.commit().map_or("", |commit| &commit.id).into()),
    ),
    (
        "committed_at",
        Column::Integer(|row| row.commit().map(|commit| commit.committed_at)),
    ),
    (
        "branch",
        Column::Text(|row| row.recording.branch.as_deref().unwrap_or_default().into()),
    ),
    ("dirty", Column::Flag(|row| row.recording.dirty)),
    (
        "started_at_ms",
        Column::Integer(|row| Some(row.recording.started_at)),
    ),
    (
        "status",
        Column::Text(|row| row.recording.status.word().into()),
    ),
    (
        "host",
        Column::Text(|row| row.environment().host.as_str().into()),
    ),
    (
        "toolchain",
        Column::Text(|row| row.environment().toolchain.as_str().into()),
    ),
    (
        "target",
        Column::Text(|row| row.environment().target.as_str().into()),
    ),
    (
        "runner",
        Column::Text(|row| row.environment().runner.as_str().into()),
    ),
    (
        "profile",
        Column::Text(|row| row.environment().profile.as_str().into()),
    ),
    (
        "features",
        Column::Text(|row| row.environment().features.as_str().into()),
    ),
    ("cell", Column::Text(|row| cell(row.environment()).into())),
    (
        "kind",
        Column::Text(|row| row.sample.subject.kind.word().into()),
    ),
    (
        "package",
        Column::Text(|row| row.sample.subject.package.as_str().into()),
    ),
    (
        "subject",
        Column::Text(|row| row.sample.subject.name.as_str().into()),
    ),
    (
        "metric",
        Column::Text(|row| row.sample.metric.name.as_str().into()),
    ),
    (
        "unit",
        Column::Text(|row| row.sample.metric.unit.as_str().into()),
    ),
    ("value", Column::Number(|row| Some(row.sample.value))),
    (
        "count",
        Column::Integer(|row| Some(row.sample.count.into())),
    ),
    ("spread", Column::Number(|row| row.sample.spread)),
];

impl<'run> Row<'run> {
    fn commit(self) -> Option<&'run Commit> {
        self.recording.commit.as_ref()
    }

    fn environment(self) -> &'run Environment {
        &self.recording.environment
    }
}

/// What tells a cell of a matrix from others: `name=value;name=value`.
fn cell(environment: &Environment) -> String {
    let facts: Vec<_> = environment
        .cell
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    facts.join(";")
}
