//! What is usual in a stretch of history.

use serde::{Deserialize, Serialize};

use super::history::Incident;
use crate::float;

/// How much was found in the commits before an incident, beside commits that no incident concerns.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stretch {
    /// How many commits it has.
    pub commits: u64,
    /// How many of them were measured.
    pub measured: usize,
    /// At how many of these something was found.
    pub changes: usize,
    /// How many stretches there are elsewhere of as many measured commits in a row, side by side: those that it is held against.
    pub others: usize,
    /// At how many commits something is found where no incident is near, in as many; nothing if nothing was measured there.
    pub usual: Option<f64>,
    /// How many of the others have as many, or more.
    pub as_many: usize,
}

/// Counts the commits at which something was found before an incident, and in stretches of as many measured commits that none of
/// the incidents concerns.
///
/// ```
/// use mad_analysis::{Incident, stretch};
///
/// let outage = Incident { name: "outage".to_owned(), after: 50, live: 60, began: 0 };
/// let measured: Vec<u64> = (0..100).collect();
/// let before = stretch(&[53, 55, 80], &measured, &[outage.clone()], &outage);
/// assert_eq!((before.measured, before.changes), (10, 2));
/// // Five from 0 to 50, and three from 61 on.
/// assert_eq!((before.others, before.as_many, before.usual), (8, 0, Some(1.0 / 90.0 * 10.0)));
/// ```
pub fn stretch(
    found: &[u64],
    measured: &[u64],
    incidents: &[Incident],
    which: &Incident,
) -> Stretch {
    let is_found = |position: &u64| found.contains(position);
    let here: Vec<bool> = measured
        .iter()
        .filter(|position| which.concerns(**position))
        .map(is_found)
        .collect();
    let changes = here.iter().filter(|found| **found).count();
    let length = here.len();
    let is_free = |position: &u64| {
        !incidents
            .iter()
            .any(|incident| incident.concerns(*position))
    };
    let runs: Vec<Vec<bool>> = measured
        .chunk_by(|a, b| is_free(a) == is_free(b))
        .filter(|run| run.first().is_some_and(is_free))
        .map(|run| run.iter().map(is_found).collect())
        .collect();
    let free = runs.iter().flatten();
    let rate =
        float(free.clone().filter(|found| **found).count()) / float(free.clone().count().max(1));
    // Side by side, as stretches that overlap would count what is in them again and again.
    let others = runs.iter().flat_map(|run| run.chunks_exact(length.max(1)));
    let counts = others.map(|other| other.iter().filter(|found| **found).count());
    let counts: Vec<usize> = counts.collect();
    Stretch {
        commits: which.live.saturating_sub(which.after),
        measured: length,
        changes,
        others: counts.len(),
        usual: (free.count() > 0).then(|| rate * float(length)),
        as_many: counts.iter().filter(|count| **count >= changes).count(),
    }
}
