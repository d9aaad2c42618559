//! Counts observations in exponential buckets, of which there are only as many as are in use.

use once_cell::sync::Lazy;

use super::striped::{Cell, Striped};
use super::sum::finite;
use crate::sync::Mutex;
use crate::view::NativeHistogram;

/// The schema with the narrowest buckets, 256 from one power of two to the next.
const FINEST: i32 = 8;

/// The schema with the widest buckets, 16 powers of two each.
const COARSEST: i32 = -4;

/// How fine a native histogram is, and how large it may become.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct NativeShape {
    pub(crate) schema: i32,
    pub(crate) max_buckets: usize,
    pub(crate) zero_threshold: f64,
}

impl NativeShape {
    /// Returns the coarsest schema whose buckets grow by this factor at most.
    pub(crate) fn schema_of(factor: f64) -> i32 {
        let is_fine = |schema: &i32| 2_f64.powf(2_f64.powi(-schema)) <= factor;
        (COARSEST..=FINEST).find(is_fine).unwrap_or(FINEST)
    }
}

/// A histogram with exponential buckets.
#[derive(Debug)]
pub(crate) struct Native(Striped<Mutex<Sparse>>);

impl Native {
    pub(crate) fn new(shape: NativeShape) -> Self {
        Self(Striped::new(Mutex::new(Sparse::new(shape))))
    }

    pub(crate) fn record(&self, value: f64, count: u64) {
        self.0.add(|| (value, count));
    }

    pub(crate) fn read(&self) -> NativeHistogram {
        let mut all = self.0.first().lock().clone();
        for cell in self.0.others() {
            all.merge(cell.lock().clone());
        }
        all.into_view()
    }
}

impl Cell for Mutex<Sparse> {
    type Amount = (f64, u64);
    type Own = Self;

    fn own(&self) -> Self {
        Self::new(Sparse::new(self.lock().shape))
    }

    /// Whoever makes a page reads it.
    fn add_alone(&self, (value, count): Self::Amount) {
        self.lock().record(value, count);
    }

    fn add_and_look(&self, (value, count): Self::Amount) -> bool {
        let free = self.try_lock();
        let is_met = free.is_none();
        free.unwrap_or_else(|| self.lock()).record(value, count);
        is_met
    }
}

/// The buckets that are not empty.
#[derive(Clone, Debug)]
pub(crate) struct Sparse {
    shape: NativeShape,
    /// Falls when there are too many buckets.
    schema: i32,
    zero_count: u64,
    count: u64,
    sum: f64,
    positive: Vec<Bucket>,
    negative: Vec<Bucket>,
}

/// Index and count.
type Bucket = (i32, u64);

impl Sparse {
    pub(crate) fn new(shape: NativeShape) -> Self {
        Self {
            shape,
            schema: shape.schema.clamp(COARSEST, FINEST),
            zero_count: 0,
            count: 0,
            sum: 0.0,
            positive: Vec::new(),
            negative: Vec::new(),
        }
    }

    pub(crate) fn record(&mut self, value: f64, count: u64) {
        self.count = self.count.saturating_add(count);
        #[expect(clippy::cast_precision_loss, reason = "a sum is a float")]
        let added = finite(value * count as f64);
        self.sum = finite(self.sum + added);
        if value.abs() <= self.shape.zero_threshold {
            self.zero_count = self.zero_count.saturating_add(count);
            return;
        }
        let index = coarser(finest_index(value.abs()), FINEST - self.schema);
        add(self.side(value), index, count);
        self.make_room();
    }

    /// Adds what another one has counted.
    pub(crate) fn merge(&mut self, mut other: Self) {
        self.lower_to(other.schema);
        other.lower_to(self.schema);
        self.count = self.count.saturating_add(other.count);
        self.sum = finite(self.sum + other.sum);
        self.zero_count = self.zero_count.saturating_add(other.zero_count);
        for (index, count) in other.positive {
            add(&mut self.positive, index, count);
        }
        for (index, count) in other.negative {
            add(&mut self.negative, index, count);
        }
        self.make_room();
    }

