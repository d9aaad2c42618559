//! Counts observations in buckets.

use std::sync::atomic::Ordering::Relaxed;

use super::bounds::Bounds;
use super::native::{Native, NativeShape};
use super::striped::{Cell, Striped};
use super::sum::{Sum, finite};
use crate::sync::AtomicU64;
use crate::view::NativeHistogram;

/// So many buckets in which nothing is counted are behind those of each thread, so that those of the next are on other
/// lines of the cache, and on other ones than the processor fetches with these.
const APART: usize = 16;

/// Counts observations in buckets, in place.
#[derive(Debug)]
pub(crate) struct Histogram {
    bounds: Bounds,
    buckets: Striped<Buckets>,
    native: Option<Box<Native>>,
}

impl Histogram {
    pub(crate) fn new(bounds: Bounds, native: Option<NativeShape>) -> Self {
        let buckets = Striped::new(Buckets::new(bounds.as_slice().len() + 1));
        Self {
            bounds,
            buckets,
            native: native.map(|shape| Box::new(Native::new(shape))),
        }
    }

    /// Returns the bounds of its buckets.
    #[inline]
    pub(crate) const fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    /// Counts an observation, which is finite, so many times in its bucket.
    #[inline]
    pub(crate) fn record(&self, bucket: usize, value: f64, count: u64) {
        match &self.native {
            None => self.record_in_bucket(bucket, value, count),
            Some(native) => self.record_twice(native, bucket, value, count),
        }
    }

    #[inline]
    fn record_in_bucket(&self, bucket: usize, value: f64, count: u64) {
        let sum = sum(value, count);
        self.buckets.add(|| Observations { bucket, count, sum });
    }

    /// Apart, so that who has no native buckets keeps nothing for a time after the others.
    #[cold]
    #[inline(never)]
    fn record_twice(&self, native: &Native, bucket: usize, value: f64, count: u64) {
        self.record_in_bucket(bucket, value, count);
        native.record(value, count);
    }

    /// Brings what is read of it near.
    #[inline]
    pub(crate) fn look_ahead(&self) -> u64 {
        let counts = &self.buckets.first().counts;
        let ends = [counts.first(), counts.last()].into_iter().flatten();
        ends.map(|count| count.load(Relaxed))
            .fold(0, u64::wrapping_add)
    }

    /// Reads it.
    pub(crate) fn read(&self, reading: &mut HistogramReading) {
        reading.counts.clear();
        reading.counts.resize(self.buckets.first().counts.len(), 0);
        reading.sum = 0.0;
        for cell in self.buckets.cells() {
            for (total, count) in reading.counts.iter_mut().zip(&cell.counts) {
                *total = total.saturating_add(count.load(Relaxed));
            }
            reading.sum = finite(reading.sum + Sum::value(&cell.sum));
        }
        reading.native = self.native.as_ref().map(|native| native.read());
    }

    /// Returns how many bytes it has on the heap.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.buckets.cells().map(|cell| cell.counts.len() * 8).sum()
    }
}

/// What a histogram held at one moment; to be used again for the next one.
#[derive(Debug, Default)]
pub(crate) struct HistogramReading {
    pub(crate) counts: Vec<u64>,
    pub(crate) sum: f64,
    pub(crate) native: Option<NativeHistogram>,
}

/// Equal observations.
#[derive(Clone, Copy, Debug)]
struct Observations {
    bucket: usize,
    count: u64,
    sum: f64,
}

/// Returns the sum of equal observations. Nearly always there is one, which is finite as it is.
#[inline]
fn sum(value: f64, count: u64) -> f64 {
    if count == 1 {
        value
    } else {
        #[expect(clippy::cast_precision_loss, reason = "a sum is a float")]
        finite(value * count as f64)
    }
}

#[derive(Debug)]
struct Buckets {
    sum: AtomicU64,
    counts: Box<[AtomicU64]>,
}

impl Buckets {
    fn new(len: usize) -> Self {
        Self {
            sum: AtomicU64::new(0),
            counts: (0..len).map(|_| AtomicU64::new(0)).collect(),
        }
    }
}

impl Cell for Buckets {
    type Amount = Observations;
    type Own = Self;

    fn own(&self) -> Self {
        Self::new(self.counts.len() + APART)
    }

    #[inline]
    fn add_alone(&self, observations: Observations) {
        if let Some(count) = self.counts.get(observations.bucket) {
            count.store(
                count.load(Relaxed).wrapping_add(observations.count),
                Relaxed,
            );
        }
        Sum::add_alone(&self.sum, observations.sum);
    }

    #[inline]
    fn add_and_look(&self, observations: Observations) -> bool {
        if let Some(count) = self.counts.get(observations.bucket) {
            count.fetch_add(observations.count, Relaxed);
        }
        Sum::add(&self.sum, observations.sum)
    }
}
