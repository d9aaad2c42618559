//! Which commits are meant.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Read as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use mad_store::Commit;

use crate::git::{GitError, Repository};
use crate::incidents::{FILE, Incidents, IncidentsError};
use crate::moment::{Moment, moment_or_age};

/// So many commits before the one that was live, and so many after it, are around an incident.
const BEFORE_INCIDENT: usize = 30;
const AFTER_INCIDENT: usize = 10;

/// Which commits are measured.
#[derive(Args, Debug)]
pub(crate) struct SelectionArguments {
    /// The commits: `A..B` are those up to B without A and what A already had; `B` alone are all up to B. First parents
    /// only: what came by a merge counts as the merge
    #[arg(value_name = "RANGE", default_value = "HEAD")]
    range: String,
    /// Only those since a day, or as old at most as `90d` or `12w`
    #[arg(long, value_name = "TIME", value_parser = moment_or_age)]
    since: Option<Moment>,
    /// Only those with a tag
    #[arg(long)]
    tags: bool,
    /// Only those around the commit that was live at an incident of `incidents.toml`
    #[arg(long, value_name = "INCIDENT")]
    around: Option<String>,
    /// Only those that a file names, one a line; `-` is the standard input
    #[arg(long, value_name = "FILE")]
    commits: Option<PathBuf>,
    /// Only each so manieth, counted from the newest
    #[arg(long, value_name = "N")]
    every: Option<NonZeroUsize>,
    /// Only so many, evenly spread, with both ends
    #[arg(long, value_name = "N", conflicts_with = "every")]
    steps: Option<NonZeroUsize>,
}

/// A line of first parents, and which of them are to be measured.
#[derive(Debug)]
pub(super) struct Selection {
    /// The oldest first: all that there are, so that what is measured at another time is in one order with this.
    pub(super) line: Vec<Commit>,
    /// Places in the line, from old to new.
    pub(super) chosen: Vec<usize>,
    /// What the reader may have expected otherwise.
    pub(super) remarks: Vec<String>,
}

impl Selection {
    pub(super) fn commits(&self) -> Vec<Commit> {
        self.chosen
            .iter()
            .map(|place| self.line[*place].clone())
            .collect()
    }
}

impl SelectionArguments {
    /// Finds the commits.
    pub(super) fn find(&self, repository: &Repository) -> Result<Selection, SelectionError> {
        let (mut line, within) = self.line(repository)?;
        let around = self.around(repository, &mut line)?;
        let tagged = self.tagged(repository)?;
        let named = self.named(repository, &line)?;
        let is_in = |set: &Option<HashSet<String>>, commit: &Commit| {
            set.as_ref().is_none_or(|set| set.contains(&commit.id))
        };
        let is_meant = |place: &usize| {
            let commit = &line[*place];
            self.since
                .is_none_or(|since| commit.committed_at >= since.seconds())
                && (around.is_some() || is_in(&within, commit))
                && around.as_ref().is_none_or(|around| around.contains(place))
                && is_in(&tagged, commit)
                && is_in(&named, commit)
        };
        let meant: Vec<usize> = (0..line.len()).filter(is_meant).collect();
        let n_tagged = meant.len();
        let chosen = thinned(&meant, self.every, self.steps);
        if chosen.is_empty() {
            return Err(SelectionError::Nothing);
        }
        let mut remarks = Vec::new();
        if let Some(tagged) = tagged.filter(|tagged| tagged.len() > n_tagged) {
            remarks.push(format!(
                "{} of {} tagged commits are not among the first parents that are meant",
                tagged.len() - n_tagged,
                tagged.len()
            ));
        }
        Ok(Selection {
            line,
            chosen,
            remarks,
        })
    }

    /// All commits up to the newest, and those of them that are within the range if it has a beginning.
    fn line(
        &self,
        repository: &Repository,
    ) -> Result<(Vec<Commit>, Option<HashSet<String>>), SelectionError> {
        if self.range.contains("...") {
            return Err(SelectionError::ThreeDots(self.range.clone()));
        }
        let (without, newest) = match self.range.split_once("..") {
            Some((without, newest)) => (Some(without), newest),
            None => (None, self.range.as_str()),
        };
        let head_if_empty = |revision: &str| {
            if revision.is_empty() {
                "HEAD".to_owned()
            } else {
                revision.to_owned()
            }
        };
        let newest = repository.commit(&head_if_empty(newest))?;
        let within = match without {
            Some(without) => {
                let without = repository.commit(&head_if_empty(without))?;
                let within = repository.line(&newest.id, Some(&without.id))?;
                Some(within.into_iter().map(|commit| commit.id).collect())
            }
            None => None,
        };
        Ok((repository.line(&newest.id, None)?, within))
    }