    /// Returns a value that this share of the observations does not exceed.
    pub(crate) fn quantile(&self, quantile: f64) -> Option<f64> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a rank of a share from 0 to 1"
        )]
        let rank = ((self.count as f64 * quantile).ceil() as u64).max(1);
        let negative = self.negative.iter().rev();
        let negative = negative.map(|&(index, count)| (-self.middle(index), count));
        let zero = [(0.0, self.zero_count)];
        let positive = self.positive.iter();
        let positive = positive.map(|&(index, count)| (self.middle(index), count));
        let mut seen = 0_u64;
        let mut values = negative.chain(zero).chain(positive);
        values.find_map(|(value, count)| {
            seen = seen.saturating_add(count);
            (seen >= rank).then_some(value)
        })
    }

    /// Returns the value in a bucket that is in proportion as far from both of its bounds.
    fn middle(&self, index: i32) -> f64 {
        let width = 2_f64.powi(-self.schema);
        finite(((f64::from(index) - 0.5) * width).exp2())
    }

    fn side(&mut self, value: f64) -> &mut Vec<Bucket> {
        if value > 0.0 {
            &mut self.positive
        } else {
            &mut self.negative
        }
    }

    fn make_room(&mut self) {
        while self.positive.len() + self.negative.len() > self.shape.max_buckets
            && self.schema > COARSEST
        {
            self.lower_to(self.schema - 1);
        }
    }

    fn lower_to(&mut self, schema: i32) {
        if schema >= self.schema {
            return;
        }
        let steps = self.schema - schema;
        for side in [&mut self.positive, &mut self.negative] {
            let mut merged: Vec<Bucket> = Vec::with_capacity(side.len());
            for (index, count) in side.drain(..) {
                let index = coarser(index, steps);
                match merged.last_mut() {
                    Some((last, total)) if *last == index => *total = total.saturating_add(count),
                    _ => merged.push((index, count)),
                }
            }
            *side = merged;
        }
        self.schema = schema;
    }

    fn into_view(self) -> NativeHistogram {
        NativeHistogram {
            schema: self.schema,
            zero_threshold: self.shape.zero_threshold,
            zero_count: self.zero_count,
            count: self.count,
            sum: self.sum,
            positive: self.positive,
            negative: self.negative,
        }
    }
}

fn add(side: &mut Vec<Bucket>, index: i32, count: u64) {
    match side.binary_search_by_key(&index, |bucket| bucket.0) {
        Ok(at) => side[at].1 = side[at].1.saturating_add(count),
        Err(at) => side.insert(at, (index, count)),
    }
}

/// Returns the bucket of a schema so many steps lower that holds the bucket with this index.
fn coarser(index: i32, steps: i32) -> i32 {
    // Rounds up, as a bucket is named after its upper bound.
    -((-index) >> steps)
}

/// Returns the bucket of the finest schema that holds a value above zero.
fn finest_index(value: f64) -> i32 {
    /// The upper bounds of the buckets from one half to one, all but the last.
    static BOUNDS: Lazy<Vec<f64>> = Lazy::new(|| {
        let bound = |index: u32| 0.5 * (f64::from(index) / 256.0).exp2();
        (0..256).map(bound).collect()
    });
    let (fraction, exponent) = fraction_and_exponent(value);
    let within = BOUNDS.partition_point(|bound| *bound < fraction);
    (exponent - 1) * 256 + i32::try_from(within).unwrap_or(256)
}

