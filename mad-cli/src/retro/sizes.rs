//! How large commits are: what the cheap rules look at.

use std::collections::HashMap;

use mad_analysis::Step;

use crate::git::{GitError, Repository};
use crate::timeline::Timeline;

/// Returns what the cheap rules look at.
pub(super) fn steps(
    repository: &Repository,
    timeline: &Timeline,
    releases: &[u64],
) -> Result<Vec<Step>, GitError> {
    let Some(newest) = timeline.commits.last() else {
        return Ok(Vec::new());
    };
    let sizes = sizes(repository, &newest.id)?;
    let step = |(position, commit): (u64, &mad_store::Commit)| {
        let size = sizes.get(&commit.id);
        Step {
            committed_at: commit.committed_at,
            added: size.map(|(added, _)| *added),
            removed: size.map(|(_, removed)| *removed),
            is_release: releases.binary_search(&position).is_ok(),
        }
    };
    Ok((0..).zip(&timeline.commits).map(step).collect())
}

/// Returns how many lines each commit added and took away, against its first parent. Binary files have no lines.
fn sizes(repository: &Repository, newest: &str) -> Result<HashMap<String, (u64, u64)>, GitError> {
    let said = repository.ask([
        "log",
        "--first-parent",
        "--diff-merges=first-parent",
        "--numstat",
        "--format=%x1e%H",
        newest,
        "--",
    ])?;
    let commits = said.split('\u{1e}').filter_map(|commit| {
        let mut lines = commit.lines();
        let id = lines.next()?.to_owned();
        let size = lines.fold((0, 0), |(added, removed), line| {
            let mut numbers = line.split('\t').map_while(|word| word.parse::<u64>().ok());
            (
                added + numbers.next().unwrap_or(0),
                removed + numbers.next().unwrap_or(0),
            )
        });
        Some((id, size))
    });
    Ok(commits.collect())
}
