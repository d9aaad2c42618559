//! Commits, as far as a history of numbers needs them.

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
