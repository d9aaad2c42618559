//! What the order of values says: medians and quantiles.

/// Returns the quantile of some values, none of which is NaN, interpolated between neighbours (type 7 of Hyndman and Fan).
///
/// # Panics
///
/// If there is no value.
pub(crate) fn quantile(values: &mut [f64], share: f64) -> f64 {
    let place = share * crate::float(values.len() - 1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of an index is an index"
    )]
    let below = place as usize;
    let (_, low, above) = values.select_nth_unstable_by(below, f64::total_cmp);
    let next = above.iter().copied().min_by(f64::total_cmp).unwrap_or(*low);
    (place - crate::float(below)).mul_add(next - *low, *low)
}

/// Returns the median of some values, none of which is NaN.
///
/// # Panics
///
/// If there is no value.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    quantile(values, 0.5)
}

/// Returns the value below which this share of some sorted values is.
///
/// # Panics
///
/// If there is no value.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of an index is an index"
)]
pub(crate) fn quantile_of_sorted(values: &[u64], share: f64) -> u64 {
    values[(share.clamp(0.0, 1.0) * crate::float(values.len() - 1)) as usize]
}
