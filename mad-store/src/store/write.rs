//! Recordings go in.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::{Store, StoreError};
use crate::{Commit, Direction, Environment, Metric, MetricKind, Recording, RunId, Subject};

/// A note is cut off here.
const LONGEST_NOTE: usize = 4096;

/// The numbers of what has been written before: looked up once in a process, as numbers stay what they are.
#[derive(Debug, Default)]
pub(super) struct Known {
    environments: HashMap<Environment, i64>,
    metrics: HashMap<String, (i64, Metric)>,
    subjects: HashMap<Subject, i64>,
    series: HashMap<(i64, i64, i64), i64>,
}

impl Store {
    /// Keeps a recording, whole or not at all. One whose key is there already changes nothing, so that whoever
    /// is not sure may record again.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFinite`] for a value that is no number, [`StoreError::MetricMeansSomethingElse`] for a name
    /// that is taken, and [`StoreError::Sqlite`] if it cannot be written.
    pub fn record(&mut self, recording: &Recording) -> Result<RunId, StoreError> {
        let runs = self.record_all(std::slice::from_ref(recording))?;
        Ok(runs[0])
    }

    /// Keeps recordings, all of them or none, in the order of the slice.
    ///
    /// # Errors
    ///
    /// As [`Store::record`].
    pub fn record_all(&mut self, recordings: &[Recording]) -> Result<Vec<RunId>, StoreError> {
        let known = &mut self.known;
        let mut write = || {
            let transaction = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut writer = Writer {
                connection: &transaction,
                known,
            };
            let runs = recordings
                .iter()
                .map(|recording| writer.recording(recording))
                .collect::<Result<_, _>>()?;
            transaction.commit()?;
            Ok(runs)
        };
        let result = write();
        if result.is_err() {
            // Among what is known may be numbers that were taken back.
            self.known = Known::default();
        }
        result
    }

    /// Writes what was measured in a run anew, within the transaction that whoever calls has begun.
    pub(crate) fn rewrite(&mut self, run: RunId, recording: &Recording) -> Result<(), StoreError> {
        for delete in [
            "DELETE FROM samples WHERE run = ?1",
            "DELETE FROM notes WHERE run = ?1",
        ] {
            self.connection.prepare_cached(delete)?.execute([run.0])?;
        }
        let mut writer = Writer {
            connection: &self.connection,
            known: &mut self.known,
        };
        let environment = writer.environment(&recording.environment)?;
        writer.contents(run.0, environment, recording)
    }

    /// Looks everything up anew: after numbers may have gone.
    pub(crate) fn forget_numbers(&mut self) {
        self.known = Known::default();
    }

    /// Keeps commits without a run, so that the order of those with one is known.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sqlite`] if they cannot be written.
    pub fn record_commits(&mut self, commits: &[Commit]) -> Result<(), StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        for commit in commits {
            write_commit(&transaction, commit)?;
        }
        transaction.commit()?;
        Ok(())
    }
}

/// One transaction.
struct Writer<'store> {
    connection: &'store Connection,
    known: &'store mut Known,
}

