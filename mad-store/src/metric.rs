//! What is measured.

use serde::{Deserialize, Serialize};

/// What is measured: a name, a unit, and how its numbers are to be judged.
///
/// Names are those of Prometheus' conventions: `snake_case`, with the unit at the end where there is one
/// (`test_duration_seconds`, `source_lines`).
///
/// ```
/// use mad_store::{Direction, Metric, MetricKind};
///
/// let duration = Metric::new("test_duration_seconds", "seconds", MetricKind::Noisy, Direction::Lower);
/// assert_eq!(duration.kind, MetricKind::Noisy);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Metric {
    /// Its name; one name has one meaning in the whole store.
    pub name: String,
    /// The unit of its values, in the plural: `seconds`, `lines`, `bytes`; empty for plain numbers.
    pub unit: String,
    /// How its values vary.
    pub kind: MetricKind,
    /// Which way is better.
    pub direction: Direction,
}

impl Metric {
    /// A metric.
    pub fn new(
        name: impl Into<String>,
        unit: impl Into<String>,
        kind: MetricKind,
        direction: Direction,
    ) -> Self {
        Self {
            name: name.into(),
            unit: unit.into(),
            kind,
            direction,
        }
    }
}

/// How values vary when nothing has changed, which decides how a change is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MetricKind {
    /// Not at all: counts, lines, instructions, bytes.
    Exact,
    /// From run to run: durations.
    Noisy,
    /// A share between 0 and 1 of things that are counted: coverage, success rate.
    Ratio,
    /// Whether something passed: 1 or 0.
    Outcome,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Less is better.
    Lower,
    /// More is better.
    Higher,
    /// Neither: the number is only a fact.
    Neither,
}
