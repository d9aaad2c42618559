//! What was recorded is read again.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;

use super::write::{direction_word, kind_word};
use super::{Store, StoreError};
use crate::commit::in_order;
use crate::{
    Commit, Direction, Environment, Metric, MetricKind, Note, Recording, Sample, Status, Subject,
    SubjectKind,
};

/// The number of a run in one store. Later recordings have greater ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RunId(pub(crate) i64);

impl RunId {
    /// As a number, for documents and cursors.
    pub fn get(self) -> i64 {
        self.0
    }
}

/// A run that was recorded, without its numbers; what is said of it is that of its [`Recording`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    /// Its number in this store.
    pub id: RunId,
    /// [`Recording::key`].
    pub key: String,
    /// The hash of [`Recording::commit`].
    pub commit: Option<String>,
    /// [`Recording::branch`].
    pub branch: Option<String>,
    /// [`Recording::dirty`].
    pub dirty: bool,
    /// [`Recording::environment`].
    pub environment: Environment,
    /// [`Recording::command`].
    pub command: String,
    /// [`Recording::started_at`].
    pub started_at: i64,
    /// [`Recording::wall_ms`].
    pub wall_ms: u64,
    /// [`Recording::load`].
    pub load: Option<f64>,
    /// [`Recording::status`].
    pub status: Status,
    /// [`Recording::reason`].
    pub reason: Option<String>,
    /// [`Recording::content`].
    pub content: Option<String>,
}

/// Which runs are meant: those that agree with all that is given.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// The commit.
    pub commit: Option<String>,
    /// The branch.
    pub branch: Option<String>,
    /// The environment, exactly.
    pub environment: Option<Environment>,
    /// The hash of what was built from.
    pub content: Option<String>,
    /// How it ended.
    pub status: Option<Status>,
    /// Only those with a greater number.
    pub after: Option<RunId>,
    /// Only so many, the newest if `after` is not given.
    pub limit: Option<usize>,
}

/// Everything that was ever measured of one thing, in one environment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Series {
    /// What it is about, by its present name.
    pub subject: Subject,
    /// What is measured.
    pub metric: Metric,
    /// Where and how.
    pub environment: Environment,
    /// Its own number, and those that it had under former names.
    #[serde(skip)]
    numbers: Vec<i64>,
}

/// Which series are meant: those that agree with all that is given.
#[derive(Clone, Debug, Default)]
pub struct SeriesFilter {
    /// What kind of thing they are about.
    pub kind: Option<SubjectKind>,
    /// What they are about, by its present name or a former one.
    pub subject: Option<Subject>,
    /// The metric's name.
    pub metric: Option<String>,
    /// The environment, exactly.
    pub environment: Option<Environment>,
}

/// One number of a series.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    /// The run that it is from.
    pub run: RunId,
    /// The commit that was measured.
    pub commit: Option<String>,
    /// Whether there were changes that are not in the commit.
    pub dirty: bool,
    /// When the run began, in milliseconds since 1970.
    pub started_at: i64,
    /// The number.
    pub value: f64,
    /// How many measurements it is the median of.
    pub count: u32,
    /// The median of their distances from it.
    pub spread: Option<f64>,
}

