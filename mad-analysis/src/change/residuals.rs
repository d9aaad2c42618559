//! What is left of values when their levels are taken off.

use std::ops::Range;

use super::moments::Moments;
use crate::float;

/// What is left of values when their levels are taken off.
#[derive(Debug)]
pub(crate) struct Residuals {
    pub(crate) values: Vec<f64>,
    levels: Vec<f64>,
}

impl Residuals {
    pub(crate) fn along(values: &[f64], levels: Vec<f64>) -> Self {
        let left = values.iter().zip(&levels);
        Self {
            values: left.map(|(value, level)| value - level).collect(),
            levels,
        }
    }

    /// Those of segments. The mean of few values is near to each of them, and what that takes away is given back.
    pub(crate) fn of_segments(
        values: &[f64],
        moments: &Moments,
        segments: impl Iterator<Item = Range<usize>>,
    ) -> Self {
        let mut residuals = Self {
            values: Vec::with_capacity(values.len()),
            levels: Vec::with_capacity(values.len()),
        };
        for range in segments {
            let level = moments.mean(&range);
            let given_back = unshrunk(range.len());
            let left = values[range].iter();
            residuals
                .values
                .extend(left.map(|value| (value - level) * given_back));
            residuals.levels.resize(residuals.values.len(), level);
        }
        residuals
    }

    pub(crate) fn distances(&self) -> Vec<f64> {
        self.values.iter().map(|value| value.abs()).collect()
    }

    /// Returns the distances as parts of the levels, where that is another thing.
    pub(crate) fn relative_distances(&self) -> Option<Vec<f64>> {
        let parts = self.values.iter().zip(&self.levels);
        are_of_one_sign(&self.levels)
            .then(|| parts.map(|(value, level)| (value / level).abs()).collect())
    }
}

/// Whether one can be told as a part of another.
fn are_of_one_sign(values: &[f64]) -> bool {
    values.iter().all(|value| *value > 0.0) || values.iter().all(|value| *value < 0.0)
}

/// Returns by how much a distance from the mean, or the median, of so few values has to be made larger.
pub(crate) fn unshrunk(count: usize) -> f64 {
    let count = float(count.max(2));
    (count / (count - 1.0)).sqrt()
}

/// Returns the squares of the ranks of distances, as parts of the highest; those that are equal share theirs.
pub(crate) fn squared_ranks(distances: &[f64]) -> Vec<f64> {
    // What is not below 0 has the order of its bits.
    let bits = distances.iter().map(|distance| distance.to_bits());
    let mut order: Vec<(u64, usize)> = bits.zip(0..).collect();
    order.sort_unstable();
    let mut scores = vec![0.0; distances.len()];
    let mut below = 0;
    for equal in order.chunk_by(|a, b| a.0 == b.0) {
        let rank = float(2 * below + equal.len() + 1) / 2.0;
        let score = (rank / float(distances.len())).powi(2);
        for (_, index) in equal {
            scores[*index] = score;
        }
        below += equal.len();
    }
    scores
}

/// Returns how far each value is from the one before; the first, which has none, is told as the second.
pub(crate) fn differences(values: &[f64]) -> Vec<f64> {
    of_neighbours(values, |before, value| (value - before).abs())
}

/// Returns the same as parts of the values, where there are such parts.
pub(crate) fn relative_differences(values: &[f64]) -> Option<Vec<f64>> {
    let part = |before: f64, value: f64| ((value - before) / (value / 2.0 + before / 2.0)).abs();
    are_of_one_sign(values).then(|| of_neighbours(values, part))
}

fn of_neighbours(values: &[f64], of: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let of = |pair: &[f64]| of(pair[0], pair[1]);
    let pairs = values.windows(2);
    pairs.clone().take(1).chain(pairs).map(of).collect()
}

/// Returns the least distance of values that are not the same.
pub(crate) fn grain(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let gaps = sorted.windows(2).map(|pair| pair[1] - pair[0]);
    gaps.filter(|gap| *gap > 0.0).fold(f64::INFINITY, f64::min)
}