/// Takes a value above zero apart into a fraction from one half to less than one, and a power of two.
fn fraction_and_exponent(value: f64) -> (f64, i32) {
    const MANTISSA: u64 = (1 << 52) - 1;
    const HALF: u64 = 1022 << 52;
    if value < f64::MIN_POSITIVE {
        let (fraction, exponent) = fraction_and_exponent(value * 2_f64.powi(64));
        return (fraction, exponent - 64);
    }
    let bits = value.to_bits();
    let exponent = i32::try_from(bits >> 52).unwrap_or_default() - 1022;
    (f64::from_bits(bits & MANTISSA | HALF), exponent)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHAPE: NativeShape = NativeShape {
        schema: 3,
        max_buckets: 160,
        zero_threshold: 1e-128,
    };

    fn recorded(values: &[f64], shape: NativeShape) -> Sparse {
        let mut sparse = Sparse::new(shape);
        for value in values {
            sparse.record(*value, 1);
        }
        sparse
    }

    /// Returns the bounds of a bucket, lower and upper.
    fn bounds(schema: i32, index: i32) -> (f64, f64) {
        let width = 2_f64.powi(-schema);
        let bound = |index: i32| (f64::from(index) * width).exp2();
        (bound(index - 1), bound(index))
    }

    #[test]
    fn a_power_of_two_is_the_upper_bound_of_its_bucket() {
        let buckets = recorded(&[1.0, 2.0, 4.0, 0.5], SHAPE).into_view().positive;
        assert_eq!(buckets, [(-8, 1), (0, 1), (8, 1), (16, 1)]);
    }

    #[test]
    fn a_factor_asks_for_a_schema() {
        let schemas = [2.0, 1.5, 1.1, 1.01, 1.0, 100_000.0].map(NativeShape::schema_of);
        assert_eq!(schemas, [0, 1, 3, 7, 8, -4]);
    }

    #[test]
    fn the_smallest_and_the_largest_number_have_buckets() {
        for schema in COARSEST..=FINEST {
            let shape = NativeShape { schema, ..SHAPE };
            let native = recorded(&[f64::from_bits(1), f64::MAX, f64::MIN], shape);
            assert_eq!(native.zero_count, 1);
            let shape = NativeShape {
                zero_threshold: 0.0,
                ..shape
            };
            let native = recorded(&[f64::from_bits(1), f64::MAX], shape);
            assert_eq!(native.positive.len(), 2);
        }
    }

    proptest! {
        #[test]
        fn a_value_is_between_the_bounds_of_its_bucket(value in 1e-100..1e100_f64, schema in COARSEST..=FINEST) {
            let native = recorded(&[value], NativeShape { schema, ..SHAPE });
            let (lower, upper) = bounds(schema, native.positive[0].0);
            // The bounds are computed in another way here.
            prop_assert!(lower * (1.0 - 1e-9) < value && value <= upper * (1.0 + 1e-9), "{lower} {value} {upper}");
        }

        #[test]
        fn however_wide_the_values_lie_buckets_are_few_and_nothing_is_lost(
            values in prop::collection::vec(prop::num::f64::NORMAL, 0..400), max_buckets in 1_usize..40,
        ) {
            let native = recorded(&values, NativeShape { max_buckets, schema: 8, ..SHAPE });
            let n_buckets = native.positive.len() + native.negative.len();
            prop_assert!(n_buckets <= max_buckets || native.schema == COARSEST && n_buckets <= 262);
            let counts = native.positive.iter().chain(&native.negative).map(|bucket| bucket.1);
            prop_assert_eq!(counts.sum::<u64>() + native.zero_count, values.len() as u64);
        }

        #[test]
        fn two_halves_merge_to_the_whole(
            first in prop::collection::vec(-1e3..1e3_f64, 0..50),
            second in prop::collection::vec(1e-9..1e9_f64, 0..50),
            max_buckets in 5_usize..40,
        ) {
            let shape = NativeShape { max_buckets, ..SHAPE };
            let mut merged = recorded(&first, shape);
            merged.merge(recorded(&second, shape));
            let whole = recorded(&[first, second].concat(), shape);
            prop_assert_eq!(merged.schema, whole.schema);
            prop_assert_eq!(merged.positive, whole.positive);
            prop_assert_eq!(merged.negative, whole.negative);
        }

        #[test]
        fn a_quantile_is_as_near_as_its_bucket_is_wide(mut values in prop::collection::vec(0.001..1e6_f64, 1..100), quantile in 0.0..=1.0_f64) {
            let native = recorded(&values, NativeShape { schema: 8, max_buckets: 10_000, ..SHAPE });
            values.sort_by(f64::total_cmp);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a small index")]
            let rank = ((values.len() as f64 * quantile).ceil() as usize).max(1);
            let (exact, estimate) = (values[rank - 1], native.quantile(quantile).unwrap());
            prop_assert!((estimate / exact - 1.0).abs() < 0.003, "{estimate} for {exact}");
        }
    }
}
