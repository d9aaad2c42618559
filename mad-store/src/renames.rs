//! Which things may be old ones under a new name.

use std::collections::{BTreeMap, BTreeSet};

use crate::{RunFilter, Status, Store, StoreError, Subject, SubjectKind};

/// Names that have less in common than this are of two things.
const ALIKE: f64 = 0.6;

/// Something that went, and something like it that came in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Rename {
    /// The name that was in no later run.
    pub old: Subject,
    /// The name that was in no earlier run.
    pub new: Subject,
    /// How much the two names have in common, from 0 to 1: the normalised Damerau-Levenshtein similarity.
    pub similarity: f64,
}

impl Store {
    /// Which tests and functions may have been renamed: the one was in no run after, and the other in none before,
    /// both are of one kind and package, and their names are much alike. The most alike come first.
    ///
    /// It is a guess: whoever knows says so with [`Store::rename`].
    ///
    /// # Errors
    ///
    /// [`StoreError::Sqlite`] if it cannot be read.
    pub fn suggest_renames(&self) -> Result<Vec<Rename>, StoreError> {
        let mut suggestions = Vec::new();
        for (went, came) in self.changes_of_names()?.values() {
            for old in went {
                for new in came {
                    let similarity = strsim::normalized_damerau_levenshtein(&old.name, &new.name);
                    if similarity >= ALIKE {
                        suggestions.push(Rename {
                            old: old.clone(),
                            new: new.clone(),
                            similarity,
                        });
                    }
                }
            }
        }
        suggestions.sort_by(|one, other| {
            other
                .similarity
                .total_cmp(&one.similarity)
                .then_with(|| (&one.old, &one.new).cmp(&(&other.old, &other.new)))
        });
        // A name is renamed once, and to one.
        let (mut old, mut new) = (BTreeSet::new(), BTreeSet::new());
        suggestions.retain(|rename| {
            let free = !old.contains(&rename.old) && !new.contains(&rename.new);
            if free {
                old.insert(rename.old.clone());
                new.insert(rename.new.clone());
            }
            free
        });
        Ok(suggestions)
    }

    /// What went and what came, by the place in which it did so: between which two runs of an environment, of which
    /// kind and in which package.
    fn changes_of_names(&self) -> Result<BTreeMap<Place, WentAndCame>, StoreError> {
        let complete = RunFilter {
            status: Some(Status::Complete),
            ..RunFilter::default()
        };
        let mut lives: BTreeMap<(String, Subject), (usize, usize)> = BTreeMap::new();
        let mut lengths: BTreeMap<String, usize> = BTreeMap::new();
        let renamed = self.renamed()?;
        let mut runs = self.runs(&complete)?;
        runs.sort_by_key(|run| (run.started_at, run.id));
        for run in runs {
            let environment = serde_json::to_string(&run.environment).unwrap_or_default();
            let length = lengths.entry(environment.clone()).or_default();
            let at = *length;
            *length += 1;
            for subject in self.subjects_of(run.id)? {
                let subject = renamed.get(&subject).cloned().unwrap_or(subject);
                lives
                    .entry((environment.clone(), subject))
                    .or_insert((at, at))
                    .1 = at;
            }
        }
        let mut changes: BTreeMap<Place, WentAndCame> = BTreeMap::new();
        for ((environment, subject), (first, last)) in lives {
            let length = lengths.get(&environment).copied().unwrap_or_default();
            let place = |run| {
                (
                    environment.clone(),
                    run,
                    subject.kind,
                    subject.package.clone(),
                )
            };
            if last + 1 < length {
                changes
                    .entry(place(last + 1))
                    .or_default()
                    .0
                    .push(subject.clone());
            }
            if first > 0 {
                changes
                    .entry(place(first))
                    .or_default()
                    .1
                    .push(subject.clone());
            }
        }
        Ok(changes)
    }

    /// The tests, benchmarks and functions that a run measured.
    fn subjects_of(&self, run: crate::RunId) -> Result<Vec<Subject>, StoreError> {
        let mut select = self.reader().prepare_cached(
            "SELECT DISTINCT subjects.kind, subjects.package, subjects.name
             FROM samples JOIN series ON series.id = samples.series JOIN subjects ON subjects.id = series.subject
             WHERE samples.run = ?1 AND subjects.kind IN ('test', 'benchmark', 'function')",
        )?;
        let mut rows = select.query([run.get()])?;
        let mut subjects = Vec::new();
        while let Some(row) = rows.next()? {
            subjects.push(crate::store::subject_of(row, 0)?);
        }
        Ok(subjects)
    }
}

/// An environment, a run in it, a kind, a package.
type Place = (String, usize, SubjectKind, String);

/// Those whose last run was the one before, and those whose first run it is.
type WentAndCame = (Vec<Subject>, Vec<Subject>);
