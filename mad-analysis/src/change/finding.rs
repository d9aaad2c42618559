//! What is said of a series.

use serde::{Deserialize, Serialize};

/// A number, and the interval that holds the true one nineteen times of twenty.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The number itself.
    pub value: f64,
    /// Where the interval begins.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
}

/// How a series changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// From one commit to the next.
    Step,
    /// Little by little.
    Drift,
    /// The level stays, and the noise around it becomes wider or narrower.
    Spread,
}

/// The commits among which the one is that did it, or, of a drift, all that took part.
///
/// It takes many values to see where a spread changed. Its suspects are so many that the true one is among them some nineteen
/// times of twenty, and somewhat less often where values are few or
/// their noise remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Suspects {
    /// The last position that was measured before the change. It is no suspect.
    pub after: u64,
    /// The first position that was measured with the change; of a drift, the last. It is one.
    pub through: u64,
}

/// Whether a change is good news.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum News {
    /// It is.
    Better,
    /// It is not.
    Worse,
    /// Nobody said which way is good.
    Neither,
}

/// A change that was found in a series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// How it changed.
    pub shape: Shape,
    /// Where.
    pub suspects: Suspects,
    /// The level before; of a spread, the standard deviation before, without outliers.
    pub before: f64,
    /// The same after.
    pub after: f64,
    /// By how much, in the unit of the series.
    pub change: Estimate,
    /// By how much, as a part of what was before, unless that is 0. A spread that is three times as wide has 2.
    pub relative: Option<Estimate>,
    /// Whether that is good news. A narrower spread always is, and a wider one never, unless nobody
    /// said which way is good.
    pub news: News,
    /// How often chance makes as much somewhere in a series of this length in which nothing changes. Nothing is left to chance
    /// in an exact series, and so there is none.
    pub p: Option<f64>,
    /// The share of false findings among all that are at least as certain, over all series that were judged together.
    pub q: Option<f64>,
}
