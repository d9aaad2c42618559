//! Where on a line of commits incidents are, and which commits are asked about before each.

use std::collections::HashMap;

use mad_analysis::Incident;
use mad_store::Commit;

use super::Plan;
use crate::git::{GitError, Repository};
use crate::incidents::Incidents;
use crate::incidents::placing::Placed;

/// How many commits before an incident are asked about where there is no release before it.
const WINDOW: u64 = 30;

/// Incidents on a line of commits.
pub(super) struct Places<'a> {
    pub(super) on_line: Vec<OnLine<'a>>,
    /// Those that have no place there, and why.
    pub(super) nowhere: Vec<String>,
    /// The positions of releases, in order.
    pub(super) releases: Vec<u64>,
}

/// An incident that has a place.
pub(super) struct OnLine<'a> {
    pub(super) placed: Placed<'a>,
    pub(super) incident: Incident,
}

impl<'a> Places<'a> {
    pub(super) fn find(
        repository: &Repository,
        commits: &[Commit],
        incidents: &'a Incidents,
        plan: Plan,
    ) -> Result<Self, GitError> {
        let positions: HashMap<&str, u64> = (0..)
            .zip(commits)
            .map(|(position, commit)| (commit.id.as_str(), position))
            .collect();
        let tags = repository.tags()?;
        let mut releases: Vec<u64> = tags
            .iter()
            .filter_map(|tag| positions.get(tag.commit.as_str()).copied())
            .collect();
        releases.sort_unstable();
        let mut places = Self {
            on_line: Vec::new(),
            nowhere: Vec::new(),
            releases,
        };
        for one in incidents.place(repository) {
            match position(repository, &one, &positions)? {
                // Neither a date without an hour nor a clock is wrong by more than a day.
                Some(live) if is_younger(live, &one, commits) => {
                    places.nowhere.push(why_nowhere(&one));
                }
                Some(live) => places
                    .on_line
                    .push(on_line(one, live, &places.releases, plan)),
                None => places.nowhere.push(why_nowhere(&one)),
            }
        }
        Ok(places)
    }

    pub(super) fn incidents(&self) -> Vec<Incident> {
        self.on_line
            .iter()
            .map(|one| one.incident.clone())
            .collect()
    }
}

/// Returns where the live commit is on the line, or the last one before it that is.
fn position(
    repository: &Repository,
    placed: &Placed<'_>,
    positions: &HashMap<&str, u64>,
) -> Result<Option<u64>, GitError> {
    let Some(commit) = &placed.commit else {
        return Ok(None);
    };
    if let Some(position) = positions.get(commit.id.as_str()) {
        return Ok(Some(*position));
    }
    let before = repository.line(&commit.id, None)?;
    let on_line = before
        .iter()
        .rev()
        .find_map(|commit| positions.get(commit.id.as_str()));
    Ok(on_line.copied())
}

/// Whether what is said to have been live was not yet there.
fn is_younger(live: u64, placed: &Placed<'_>, commits: &[Commit]) -> bool {
    const DAY_SECONDS: i64 = 86_400;
    let commit = usize::try_from(live)
        .ok()
        .and_then(|live| commits.get(live));
    commit.is_some_and(|commit| commit.committed_at > placed.incident.began.seconds() + DAY_SECONDS)
}

fn on_line<'a>(placed: Placed<'a>, live: u64, releases: &[u64], plan: Plan) -> OnLine<'a> {
    let release = releases.iter().rev().find(|release| **release < live);
    let after = match (plan.window, release) {
        (Some(window), _) => live.saturating_sub(window),
        (None, Some(release)) => *release,
        (None, None) => live.saturating_sub(WINDOW),
    };
    let incident = Incident {
        name: placed.incident.id.clone(),
        after,
        live,
        began: placed.incident.began.seconds(),
    };
    OnLine { placed, incident }
}

fn why_nowhere(placed: &Placed<'_>) -> String {
    let doubts: Vec<_> = placed.doubts.iter().map(ToString::to_string).collect();
    let why = if doubts.is_empty() {
        "its commit has no ancestor on this line".to_owned()
    } else {
        doubts.join("; ")
    };
    format!("{}: {why}", placed.incident.id)
}
