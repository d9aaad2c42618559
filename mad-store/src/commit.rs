//! Commits, as far as a history of numbers needs them.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

/// A commit, and where it stands in the history.
///
/// Order is that of first parents, never that of dates: commits are rebased, and clocks differ.
///
/// ```
/// use mad_store::Commit;
///
/// let commit = Commit {
///     id: "5b0e2b6a".to_owned(),
///     parent: None,
///     committed_at: 1_709_683_200,
///     summary: "parse the request line".to_owned(),
/// };
/// assert!(commit.parent.is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Its full hash, in hexadecimal.
    pub id: String,
    /// Its first parent, unless it is a root.
    pub parent: Option<String>,
    /// When it was committed (not when it was written), in seconds since 1970.
    pub committed_at: i64,
    /// The first line of its message.
    pub summary: String,
}

/// Puts each commit behind its first parent, and otherwise by date. Parents that go round in a circle, which no git
/// has, come last.
pub(crate) fn in_order(commits: Vec<Commit>) -> Vec<Commit> {
    let known: HashSet<_> = commits.iter().map(|commit| commit.id.clone()).collect();
    let mut children = HashMap::<String, Vec<Commit>>::new();
    // Those whose parent is in its place, or not known.
    let mut ready = BTreeMap::new();
    let key = |commit: &Commit| (commit.committed_at, commit.id.clone());
    for commit in commits {
        match commit
            .parent
            .clone()
            .filter(|parent| known.contains(parent))
        {
            Some(parent) => children.entry(parent).or_default().push(commit),
            None => _ = ready.insert(key(&commit), commit),
        }
    }
    let mut ordered = Vec::with_capacity(known.len());
    while let Some((_, commit)) = ready.pop_first() {
        let next = children.remove(&commit.id).unwrap_or_default();
        ready.extend(next.into_iter().map(|child| (key(&child), child)));
        ordered.push(commit);
    }
    let left = children.into_values().flatten();
    let left: BTreeMap<_, _> = left.map(|commit| (key(&commit), commit)).collect();
    ordered.extend(left.into_values());
    ordered
}
