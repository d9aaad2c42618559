//! One series and its value at one moment.

use std::time::SystemTime;

use super::labels::{LabelText, Labels};

/// One series and its value at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// What tells it from the other series of the family.
    pub labels: Labels<'a>,
    /// Its value.
    pub value: Value<'a>,
    /// When counting began, where that is known.
    pub created: Option<SystemTime>,
}

impl<'a> Sample<'a> {
    /// Makes a sample that counts.
    pub const fn count(labels: Labels<'a>, value: u64) -> Self {
        Self::number(labels, Number::Integer(value))
    }

    /// Makes a sample that measures.
    pub const fn gauge(labels: Labels<'a>, value: f64) -> Self {
        Self::number(labels, Number::Float(value))
    }

    /// Makes a sample of one number.
    pub const fn number(labels: Labels<'a>, number: Number) -> Self {
        let exemplar = None;
        Self::new(labels, Value::Number { number, exemplar })
    }

    /// Makes a sample that nobody knows the age of.
    pub const fn new(labels: Labels<'a>, value: Value<'a>) -> Self {
        Self {
            labels,
            value,
            created: None,
        }
    }
}

/// The value of a series; the family's kind decides which of them it is.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Value<'a> {
    /// Of a counter, a gauge, an info, a state set or an unknown.
    Number {
        /// The number.
        number: Number,
        /// What a counter was last increased by, and for whom.
        exemplar: Option<&'a Exemplar>,
    },
    /// Of a histogram.
    Histogram(Histogram<'a>),
    /// Of a summary.
    Summary(Summary<'a>),
}

/// A number: counts are exact, everything else is a float.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A count.
    Integer(u64),
    /// A measure, which may be infinite or not a number.
    Float(f64),
}

impl Number {
    /// Returns it as a float, as Prometheus stores it.
    #[expect(
        clippy::cast_precision_loss,
        reason = "what reads it has floats, and no integers"
    )]
    pub const fn as_f64(self) -> f64 {
        match self {
            Self::Integer(number) => number as f64,
            Self::Float(number) => number,
        }
    }
}

/// What a histogram has counted.
#[derive(Clone, Copy, Debug)]
pub struct Histogram<'a> {
    /// How many observations are in each bucket alone: one count for each of the family's
    /// [`bounds`](super::Family::bounds), and a last one for what is above them. Their sum is the count.
    pub counts: &'a [u64],
    /// The sum of all observations. It is finite.
    pub sum: f64,
    /// An observation for each bucket, where there is one; shorter than `counts` if there are none.
    pub exemplars: &'a [Option<Exemplar>],
    /// The same observations with exponential buckets, if the metric has them.
    pub native: Option<&'a NativeHistogram>,
}

impl Histogram<'_> {
    /// Returns how many observations there were.
    pub fn count(&self) -> u64 {
        let counts = self.counts.iter().copied();
        counts.fold(0, u64::saturating_add)
    }
}

/// A histogram with exponential buckets, as Prometheus' native histograms have them.
///
/// With `base = 2^(2^-schema)`, bucket `i` holds what is above `base^(i-1)` and not above `base^i`;
/// the negative buckets do so for what is below zero, without the sign.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NativeHistogram {
    /// From -4 to 8; each step up halves the buckets.
    pub schema: i32,
    /// How far from zero an observation may be to count as zero.
    pub zero_threshold: f64,
    /// How many observations count as zero.
    pub zero_count: u64,
    /// How many observations there were, those of all buckets.
    pub count: u64,
    /// The sum of all observations. It is finite.
    pub sum: f64,
    /// Index and count of each bucket above zero that is not empty, in rising order.
    pub positive: Vec<(i32, u64)>,
    /// The same below zero.
    pub negative: Vec<(i32, u64)>,
}

/// What a summary says.
#[derive(Clone, Copy, Debug)]
pub struct Summary<'a> {
    /// Quantiles in rising order, with their values.
    pub quantiles: &'a [Quantile],
    /// The sum of all observations. It is finite.
    pub sum: f64,
    /// How many observations there were.
    pub count: u64,
}

/// A quantile of the last observations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantile {
    /// Which one, from 0 to 1.
    pub quantile: f64,
    /// Its value; not a number if there were no observations.
    pub value: f64,
}

/// One observation of many, with what leads to the request that it is from.
#[derive(Clone, Debug, PartialEq)]
pub struct Exemplar {
    /// Its own labels: `trace_id="..."`.
    pub labels: LabelText,
    /// What was observed, or by how much a counter grew.
    pub value: f64,
    /// When.
    pub time: SystemTime,
}
