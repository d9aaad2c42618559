//! Finds the bucket of an observation.

use std::iter;
use std::sync::Arc;

/// How many octaves above the highest bound are looked up, too, where there is room: what is now there and now below
/// cannot be foretold.
const ABOVE: u64 = 10;

/// Up to so many parts an octave is cut into, as a power of two, for each to hold one bound at most.
const FINEST: u32 = 8;

/// How many parts there are at most, of 16 bytes each.
const MOST: u64 = 512;

/// How many bits of a float follow its exponent.
const MANTISSA: u32 = f64::MANTISSA_DIGITS - 1;

/// The upper bounds of buckets, which are finite and rise.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bounds(Arc<Table>);

#[derive(Debug, Default)]
struct Table {
    bounds: Box<[f64]>,
    parts: Parts,
}

impl From<&[f64]> for Bounds {
    fn from(bounds: &[f64]) -> Self {
        Self(Arc::new(Table {
            parts: Parts::of(bounds),
            bounds: bounds.into(),
        }))
    }
}

impl Bounds {
    /// Returns the bounds.
    pub(crate) fn as_slice(&self) -> &[f64] {
        &self.0.bounds
    }

    /// Returns the bucket that holds a value, the first whose bound is not below it, where that is known at once: for
    /// most values, and for none that is not finite.
    #[inline]
    pub(crate) fn find(&self, value: f64) -> Option<usize> {
        let part = self.0.parts.find(value)?;
        // Without a branch, as where an observation falls cannot be foretold.
        Some(part.n_below + usize::from(part.bound < value))
    }

    /// Returns the bucket that holds any value that is finite.
    pub(crate) fn search(&self, value: f64) -> usize {
        self.as_slice().partition_point(|bound| *bound < value)
    }
}

/// The floats from zero to somewhat above the highest bound, in parts that hold one bound at most.
///
/// Floats from zero on rise with their bits, so that the first of these, the exponent and some of the mantissa, are the
/// number of a part. There are no parts if they would have to be too many.
#[derive(Debug, Default)]
struct Parts {
    /// How many bits do not tell parts apart.
    shift: u32,
    /// The number of the first part, which has all lower ones in it, too.
    first: u64,
    all: Box<[Part]>,
}

#[derive(Debug)]
struct Part {
    /// The bound in it, or infinity.
    bound: f64,
    /// How many bounds are below it.
    n_below: usize,
}

impl Parts {
    fn of(bounds: &[f64]) -> Self {
        let with = |bits| Self::with(bounds, bits);
        (0..=FINEST).find_map(with).unwrap_or_default()
    }

    /// Cuts each octave into two to the power of so many parts, if these hold one bound each.
    fn with(bounds: &[f64], bits: u32) -> Option<Self> {
        let shift = MANTISSA - bits;
        let number = |bound: f64| bound.to_bits() >> shift;
        let mut n_below = bounds.partition_point(|bound| *bound < 0.0);
        let mut rest = bounds[n_below..].iter().copied().peekable();
        let mut part = |is_in_it: &dyn Fn(f64) -> bool| {
            let bound = rest.next_if(|bound| is_in_it(*bound));
            let part = Part {
                bound: bound.unwrap_or(f64::INFINITY),
                n_below,
            };
            n_below += usize::from(bound.is_some());
            part
        };
        let lowest = number(bounds.iter().copied().find(|bound| *bound > 0.0)?);
        let first = lowest.checked_sub(1)?;
        let highest = number(*bounds.last()?);
        let spare = MOST.checked_sub(highest - lowest + 2)?;
        let last = highest + (ABOVE << bits).min(spare);
        let last = last.min(number(f64::MAX));
        let from_zero = part(&|bound| bound == 0.0);
        let others = (lowest..=last).map(|wanted| part(&|bound| number(bound) == wanted));
        let all = iter::once(from_zero).chain(others).collect();
        // What is left was not alone in its part.
        let none_is_left = rest.next().is_none();
        none_is_left.then_some(Self { shift, first, all })
    }

