//! A store is examined, merged with another, and made smaller.

use std::collections::HashMap;

use rusqlite::TransactionBehavior;

use crate::{Recording, Run, RunFilter, RunId, Sample, Store, StoreError};

/// So many recordings are written in one transaction of a merge: others get a turn between two of them.
const AT_ONCE: usize = 100;

/// What a merge brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// Runs that are new.
    pub new: usize,
    /// Runs that were there already.
    pub known: usize,
}

/// What [`Store::thin`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Thinned {
    /// Runs that there were.
    pub before: usize,
    /// Runs that there are now, of the same time.
    pub after: usize,
}

impl Store {
    /// Examines the file, and returns what is wrong with it, in words; nothing if all is well.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sqlite`] if the file cannot be read at all.
    pub fn check(&self) -> Result<Vec<String>, StoreError> {
        let mut complaints = Vec::new();
        let mut integrity = self.reader().prepare("PRAGMA integrity_check")?;
        for line in integrity.query_map((), |row| row.get::<_, String>(0))? {
            let line = line?;
            if line != "ok" {
                complaints.push(line);
            }
        }
        let mut foreign = self.reader().prepare("PRAGMA foreign_key_check")?;
        let broken = foreign.query_map((), |row| {
            Ok(format!(
                "a row of {} names a row of {} that is not there",
                row.get::<_, String>(0)?,
                row.get::<_, String>(2)?
            ))
        })?;
        for complaint in broken {
            complaints.push(complaint?);
        }
        let lonely: i64 = self.reader().query_row(
            "SELECT count(*) FROM samples WHERE run NOT IN (SELECT id FROM runs) OR series NOT IN (SELECT id FROM series)",
            (),
            |row| row.get(0),
        )?;
        if lonely > 0 {
            complaints.push(format!(
                "{lonely} samples are of a run or series that is not there"
            ));
        }
        for run in self.runs(&RunFilter::default())? {
            if let Err(error) = self.recording(&run) {
                complaints.push(format!("run {}: {error}", run.key));
            }
        }
        Ok(complaints)
    }

