//! Whether a difference is more than chance makes, and how large it may be.

use std::ops::Range;

use super::finding::Estimate;
use super::memory::Memory;
use super::moments::Moments;
use super::trend::Leg;
use crate::distribution::{student_quantile, student_two_sided};
use crate::float;

/// Intervals hold the truth nineteen times of twenty.
const OUTSIDE: f64 = 0.05;

/// How many values of the whole series' noise stand beside those of a segment when its noise is judged: three values that
/// happen to agree are not free of noise.
const PRIOR: f64 = 4.0;

/// A difference, and how well it is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Difference {
    pub(crate) before: f64,
    pub(crate) after: f64,
    /// Its standard error.
    error: f64,
    freedom: f64,
}

impl Difference {
    /// That of the means of two segments, by Welch: with variances that lean on the pooled one (as Smyth, 2004, moderates t),
    /// and with fewer independent values where noise has a memory.
    pub(crate) fn of_means(
        moments: &Moments,
        [before, after]: [&Range<usize>; 2],
        pooled: f64,
        memory: Memory,
    ) -> Self {
        let side = |range: &Range<usize>| {
            let freedom = PRIOR + float(range.len()) - 1.0;
            let variance = PRIOR.mul_add(pooled, moments.spread(range)) / freedom;
            (variance * memory.inflation() / float(range.len()), freedom)
        };
        let (first, first_freedom) = side(before);
        let (second, second_freedom) = side(after);
        let variance = first + second;
        let freedom = variance * variance
            / (first * first / first_freedom + second * second / second_freedom);
        Self {
            before: moments.mean(before),
            after: moments.mean(after),
            error: variance.sqrt(),
            freedom: (freedom / memory.inflation()).max(1.0),
        }
    }

    /// That of the ends of a leg, by the standard error of a regression's slope.
    pub(crate) fn along(leg: &Leg, variance: f64, memory: Memory) -> Self {
        let count = float(leg.steps() + 1);
        let horizontal = count * count.mul_add(count, -1.0) / 12.0;
        Self {
            before: leg.from,
            after: leg.to,
            error: (variance * memory.inflation() / horizontal).sqrt() * float(leg.steps()),
            freedom: ((count - 2.0) / memory.inflation()).max(1.0),
        }
    }

    /// Returns how often chance makes as much at a place that was chosen beforehand.
    pub(crate) fn p(&self) -> f64 {
        student_two_sided((self.after - self.before) / self.error, self.freedom)
    }

    pub(crate) fn estimate(&self) -> Estimate {
        let value = self.after - self.before;
        let reach = self.error * student_quantile(OUTSIDE, self.freedom);
        Estimate {
            value,
            low: value - reach,
            high: value + reach,
        }
    }
}