impl Store {
    /// The series that are meant, by subject, metric and environment.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sqlite`] if they cannot be read.
    pub fn series(&self, filter: &SeriesFilter) -> Result<Vec<Series>, StoreError> {
        let environments = self.environments()?;
        let renamed = self.renamed()?;
        let present = |subject: Subject| renamed.get(&subject).cloned().unwrap_or(subject);
        let subject = filter.subject.clone().map(present);
        let mut select = self.connection.prepare_cached(
            "SELECT series.id, series.environment, subjects.kind, subjects.package, subjects.name,
                metrics.name, metrics.unit, metrics.kind, metrics.direction
             FROM series JOIN subjects ON subjects.id = series.subject JOIN metrics ON metrics.id = series.metric
             WHERE (?1 IS NULL OR metrics.name = ?1) AND (?2 IS NULL OR subjects.kind = ?2)
             ORDER BY series.id",
        )?;
        let mut rows = select.query(params![filter.metric, filter.kind.map(SubjectKind::word)])?;
        let mut found: BTreeMap<(Subject, String, Environment), Series> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let of = present(subject_of(row, 2)?);
            if subject.as_ref().is_some_and(|meant| *meant != of) {
                continue;
            }
            let Some(environment) = environments.get(&row.get(1)?) else {
                continue;
            };
            if filter
                .environment
                .as_ref()
                .is_some_and(|meant| meant != environment)
            {
                continue;
            }
            let metric = metric_of(row, 5)?;
            found
                .entry((of.clone(), metric.name.clone(), environment.clone()))
                .or_insert_with(|| Series {
                    subject: of,
                    metric,
                    environment: environment.clone(),
                    numbers: Vec::new(),
                })
                .numbers
                .push(row.get(0)?);
        }
        Ok(found.into_values().collect())
    }

    /// The numbers of a series, in the order in which their runs began.
    ///
    /// That is not the order of the commits: whoever needs that asks for [`Store::line`] and takes the points by
    /// their commit.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sqlite`] if they cannot be read.
    pub fn points(&self, series: &Series) -> Result<Vec<Point>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT run, value, count, spread FROM samples WHERE series = ?1")?;
        let mut runs = self.seen.borrow_mut();
        let mut points = Vec::new();
        for number in &series.numbers {
            let mut rows = select.query([number])?;
            while let Some(row) = rows.next()? {
                let run = row.get(0)?;
                let Some(seen) = runs.find(&self.connection, run)? else {
                    continue;
                };
                points.push(Point {
                    run: RunId(run),
                    commit: seen.commit.clone(),
                    dirty: seen.dirty,
                    started_at: seen.started_at,
                    value: row.get(1)?,
                    count: row.get(2)?,
                    spread: row.get(3)?,
                });
            }
        }
        points.sort_by_key(|point| (point.started_at, point.run));
        Ok(points)
    }

    /// The commits from a newer one back along first parents, the oldest first: as far as the store knows them.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sqlite`] if they cannot be read.
    pub fn line(&self, newest: &str) -> Result<Vec<Commit>, StoreError> {
        let mut known: HashMap<String, Commit> = self
            .commits()?
            .into_iter()
            .map(|commit| (commit.id.clone(), commit))
            .collect();
        let mut line = Vec::new();
        // Each is taken out as it is passed: parents that go round in a circle end the line.
        let mut next = Some(newest.to_owned());
        while let Some(commit) = next.take().and_then(|id| known.remove(&id)) {
            next.clone_from(&commit.parent);
            line.push(commit);
        }
        line.reverse();
        Ok(line)
    }

    /// All commits that the store knows: each behind its first parent, and otherwise by date.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sqlite`] if they cannot be read.
    pub fn commits(&self) -> Result<Vec<Commit>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT id, parent, committed_at, summary FROM commits")?;
        let commits = select.query_map((), commit_of)?.collect::<Result<_, _>>()?;
        Ok(in_order(commits))
    }

    /// The runs that are meant, by their numbers: the oldest recording first.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sqlite`] if they cannot be read.
    pub fn runs(&self, filter: &RunFilter) -> Result<Vec<Run>, StoreError> {
        let environments = self.environments()?;
        let order = if filter.after.is_some() {
            "ASC"
        } else {
            "DESC"
        };
        let mut select = self.connection.prepare_cached(&format!(
            "SELECT id, key, commit_id, branch, dirty, environment, command, started_at, wall_ms, load, status, reason,
                content
             FROM runs
             WHERE (?1 IS NULL OR commit_id = ?1) AND (?2 IS NULL OR branch = ?2) AND (?3 IS NULL OR content = ?3)
                AND (?4 IS NULL OR status = ?4) AND id > ?5
                AND (?6 IS NULL OR environment = (SELECT id FROM environments WHERE facts = ?6))
             ORDER BY id {order} LIMIT ?7"
        ))?;
        let facts = filter
            .environment
            .as_ref()
            .map(|facts| serde_json::to_string(facts).unwrap_or_default());
        let limit = filter
            .limit
            .map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
        let mut rows = select.query(params![
            filter.commit,
            filter.branch,
            filter.content,
            filter.status.map(Status::word),
            filter.after.map_or(0, RunId::get),
            facts,
            limit,
        ])?;
        let mut runs = Vec::new();
        while let Some(row) = rows.next()? {
            runs.push(run_of(row, &environments)?);
        }
        runs.sort_by_key(|run| run.id);
        Ok(runs)
    }

    /// What was measured of one thing in a run, by the name that it had then.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sqlite`] if it cannot be read.
    pub fn samples(&self, run: RunId, subject: &Subject) -> Result<Vec<Sample>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT metrics.name, metrics.unit, metrics.kind, metrics.direction, samples.value, samples.count,
                samples.spread
             FROM subjects JOIN series ON series.subject = subjects.id JOIN metrics ON metrics.id = series.metric
                JOIN samples ON samples.series = series.id AND samples.run = ?1
             WHERE subjects.kind = ?2 AND subjects.package = ?3 AND subjects.name = ?4 ORDER BY series.id",
        )?;
        let of = params![run.0, subject.kind.word(), subject.package, subject.name];
        let mut rows = select.query(of)?;
        let mut samples = Vec::new();
        while let Some(row) = rows.next()? {
            samples.push(Sample {
                subject: subject.clone(),
                metric: metric_of(row, 0)?,
                value: row.get(4)?,
                count: row.get(5)?,
                spread: row.get(6)?,
            });
        }
        Ok(samples)
    }

    /// A run with all that was measured in it, as it was recorded.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sqlite`] if it cannot be read.
    pub fn recording(&self, run: &Run) -> Result<Recording, StoreError> {
        let commit = match &run.commit {
            Some(id) => self
                .connection
                .prepare_cached(
                    "SELECT id, parent, committed_at, summary FROM commits WHERE id = ?1",
                )?
                .query_row([id], commit_of)
                .optional()?,
            None => None,
        };
        let mut recording = Recording {
            key: run.key.clone(),
            commit,
            branch: run.branch.clone(),
            dirty: run.dirty,
            environment: run.environment.clone(),
            command: run.command.clone(),
            started_at: run.started_at,
            wall_ms: run.wall_ms,
            load: run.load,
            status: run.status,
            reason: run.reason.clone(),
            content: run.content.clone(),
            samples: Vec::new(),
            notes: self.notes(run.id)?,
        };
        let mut select = self.connection.prepare_cached(
            "SELECT subjects.kind, subjects.package, subjects.name, metrics.name, metrics.unit, metrics.kind,
                metrics.direction, samples.value, samples.count, samples.spread
             FROM samples JOIN series ON series.id = samples.series JOIN subjects ON subjects.id = series.subject
                JOIN metrics ON metrics.id = series.metric
             WHERE samples.run = ?1 ORDER BY samples.series",
        )?;
        let mut rows = select.query([run.id.0])?;
        while let Some(row) = rows.next()? {
            recording.samples.push(Sample {
                subject: subject_of(row, 0)?,
                metric: metric_of(row, 3)?,
                value: row.get(7)?,
                count: row.get(8)?,
                spread: row.get(9)?,
            });
        }
        Ok(recording)
    }

    /// The words to what was measured in a run.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sqlite`] if they cannot be read.
    pub fn notes(&self, run: RunId) -> Result<Vec<Note>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT subjects.kind, subjects.package, subjects.name, notes.text
             FROM notes JOIN subjects ON subjects.id = notes.subject WHERE notes.run = ?1 ORDER BY subjects.id",
        )?;
        let mut rows = select.query([run.0])?;
        let mut notes = Vec::new();
        while let Some(row) = rows.next()? {
            notes.push(Note {
                subject: subject_of(row, 0)?,
                text: row.get(3)?,
            });
        }
        Ok(notes)
    }

    fn environments(&self) -> Result<HashMap<i64, Environment>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT id, facts FROM environments")?;
        let mut rows = select.query(())?;
        let mut environments = HashMap::new();
        while let Some(row) = rows.next()? {
            let facts: String = row.get(1)?;
            let environment =
                serde_json::from_str(&facts).map_err(|_| unreadable("an environment", &facts))?;
            environments.insert(row.get(0)?, environment);
        }
        Ok(environments)
    }
}