impl Writer<'_> {
    fn recording(&mut self, recording: &Recording) -> Result<RunId, StoreError> {
        let there = self
            .connection
            .prepare_cached("SELECT id FROM runs WHERE key = ?1")?
            .query_row([&recording.key], |row| row.get(0))
            .optional()?;
        if let Some(id) = there {
            return Ok(RunId(id));
        }
        if let Some(commit) = &recording.commit {
            write_commit(self.connection, commit)?;
        }
        let environment = self.environment(&recording.environment)?;
        let run = self.run(recording, environment)?;
        self.contents(run, environment, recording)?;
        Ok(RunId(run))
    }

    /// Writes what was measured in a run.
    fn contents(
        &mut self,
        run: i64,
        environment: i64,
        recording: &Recording,
    ) -> Result<(), StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT OR REPLACE INTO samples (series, run, value, count, spread) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for sample in &recording.samples {
            if !sample.value.is_finite() {
                return Err(StoreError::NotFinite {
                    metric: sample.metric.name.clone(),
                    subject: sample.subject.to_string(),
                    value: sample.value,
                });
            }
            let subject = self.subject(&sample.subject)?;
            let metric = self.metric(&sample.metric)?;
            let series = self.series(environment, subject, metric)?;
            let spread = sample.spread.filter(|spread| spread.is_finite());
            insert.execute(params![series, run, sample.value, sample.count, spread])?;
        }
        for note in &recording.notes {
            let subject = self.subject(&note.subject)?;
            let text = &note.text[..note.text.floor_char_boundary(LONGEST_NOTE)];
            self.connection
                .prepare_cached(
                    "INSERT OR IGNORE INTO notes (run, subject, text) VALUES (?1, ?2, ?3)",
                )?
                .execute(params![run, subject, text])?;
        }
        Ok(())
    }

    fn run(&self, recording: &Recording, environment: i64) -> Result<i64, StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO runs (key, commit_id, branch, dirty, environment, command, started_at, wall_ms, load,
                    status, reason, content)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?
            .execute(params![
                recording.key,
                recording.commit.as_ref().map(|commit| &commit.id),
                recording.branch,
                recording.dirty,
                environment,
                recording.command,
                recording.started_at,
                i64::try_from(recording.wall_ms).unwrap_or(i64::MAX),
                recording.load.filter(|load| load.is_finite()),
                recording.status.word(),
                recording.reason,
                recording.content,
            ])?;
        Ok(self.connection.last_insert_rowid())
    }

    fn environment(&mut self, environment: &Environment) -> Result<i64, StoreError> {
        if let Some(&id) = self.known.environments.get(environment) {
            return Ok(id);
        }
        let facts = serde_json::to_string(environment).unwrap_or_default();
        let id = self.number(
            "SELECT id FROM environments WHERE facts = ?1",
            "INSERT INTO environments (facts) VALUES (?1)",
            &[&facts],
        )?;
        self.known.environments.insert(environment.clone(), id);
        Ok(id)
    }

    fn subject(&mut self, subject: &Subject) -> Result<i64, StoreError> {
        if let Some(&id) = self.known.subjects.get(subject) {
            return Ok(id);
        }
        let id = self.number(
            "SELECT id FROM subjects WHERE kind = ?1 AND package = ?2 AND name = ?3",
            "INSERT INTO subjects (kind, package, name) VALUES (?1, ?2, ?3)",
            &[&subject.kind.word(), &subject.package, &subject.name],
        )?;
        self.known.subjects.insert(subject.clone(), id);
        Ok(id)
    }

    fn metric(&mut self, metric: &Metric) -> Result<i64, StoreError> {
        if let Some((id, known)) = self.known.metrics.get(&metric.name) {
            return if known == metric {
                Ok(*id)
            } else {
                Err(StoreError::MetricMeansSomethingElse {
                    name: metric.name.clone(),
                })
            };
        }
        let id = self.number(
            "SELECT id FROM metrics WHERE name = ?1",
            "INSERT INTO metrics (name, unit, kind, direction) VALUES (?1, ?2, ?3, ?4)",
            &[
                &metric.name,
                &metric.unit,
                &kind_word(metric.kind),
                &direction_word(metric.direction),
            ],
        )?;
        let stored = super::read::metric(self.connection, id)?;
        self.known.metrics.insert(metric.name.clone(), (id, stored));
        self.metric(metric)
    }

    fn series(&mut self, environment: i64, subject: i64, metric: i64) -> Result<i64, StoreError> {
        let key = (environment, subject, metric);
        if let Some(&id) = self.known.series.get(&key) {
            return Ok(id);
        }
        let id = self.number(
            "SELECT id FROM series WHERE environment = ?1 AND subject = ?2 AND metric = ?3",
            "INSERT INTO series (environment, subject, metric) VALUES (?1, ?2, ?3)",
            &[&environment, &subject, &metric],
        )?;
        self.known.series.insert(key, id);
        Ok(id)
    }

    /// The number of a row that is there, or else is made. `select` takes as many of the values as it has places for.
    fn number(
        &self,
        select: &str,
        insert: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<i64, StoreError> {
        let mut select = self.connection.prepare_cached(select)?;
        let places = select.parameter_count();
        let there = select
            .query_row(&values[..places], |row| row.get(0))
            .optional()?;
        if let Some(id) = there {
            return Ok(id);
        }
        self.connection.prepare_cached(insert)?.execute(values)?;
        Ok(self.connection.last_insert_rowid())
    }
}

/// A commit that is there stays, but learns its parent: of the first commit of a shallow clone it is not known.
fn write_commit(connection: &Connection, commit: &Commit) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO commits (id, parent, committed_at, summary) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET parent = excluded.parent WHERE parent IS NULL",
        )?
        .execute(params![
            commit.id,
            commit.parent,
            commit.committed_at,
            commit.summary
        ])?;
    Ok(())
}

pub(super) fn kind_word(kind: MetricKind) -> &'static str {
    match kind {
        MetricKind::Exact => "exact",
        MetricKind::Noisy => "noisy",
        MetricKind::Ratio => "ratio",
        MetricKind::Outcome => "outcome",
    }
}

pub(super) fn direction_word(direction: Direction) -> &'static str {
    match direction {
        Direction::Lower => "lower",
        Direction::Higher => "higher",
        Direction::Neither => "neither",
    }
}
