//! Many questions at once.

/// Returns, for each p, the share of false findings among all that are at least as certain: the smallest rate of false
/// discoveries at which it is still one.
///
/// Benjamini and Hochberg, Controlling the false discovery rate (1995), as adjusted p-values. What is asked and comes to
/// nothing is part of the family: leave no p out.
///
/// ```
/// let q = mad_analysis::benjamini_hochberg(&[0.01, 0.04, 0.03, 0.5]);
/// assert!((q[0] - 0.04).abs() < 1e-12);
/// assert!((q[1] - 0.04 * 4.0 / 3.0).abs() < 1e-12);
/// ```
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut q = vec![1.0; p.len()];
    let mut least: f64 = 1.0;
    for (rank, &index) in order.iter().enumerate().rev() {
        least = least.min(p[index] * crate::float(p.len()) / crate::float(rank + 1));
        q[index] = least;
    }
    q
}
