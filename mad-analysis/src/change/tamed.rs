//! Values without their outliers.

use crate::order::{median, quantile};

/// How many neighbours on each side a value is held against.
const REACH: usize = 3;

/// Beyond how many standard deviations from its neighbours' median a value is brought back.
const LIMIT: f64 = 3.0;

/// Brings values that stand out of their neighbourhood back to its edge: Hampel's filter, with clipping in place of
/// replacement. A step is no outlier, as its neighbours are there with it.
///
/// The scale is taken from the nine tenths of the values that stray least, and not from their middle: where noise has two
/// modes, most values may agree with their neighbours to the last digit.
pub(crate) fn tamed(values: &[f64]) -> Vec<f64> {
    let middles: Vec<f64> = (0..values.len())
        .map(|index| {
            let mut window = [0.0; 2 * REACH + 1];
            let near = &values[index.saturating_sub(REACH)..values.len().min(index + REACH + 1)];
            let window = &mut window[..near.len()];
            window.copy_from_slice(near);
            median(window)
        })
        .collect();
    let mut strays: Vec<f64> = values
        .iter()
        .zip(&middles)
        .map(|(value, middle)| (value - middle).abs())
        .collect();
    let normal = 1.645;
    let limit = LIMIT * quantile(&mut strays, 0.9) / normal;
    values
        .iter()
        .zip(&middles)
        .map(|(value, middle)| value.clamp(middle - limit, middle + limit))
        .collect()
}
