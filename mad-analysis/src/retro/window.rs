//! What is usual in a stretch of history.

use serde::{Deserialize, Serialize};

use crate::float;

/// How much happened in the commits before an incident, beside stretches of the same length anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stretch {
    /// How many commits it has.
    pub commits: u64,
    /// How many changes there were.
    pub changes: usize,
    /// How many there are on average.
    pub usual: f64,
    /// The share of stretches in which there are as many, or more.
    pub as_many: f64,
}

/// Counts changes, by their positions, after one position and up to another, and in all stretches of the same length of a
/// history of so many commits.
pub fn stretch(changes: &[u64], after: u64, live: u64, commits: u64) -> Stretch {
    let length = live.saturating_sub(after).clamp(1, commits.max(1));
    let count = |after: u64| {
        let is_in = |change: &&u64| after < **change && **change <= after + length;
        changes.iter().filter(is_in).count()
    };
    let here = count(after);
    let counts: Vec<usize> = (0..=commits.saturating_sub(length)).map(count).collect();
    let as_many = counts.iter().filter(|count| **count >= here).count();
    Stretch {
        commits: length,
        changes: here,
        usual: float(counts.iter().sum()) / float(counts.len()),
        as_many: float(as_many) / float(counts.len()),
    }
}