    /// Takes in what another store has and this one has not: runs, commits and renames. The other stays as it is.
    ///
    /// It can be done again at any time, and after an interruption: what is there is known by its key.
    ///
    /// # Errors
    ///
    /// [`StoreError::MetricMeansSomethingElse`] if one name has two meanings in the two, and [`StoreError::Sqlite`] if
    /// one cannot be read or the other not be written. What was merged until then stays.
    pub fn merge(&mut self, other: &Self) -> Result<Merged, StoreError> {
        self.record_commits(&other.commits()?)?;
        let mut merged = Merged::default();
        let mut after = None;
        loop {
            let runs = other.runs(&RunFilter {
                after: Some(after.unwrap_or(RunId(0))),
                limit: Some(AT_ONCE),
                ..RunFilter::default()
            })?;
            let Some(last) = runs.last() else { break };
            after = Some(last.id);
            let mut recordings = Vec::with_capacity(runs.len());
            for run in &runs {
                if self.has(&run.key)? {
                    merged.known += 1;
                } else {
                    merged.new += 1;
                    recordings.push(other.recording(run)?);
                }
            }
            self.record_all(&recordings)?;
        }
        for (old, new) in other.renamed()? {
            match self.rename(&old, &new) {
                // Here it is the other way round: whoever said so here is to be asked first.
                Ok(()) | Err(StoreError::AliasOfItself(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(merged)
    }

    /// Whether a run of this key was recorded.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sqlite`] if it cannot be read.
    pub fn has(&self, key: &str) -> Result<bool, StoreError> {
        let mut select = self
            .reader()
            .prepare_cached("SELECT 1 FROM runs WHERE key = ?1")?;
        Ok(select.exists([key])?)
    }

    /// Removes what began before a time (in milliseconds since 1970), and returns how many runs that were.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sqlite`] if it cannot be written.
    pub fn forget(&mut self, before: i64) -> Result<usize, StoreError> {
        let transaction = self
            .connection()
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let gone = transaction.execute("DELETE FROM runs WHERE started_at < ?1", [before])?;
        transaction.commit()?;
        Ok(gone)
    }

    /// Makes one run of all runs of a commit in an environment that began before a time (in milliseconds since 1970):
    /// each value becomes the median of them, with its spread. Runs with uncommitted changes go: nobody can check
    /// them out again.
    ///
    /// Runs that a sink has not taken yet are the sink's loss: push first.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sqlite`] if it cannot be written.
    pub fn thin(&mut self, before: i64) -> Result<Thinned, StoreError> {
        let old: Vec<_> = self
            .runs(&RunFilter::default())?
            .into_iter()
            .filter(|run| run.started_at < before)
            .collect();
        let mut thinned = Thinned {
            before: old.len(),
            after: 0,
        };
        let mut groups: HashMap<_, Vec<_>> = HashMap::new();
        let mut removed = Vec::new();
        for run in old {
            match &run.commit {
                Some(commit) if !run.dirty => {
                    let facts = serde_json::to_string(&run.environment).unwrap_or_default();
                    groups
                        .entry((commit.clone(), facts, run.status))
                        .or_default()
                        .push(run);
                }
                Some(_) => removed.push(run),
                // Without a commit there is nothing that it would be the median of.
                None => thinned.after += 1,
            }
        }
        let mut kept = Vec::new();
        for runs in groups.into_values() {
            thinned.after += 1;
            if runs.len() > 1 {
                let recordings = runs
                    .iter()
                    .map(|run| self.recording(run))
                    .collect::<Result<Vec<_>, _>>()?;
                let mut runs = runs.into_iter();
                // The first keeps its number: what a sink has of it is not sent again.
                kept.extend(runs.next().map(|run| (run.id, median(recordings))));
                removed.extend(runs);
            }
        }
        self.replace(&removed, &kept)?;
        Ok(thinned)
    }

    /// Gives the room of what was removed back to the file system. Others wait meanwhile.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sqlite`] if the file cannot be written anew: it takes as much room again while it is done.
    pub fn shrink(&mut self) -> Result<(), StoreError> {
        self.connection().execute_batch(
            "DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM samples WHERE samples.series = series.id);
             VACUUM; PRAGMA wal_checkpoint(TRUNCATE);",
        )?;
        self.forget_numbers();
        Ok(())
    }
}

/// One recording in place of several of one commit in one environment, as if each sample had been measured as often.
fn median(recordings: Vec<Recording>) -> Recording {
    let mut merged: Option<Recording> = None;
    let mut values: HashMap<_, Vec<Sample>> = HashMap::new();
    let mut order = Vec::new();
    for mut recording in recordings {
        for sample in std::mem::take(&mut recording.samples) {
            let key = (sample.subject.clone(), sample.metric.name.clone());
            let known = values.entry(key.clone()).or_default();
            if known.is_empty() {
                order.push(key);
            }
            known.push(sample);
        }
        match &mut merged {
            None => merged = Some(recording),
            Some(merged) => {
                for note in recording.notes {
                    if !merged.notes.contains(&note) {
                        merged.notes.push(note);
                    }
                }
            }
        }
    }
    let mut merged = merged.unwrap_or_else(|| Recording::new(crate::Environment::default(), 0));
    merged.samples = order
        .into_iter()
        .filter_map(|key| values.remove(&key))
        .map(median_sample)
        .collect();
    merged
}

fn median_sample(samples: Vec<Sample>) -> Sample {
    let middle = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        let half = values.len() / 2;
        if values.len() % 2 == 1 {
            values[half]
        } else {
            f64::midpoint(values[half - 1], values[half])
        }
    };
    let value = middle(samples.iter().map(|sample| sample.value).collect());
    let distance = middle(
        samples
            .iter()
            .map(|sample| (sample.value - value).abs())
            .collect(),
    );
    let count = samples.iter().map(|sample| sample.count).sum();
    let mut samples = samples;
    Sample {
        value,
        count,
        spread: (count > 1).then_some(distance),
        ..samples.swap_remove(0)
    }
}

impl Store {
    /// Takes runs away and writes others anew, all of it or nothing.
    fn replace(
        &mut self,
        removed: &[Run],
        rewritten: &[(RunId, Recording)],
    ) -> Result<(), StoreError> {
        self.connection().execute_batch("BEGIN IMMEDIATE")?;
        let replaced = self.replace_within(removed, rewritten);
        if replaced.is_err() {
            self.forget_numbers();
        }
        let end = if replaced.is_ok() {
            "COMMIT"
        } else {
            "ROLLBACK"
        };
        self.connection().execute_batch(end)?;
        replaced
    }

    fn replace_within(
        &mut self,
        removed: &[Run],
        rewritten: &[(RunId, Recording)],
    ) -> Result<(), StoreError> {
        for run in removed {
            self.connection()
                .prepare_cached("DELETE FROM runs WHERE id = ?1")?
                .execute([run.id.0])?;
        }
        for (run, recording) in rewritten {
            self.rewrite(*run, recording)?;
        }
        Ok(())
    }
}
