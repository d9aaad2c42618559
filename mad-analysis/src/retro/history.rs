//! What was there before it happened.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::Series;

/// A commit on the line of first parents, as far as it matters here. Its position is its place in the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// When it was committed (never when it was written), in seconds since 1970.
    pub committed_at: i64,
    /// How many lines it added, if that is known.
    pub added: Option<u64>,
    /// How many lines it took away.
    pub removed: Option<u64>,
    /// Whether it was released.
    pub is_release: bool,
}

/// Something that went wrong, and where in the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// What it is called.
    pub name: String,
    /// The last position before the commits that are asked about: the release before, usually.
    pub after: u64,
    /// The position of the commit that was live when it began: the last that is asked about.
    pub live: u64,
    /// When it began, in seconds since 1970.
    pub began: i64,
}

/// A line of commits, what was measured along it, and what went wrong.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The commits, the oldest first.
    pub steps: Vec<Step>,
    /// What was measured, by positions in `steps`.
    pub series: Vec<Series>,
    /// What went wrong.
    pub incidents: Vec<Incident>,
}

impl Incident {
    /// Returns whether a position is among those that are asked about.
    pub fn concerns(&self, position: u64) -> bool {
        self.after < position && position <= self.live
    }
}

impl History {
    pub(crate) fn count(&self) -> u64 {
        self.steps.len() as u64
    }

    pub(crate) fn committed_at(&self, position: u64) -> Option<i64> {
        let index = usize::try_from(position).ok()?;
        Some(self.steps.get(index)?.committed_at)
    }

    /// Returns the positions at which anything was measured, in order; all of them where nothing is measured by design, as the
    /// rules that are asked about need no measurement.
    ///
    /// An alarm can come at these only, and so chance is given no others.
    pub fn measured(&self) -> Vec<u64> {
        let points = self.series.iter().flat_map(Series::points);
        let positions: BTreeSet<u64> = points.map(|point| point.position).collect();
        if positions.is_empty() {
            return (0..self.count()).collect();
        }
        positions.into_iter().collect()
    }
}

/// Returns seconds to calculate with.
#[expect(
    clippy::cast_precision_loss,
    reason = "no history is longer than a float has digits for"
)]
pub(crate) fn seconds(seconds: i64) -> f64 {
    seconds as f64
}
