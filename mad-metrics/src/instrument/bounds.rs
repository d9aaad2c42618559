//! Finds the bucket of an observation.

use std::sync::Arc;

/// How many bounds lie together: a processor compares a value with all of them at once, without a loop whose end it has
/// to guess.
const TOGETHER: usize = 4;

/// Up to here, looking at every bound is quicker than halving.
const FEW: usize = 32;

/// The upper bounds of buckets, which are finite and rise. The last ones together are filled up with infinity, which is
/// below no value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bounds(Arc<[[f64; TOGETHER]]>);

impl From<&[f64]> for Bounds {
    fn from(bounds: &[f64]) -> Self {
        let together = bounds.chunks(TOGETHER).map(|some| {
            let mut filled = [f64::INFINITY; TOGETHER];
            filled[..some.len()].copy_from_slice(some);
            filled
        });
        Self(together.collect())
    }
}

impl Bounds {
    /// Returns the bounds.
    pub(crate) fn as_slice(&self) -> &[f64] {
        let all = self.0.as_flattened();
        &all[..all.partition_point(|bound| bound.is_finite())]
    }

    /// Returns the bucket that holds a value: the first whose bound is not below it.
    #[inline]
    pub(super) fn bucket(&self, value: f64) -> usize {
        let bounds = self.0.as_flattened();
        if bounds.len() <= FEW {
            // Without a branch, as where an observation falls cannot be foretold.
            bounds.iter().map(|bound| usize::from(*bound < value)).sum()
        } else {
            // What the last ones are filled up with is never below.
            bounds.partition_point(|bound| *bound < value)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Bounds;

    #[test]
    fn the_bucket_is_the_first_whose_bound_is_not_below_the_value() {
        for n_bounds in 0..40_u32 {
            let bounds: Vec<f64> = (0..n_bounds).map(f64::from).collect();
            let by_fours = Bounds::from(&*bounds);
            assert_eq!(by_fours.as_slice(), bounds);
            for half in -1..=2 * i32::try_from(n_bounds).unwrap() {
                let value = f64::from(half) / 2.0;
                let first = bounds.iter().position(|bound| *bound >= value);
                let bucket = by_fours.bucket(value);
                assert_eq!(bucket, first.unwrap_or(bounds.len()), "{value} {bounds:?}");
            }
            assert_eq!(by_fours.bucket(f64::MAX), bounds.len());
            assert_eq!(by_fours.bucket(f64::MIN), 0);
        }
    }
}