pub(super) fn metric(connection: &Connection, id: i64) -> Result<Metric, StoreError> {
    let mut select = connection
        .prepare_cached("SELECT name, unit, kind, direction FROM metrics WHERE id = ?1")?;
    let mut rows = select.query([id])?;
    match rows.next()? {
        Some(row) => metric_of(row, 0),
        None => Err(rusqlite::Error::QueryReturnedNoRows.into()),
    }
}

fn metric_of(row: &Row<'_>, first: usize) -> Result<Metric, StoreError> {
    let (kind, direction): (String, String) = (row.get(first + 2)?, row.get(first + 3)?);
    Ok(Metric {
        name: row.get(first)?,
        unit: row.get(first + 1)?,
        kind: [
            MetricKind::Exact,
            MetricKind::Noisy,
            MetricKind::Ratio,
            MetricKind::Outcome,
        ]
        .into_iter()
        .find(|known| kind_word(*known) == kind)
        .ok_or_else(|| unreadable("a kind of metric", &kind))?,
        direction: [Direction::Lower, Direction::Higher, Direction::Neither]
            .into_iter()
            .find(|known| direction_word(*known) == direction)
            .ok_or_else(|| unreadable("a direction", &direction))?,
    })
}

pub(crate) fn subject_of(row: &Row<'_>, first: usize) -> Result<Subject, StoreError> {
    let word: String = row.get(first)?;
    let kind = SubjectKind::ALL
        .into_iter()
        .find(|kind| kind.word() == word)
        .ok_or_else(|| unreadable("a kind of subject", &word))?;
    Ok(Subject {
        kind,
        package: row.get(first + 1)?,
        name: row.get(first + 2)?,
    })
}

