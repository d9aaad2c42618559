//! A sample on each line, for spreadsheets and data frames.

use std::io::{self, Write};

use mad_store::Recording;
use serde::Serialize;

pub(super) struct Rows<W: Write>(csv::Writer<W>);

impl<W: Write> Rows<W> {
    pub(super) fn new(sink: W) -> Self {
        Self(csv::Writer::from_writer(sink))
    }
}

/// A line; the names of the fields are those of the columns.
#[derive(Serialize)]
struct Row<'run> {
    run: &'run str,
    commit: &'run str,
    committed_at: Option<i64>,
    branch: &'run str,
    dirty: bool,
    started_at_ms: i64,
    status: &'run str,
    host: &'run str,
    toolchain: &'run str,
    target: &'run str,
    runner: &'run str,
    profile: &'run str,
    features: &'run str,
    cell: String,
    kind: &'run str,
    package: &'run str,
    subject: &'run str,
    metric: &'run str,
    unit: &'run str,
    value: f64,
    count: u32,
    spread: Option<f64>,
}

impl<W: Write> super::Writer for Rows<W> {
    fn write(&mut self, recording: &Recording) -> io::Result<()> {
        let environment = &recording.environment;
        let cell: Vec<_> = environment
            .cell
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        for sample in &recording.samples {
            self.0.serialize(Row {
                run: &recording.key,
                commit: recording.commit.as_ref().map_or("", |commit| &commit.id),
                committed_at: recording.commit.as_ref().map(|commit| commit.committed_at),
                branch: recording.branch.as_deref().unwrap_or_default(),
                dirty: recording.dirty,
                started_at_ms: recording.started_at,
                status: recording.status.word(),
                host: &environment.host,
                toolchain: &environment.toolchain,
                target: &environment.target,
                runner: &environment.runner,
                profile: &environment.profile,
                features: &environment.features,
                cell: cell.join(";"),
                kind: sample.subject.kind.word(),
                package: &sample.subject.package,
                subject: &sample.subject.name,
                metric: &sample.metric.name,
                unit: &sample.metric.unit,
                value: sample.value,
                count: sample.count,
                spread: sample.spread,
            })?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.0.flush()
    }
}
