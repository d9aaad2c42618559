//! A series: what was measured, commit by commit.

use serde::{Deserialize, Serialize};

/// What a series measures, which decides how a change in it is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The same program gives the same number: instructions, lines, tests, dependencies. Whatever differs has changed;
    /// what is asked is whether it matters.
    Exact,
    /// The same program gives another number each time: durations. What is asked is whether it has changed at all.
    Noisy,
    /// A share from 0 to 1, as coverage: exact, and a change of it is counted in parts of the whole.
    Ratio,
    /// Whether something passed, 1, or failed, 0.
    Outcome,
}

/// Which way is good news.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Less is better: durations, instructions, lints.
    Lower,
    /// More is better: coverage, success.
    Higher,
    /// It is not for us to say: lines of code.
    Neither,
}

/// One measurement.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Where it stands in the history: the number of its commit on the line of first parents. Numbers that are left
    /// out are commits that were not measured.
    pub position: u64,
    /// What was measured there.
    pub value: f64,
}

/// Measurements in the order of the history.
///
/// ```
/// use mad_analysis::{Direction, Kind, Series};
///
/// let series = Series::new(Kind::Noisy, Direction::Lower, [(0, 1.5), (1, f64::NAN), (3, 1.4), (3, 1.6)]);
/// let positions: Vec<_> = series.points().iter().map(|point| point.position).collect();
/// assert_eq!(positions, [0, 3], "what is no number was not measured; what was measured twice is averaged");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    kind: Kind,
    direction: Direction,
    points: Vec<Point>,
}

impl Series {
    /// Makes a series of positions and values, in any order.
    ///
    /// A value that is no finite number is as good as none. Several at one position become their mean.
    pub fn new(
        kind: Kind,
        direction: Direction,
        values: impl IntoIterator<Item = (u64, f64)>,
    ) -> Self {
        let mut values: Vec<_> = values.into_iter().collect();
        values.retain(|(_, value)| value.is_finite());
        values.sort_by_key(|(position, _)| *position);
        let same = |a: &(u64, f64), b: &(u64, f64)| a.0 == b.0;
        let points = values.chunk_by(same).map(|group| Point {
            position: group[0].0,
            value: mean(group.iter().map(|(_, value)| *value)),
        });
        Self {
            kind,
            direction,
            points: points.collect(),
        }
    }

    /// Makes a series without gaps.
    pub fn consecutive(
        kind: Kind,
        direction: Direction,
        values: impl IntoIterator<Item = f64>,
    ) -> Self {
        Self::new(kind, direction, (0..).zip(values))
    }

    /// Returns what it measures.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns which way is good news.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// Returns the measurements, by ascending position, each of them finite.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Returns what is known of it up to and including a position: all that somebody could have seen who stood there.
    #[must_use]
    pub fn up_to(&self, position: u64) -> Self {
        let end = self
            .points
            .partition_point(|point| point.position <= position);
        Self {
            points: self.points[..end].to_vec(),
            ..*self
        }
    }

    pub(crate) fn values(&self) -> Vec<f64> {
        self.points.iter().map(|point| point.value).collect()
    }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = crate::float(values.len());
    values.sum::<f64>() / count
}