fn commit_of(row: &Row<'_>) -> rusqlite::Result<Commit> {
    Ok(Commit {
        id: row.get(0)?,
        parent: row.get(1)?,
        committed_at: row.get(2)?,
        summary: row.get(3)?,
    })
}

fn run_of(row: &Row<'_>, environments: &HashMap<i64, Environment>) -> Result<Run, StoreError> {
    let (environment, status): (i64, String) = (row.get(5)?, row.get(10)?);
    Ok(Run {
        id: RunId(row.get(0)?),
        key: row.get(1)?,
        commit: row.get(2)?,
        branch: row.get(3)?,
        dirty: row.get(4)?,
        environment: environments
            .get(&environment)
            .cloned()
            .ok_or_else(|| unreadable("an environment", &environment.to_string()))?,
        command: row.get(6)?,
        started_at: row.get(7)?,
        wall_ms: u64::try_from(row.get::<_, i64>(8)?).unwrap_or(0),
        load: row.get(9)?,
        status: Status::of(&status).ok_or_else(|| unreadable("a status", &status))?,
        reason: row.get(11)?,
        content: row.get(12)?,
    })
}

fn unreadable(what: &'static str, found: &str) -> StoreError {
    StoreError::Unreadable {
        what,
        found: found.to_owned(),
    }
}
