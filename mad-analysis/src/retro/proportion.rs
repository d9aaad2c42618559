//! A share that was counted.

use serde::{Deserialize, Serialize};

use crate::float;

/// The quantile of the normal distribution that leaves one fortieth on each side.
const QUANTILE: f64 = 1.959_963_984_540_054;

/// So many of so many, with the interval that holds the true share nineteen times of twenty.
///
/// By Wilson, Probable inference (1927), which says something sensible of few, of none and of all.
///
/// ```
/// use mad_analysis::Proportion;
///
/// let one_of_two = Proportion::of(1, 2);
/// assert!((one_of_two.low - 0.095).abs() < 0.001 && (one_of_two.high - 0.905).abs() < 0.001);
/// assert_eq!(Proportion::of(0, 0).share, None, "of none there is no share, and anything may be true");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proportion {
    /// How many.
    pub count: usize,
    /// Of how many.
    pub total: usize,
    /// The one as a part of the other, unless there is nothing to be a part of.
    pub share: Option<f64>,
    /// Where the interval begins.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
}

impl Proportion {
    /// Returns the share of so many among so many.
    pub fn of(count: usize, total: usize) -> Self {
        if total == 0 {
            return Self {
                count,
                total,
                share: None,
                low: 0.0,
                high: 1.0,
            };
        }
        let n = float(total);
        let share = float(count) / n;
        let square = QUANTILE * QUANTILE;
        let centre = (share + square / (2.0 * n)) / (1.0 + square / n);
        let spread = share.mul_add(1.0 - share, square / (4.0 * n)) / n;
        let reach = QUANTILE * spread.sqrt() / (1.0 + square / n);
        Self {
            count,
            total,
            share: Some(share),
            // Of none and of all, rounding would leave a little.
            low: if count == 0 { 0.0 } else { centre - reach },
            high: if count == total { 1.0 } else { centre + reach },
        }
    }
}
