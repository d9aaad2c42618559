//! The place of a step, once it is known that there is one.

use std::cmp::Ordering;

use super::memory::{Estimated, Memory};
use crate::float;
use crate::order::quantile;

/// How far from where it was found a step is looked for.
const REACH: usize = 10;

/// The fewest residuals that tell what the noise is like.
const FEWEST: usize = 24;

/// Moves each cut to where the values beside it are most likely, by what the noise of the series is like.
///
/// Segments are found by squares, which is best for Gaussian noise. Where a step is found is decided by few values, and there
/// it pays to know the noise: what is far out in bimodal noise is usual in noise with heavy tails. So its density is
/// estimated from all values that are not in question.
pub(crate) fn relocated(values: &[f64], levels: &[f64], mut cuts: Vec<usize>) -> Vec<usize> {
    for index in 0..cuts.len() {
        let begin = if index == 0 { 0 } else { cuts[index - 1] };
        let end = cuts.get(index + 1).copied().unwrap_or(values.len());
        if let Some(place) = likeliest(values, levels, begin, cuts[index], end) {
            cuts[index] = place;
        }
    }
    cuts
}

fn likeliest(values: &[f64], tamed: &[f64], begin: usize, cut: usize, end: usize) -> Option<usize> {
    let first = (begin + 1).max(cut.saturating_sub(REACH));
    let last = (end - 1).min(cut + REACH);
    let (left, right) = (begin..first, last..end);
    let level = |range: &std::ops::Range<usize>, fallback: std::ops::Range<usize>| {
        let range = if range.len() < 3 {
            fallback
        } else {
            range.clone()
        };
        tamed[range.clone()].iter().sum::<f64>() / float(range.len())
    };
    let before = level(&left, begin..cut);
    let after = level(&right, cut..end);
    let residuals = |memory: Memory| -> Vec<f64> {
        let of = |range: &std::ops::Range<usize>, level: f64| {
            let pairs = values[range.clone()].windows(2);
            let share = memory.share();
            pairs
                .map(move |pair| pair[1] - level - share * (pair[0] - level))
                .collect::<Vec<_>>()
        };
        [of(&left, before), of(&right, after)].concat()
    };
    let memory = {
        let tamed_residuals: Vec<f64> = tamed[left.clone()]
            .iter()
            .map(|value| value - before)
            .chain(tamed[right.clone()].iter().map(|value| value - after))
            .collect();
        Estimated::of_residuals(&tamed_residuals, 2).certain()
    };
    let density = Density::of(residuals(memory))?;
    let share = memory.share();
    // How much likelier each value is if the step is at it, or after it, than if it is before it.
    let likelihoods = (first..(last + 1).min(end)).map(|index| {
        let (value, previous) = (values[index], values[index - 1]);
        let of = |level: f64, previous_level: f64| {
            density.logarithm(value - level - share * (previous - previous_level))
        };
        [of(before, before), of(after, before), of(after, after)]
    });
    let likelihoods: Vec<_> = likelihoods.collect();
    let fit = |place: usize| -> f64 {
        let of = |(index, [before, at, after]): (usize, &[f64; 3])| match index.cmp(&place) {
            Ordering::Less => *before,
            Ordering::Equal => *at,
            Ordering::Greater => *after,
        };
        (first..).zip(&likelihoods).map(of).sum()
    };
    let places = (first..=last).map(|place| (fit(place), place));
    let best = places.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 > fit(cut) + 1e-9).then_some(best.1)
}

/// A density by kernels on a flat ground, which keeps outliers from deciding.
struct Density {
    residuals: Vec<f64>,
    width: f64,
    ground: f64,
}

impl Density {
    fn of(mut residuals: Vec<f64>) -> Option<Self> {
        const SAMPLE: usize = 200;
        if residuals.len() < FEWEST {
            return None;
        }
        // Those nearest to the cut would do as well; a fixed stride keeps it deterministic and cheap.
        let stride = residuals.len().div_ceil(SAMPLE);
        residuals = residuals.into_iter().step_by(stride).collect();
        let mut sorted = residuals.clone();
        let quartiles = (quantile(&mut sorted, 0.25), quantile(&mut sorted, 0.75));
        let tails = (quantile(&mut sorted, 0.05), quantile(&mut sorted, 0.95));
        let scale = ((quartiles.1 - quartiles.0) / 1.349).min((tails.1 - tails.0) / 3.29);
        let scale = if scale > 0.0 {
            scale
        } else {
            (tails.1 - tails.0) / 3.29
        };
        if scale <= 0.0 {
            return None;
        }
        // Silverman's rule.
        let width = 0.9 * scale * float(residuals.len()).powf(-0.2);
        let ground = 0.02 / (20.0 * scale);
        Some(Self {
            residuals,
            width,
            ground,
        })
    }

    fn logarithm(&self, residual: f64) -> f64 {
        // What is further away adds less than the ground has in its last digits.
        const FAR: f64 = 9.0;
        let distances = self
            .residuals
            .iter()
            .map(|other| (residual - other) / self.width);
        let near = distances.filter(|distance| distance.abs() < FAR);
        let kernels: f64 = near
            .map(|distance| (-0.5 * distance * distance).exp())
            .sum();
        let density = kernels / (float(self.residuals.len()) * self.width * 2.507);
        0.98_f64.mul_add(density, self.ground).ln()
    }
}