    /// Places around an incident. Its commit may be on a branch for a release: then the line is that branch.
    fn around(
        &self,
        repository: &Repository,
        line: &mut Vec<Commit>,
    ) -> Result<Option<std::ops::RangeInclusive<usize>>, SelectionError> {
        let Some(id) = &self.around else {
            return Ok(None);
        };
        let incidents = Incidents::read(&repository.root().join(FILE))?;
        let placed = incidents.place(repository);
        let placed = placed
            .into_iter()
            .find(|placed| placed.incident.id == *id)
            .ok_or_else(|| SelectionError::NoSuchIncident(id.clone()))?;
        let was_live = placed
            .commit
            .ok_or_else(|| SelectionError::NotPlaced(id.clone()))?;
        let place_in = |line: &[Commit]| line.iter().position(|commit| commit.id == was_live.id);
        let mut place = place_in(line);
        if place.is_none() {
            *line = repository.line(&was_live.id, None)?;
            place = place_in(line);
        }
        let place = place.ok_or_else(|| SelectionError::NotPlaced(id.clone()))?;
        Ok(Some(
            place.saturating_sub(BEFORE_INCIDENT)..=place + AFTER_INCIDENT,
        ))
    }

    fn tagged(&self, repository: &Repository) -> Result<Option<HashSet<String>>, SelectionError> {
        if !self.tags {
            return Ok(None);
        }
        let tags = repository.tags()?;
        Ok(Some(tags.into_iter().map(|tag| tag.commit).collect()))
    }

    fn named(
        &self,
        repository: &Repository,
        line: &[Commit],
    ) -> Result<Option<HashSet<String>>, SelectionError> {
        let Some(path) = &self.commits else {
            return Ok(None);
        };
        let mut text = String::new();
        let read = if path == Path::new("-") {
            io::stdin().read_to_string(&mut text)
        } else {
            fs::File::open(path).and_then(|mut file| file.read_to_string(&mut text))
        };
        read.map_err(|error| SelectionError::File(path.clone(), error))?;
        let ids: HashSet<&str> = line.iter().map(|commit| commit.id.as_str()).collect();
        let wanted = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut named = HashSet::new();
        for name in wanted {
            if ids.contains(name) {
                named.insert(name.to_owned());
                continue;
            }
            let commit = repository.commit(name)?;
            if !ids.contains(commit.id.as_str()) {
                return Err(SelectionError::Elsewhere(
                    name.to_owned(),
                    self.range.clone(),
                ));
            }
            named.insert(commit.id);
        }
        Ok(Some(named))
    }
}

/// Each so manieth from the newest, or so many from end to end.
fn thinned(
    meant: &[usize],
    every: Option<NonZeroUsize>,
    steps: Option<NonZeroUsize>,
) -> Vec<usize> {
    let n = meant.len();
    let keeps = |index: usize| match (every, steps) {
        (Some(every), _) => (n - 1 - index).is_multiple_of(every.get()),
        (None, Some(steps)) if steps.get() == 1 => index == n - 1,
        // The ends, and between them each that steps over the next line of so many.
        (None, Some(steps)) if steps.get() < n => {
            let line_of = |index: usize| index * (steps.get() - 1) / (n - 1);
            index == 0 || line_of(index) > line_of(index - 1)
        }
        _ => true,
    };
    let kept = meant.iter().enumerate().filter(|(index, _)| keeps(*index));
    kept.map(|(_, place)| *place).collect()
}

/// Why no commits were found.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SelectionError {
    #[error("no commit is meant: look at the range, and at what it was narrowed by")]
    Nothing,
    #[error("`{0}` has two sides; write `A..B`")]
    ThreeDots(String),
    #[error("there is no incident `{0}`; `mad incident list` has all")]
    NoSuchIncident(String),
    #[error("it is not known which commit was live at `{0}`; `mad incident check` says why")]
    NotPlaced(String),
    #[error("`{0}` is not among the first parents of `{1}`; name a range that has it")]
    Elsewhere(String, String),
    #[error("{} cannot be read", .0.display())]
    File(PathBuf, #[source] io::Error),
    #[error(transparent)]
    Git(#[from] GitError),
    #[error(transparent)]
    Incidents(#[from] IncidentsError),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn some(number: usize) -> Option<NonZeroUsize> {
        NonZeroUsize::new(number)
    }

    #[test]
    fn each_so_manieth_is_counted_from_the_newest() {
        assert_eq!(thinned(&[0, 1, 2, 3, 4, 5, 6], some(3), None), [0, 3, 6]);
        assert_eq!(thinned(&[0, 1, 2, 3, 4, 5], some(4), None), [1, 5]);
        assert_eq!(thinned(&[], some(4), None), [0_usize; 0]);
    }

    proptest! {
        #[test]
        fn steps_are_as_many_as_asked_for_and_have_both_ends(n in 1_usize..200, steps in 1_usize..250) {
            let kept = thinned(&(0..n).collect::<Vec<_>>(), None, some(steps));
            prop_assert_eq!(kept.len(), steps.min(n));
            prop_assert_eq!(kept.last(), Some(&(n - 1)));
            prop_assert!(steps == 1 || kept[0] == 0);
            let gaps: Vec<_> = kept.windows(2).map(|pair| pair[1] - pair[0]).collect();
            let (widest, narrowest) = (gaps.iter().max(), gaps.iter().min());
            prop_assert!(widest.zip(narrowest).is_none_or(|(widest, narrowest)| widest - narrowest <= 1));
        }
    }
}