    /// Finds the part of a value, which is a finite number from zero on then.
    #[inline]
    fn find(&self, value: f64) -> Option<&Part> {
        let number = value.to_bits().wrapping_shr(self.shift);
        let index = usize::try_from(number.saturating_sub(self.first));
        self.all.get(index.ok()?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Bounds;

    /// Checks a value, and says whether its bucket was known at once.
    fn is_found(bounds: &Bounds, value: f64) -> bool {
        let bucket = bounds.as_slice().iter().position(|bound| *bound >= value);
        let bucket = bucket.unwrap_or(bounds.as_slice().len());
        assert_eq!(bounds.search(value), bucket, "{value} {bounds:?}");
        let found = bounds.find(value);
        assert_eq!(found.unwrap_or(bucket), bucket, "{value} {bounds:?}");
        found.is_some()
    }

    #[test]
    fn usual_values_are_found_at_once() {
        let latencies = [
            0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
        ];
        let sizes = [0.0, 1024.0, 4096.0, 65536.0, 1_048_576.0];
        let steps: Vec<f64> = (0..40).map(f64::from).collect();
        for (bounds, (from, to)) in [
            (&latencies[..], (1e-12, 9_000.0)),
            (&sizes, (1.0, 1e9)),
            (&steps, (1e-12, 1_000.0)),
        ] {
            let bounds = Bounds::from(bounds);
            for value in (0..).map(|n| from * 1.01_f64.powi(n)) {
                if value > to {
                    break;
                }
                assert!(is_found(&bounds, value), "{value}");
            }
        }
    }

    #[test]
    fn the_bucket_is_searched_where_bounds_lie_too_close() {
        let bounds: Vec<f64> = (0..10_000).map(|n| f64::from(n) * 1e-9 + 7.0).collect();
        let bounds = Bounds::from(&*bounds);
        for value in [0.0, 6.99, 7.0, 7.000_001, 7.1, f64::MAX] {
            assert!(!is_found(&bounds, value));
        }
    }

    #[test]
    fn zero_is_in_the_bucket_of_zero() {
        for (least, found) in [
            (f64::from_bits(1), None),
            (f64::MIN_POSITIVE, Some(0)),
            (1e-300, Some(0)),
            (1.0, Some(0)),
        ] {
            let bounds = Bounds::from(&[0.0, least][..]);
            for value in [0.0, -0.0, f64::from_bits(1), least, 2.0 * least] {
                is_found(&bounds, value);
            }
            assert_eq!(bounds.find(0.0), found, "{least}");
        }
    }

    #[test]
    fn no_bucket_is_known_for_what_is_not_finite() {
        for bounds in [&[][..], &[1.0], &[f64::MIN, f64::MAX], &[f64::MIN_POSITIVE]] {
            for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                assert_eq!(Bounds::from(bounds).find(value), None);
            }
        }
    }

    fn number() -> impl Strategy<Value = f64> {
        let finite = any::<f64>().prop_filter("finite", |number| number.is_finite());
        prop_oneof![-10.0..10.0, finite, (-100..100).prop_map(f64::from)]
    }

    /// Numbers that lie close enough for there to be parts.
    fn near() -> impl Strategy<Value = f64> {
        prop_oneof![1.0..40.0, (0..40).prop_map(f64::from), Just(-1.0)]
    }

    /// Checks all values, and those beside them and beside the bounds, and returns how many are found at once.
    fn n_found(mut bounds: Vec<f64>, values: &[f64]) -> usize {
        bounds.sort_by(f64::total_cmp);
        bounds.dedup();
        let values = values.iter().chain(&bounds).copied();
        let beside = |value: f64| [value.next_down(), value, value.next_up()];
        let values: Vec<f64> = values.flat_map(beside).collect();
        let bounds = Bounds::from(&*bounds);
        let finite = values.into_iter().filter(|value| value.is_finite());
        finite.filter(|value| is_found(&bounds, *value)).count()
    }

    proptest! {
        #[test]
        fn the_bucket_is_the_first_whose_bound_is_not_below_the_value(
            bounds in prop::collection::vec(number(), 0..40),
            values in prop::collection::vec(number(), 0..40),
        ) {
            n_found(bounds, &values);
        }

        #[test]
        fn so_is_the_bucket_that_is_found_at_once(
            mut bounds in prop::collection::vec((0..40).prop_map(f64::from), 1..20),
            values in prop::collection::vec(near(), 1..40),
        ) {
            bounds.push(41.0);
            let positive = values.iter().filter(|value| **value > 0.0).count();
            prop_assert!(n_found(bounds, &values) >= positive);
        }
    }
}
