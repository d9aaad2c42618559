//! What the facade calls a histogram: counts in buckets, or quantiles.

use std::time::Instant;

use super::family::AnyMembers;
use super::series::Series;
use crate::instrument::{Bounds, Histogram, Rolling, Watched};
use crate::rejection::Reason;

/// What the facade calls a histogram.
#[derive(Debug)]
pub(crate) enum Distribution {
    Histogram(Histogram),
    Summary(Box<Rolling>),
}

/// What it holds is looked at when a page is made, and not to see whether it moves.
impl Watched for Distribution {}

impl Distribution {
    /// Makes one for a family.
    pub(super) fn of(members: &AnyMembers) -> Self {
        match members {
            AnyMembers::Histograms { bounds, native, .. } => {
                Self::Histogram(Histogram::new(bounds.clone(), *native))
            }
            AnyMembers::Summaries { shape, .. } => {
                Self::Summary(Box::new(Rolling::new(shape.clone())))
            }
            AnyMembers::Counters(_) | AnyMembers::Gauges(_) => {
                Self::Histogram(Histogram::new(Bounds::default(), None))
            }
        }
    }

    /// Brings what is read of it near.
    #[inline]
    pub(super) fn look_ahead(&self) -> u64 {
        match self {
            Self::Histogram(histogram) => histogram.look_ahead(),
            Self::Summary(_) => 0,
        }
    }

    /// Returns about how many bytes it has on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        match self {
            Self::Histogram(histogram) => histogram.heap_bytes(),
            Self::Summary(_) => size_of::<Rolling>(),
        }
    }
}

impl Series<Distribution> {
    /// Counts an observation so many times. One that is not finite is rejected.
    #[expect(
        clippy::inline_always,
        reason = "there is more to do for many than for one"
    )]
    #[inline(always)]
    pub(crate) fn observe(&self, value: f64, count: u64) {
        if let Distribution::Histogram(histogram) = self.value()
            && let Some(bucket) = histogram.bounds().find(value)
        {
            self.observe_in(histogram, bucket, value, count);
        } else {
            self.observe_any(value, count);
        }
    }

    #[inline]
    fn observe_in(&self, histogram: &Histogram, bucket: usize, value: f64, count: u64) {
        self.touch();
        histogram.record(bucket, value, count);
        self.exemplars().keep(|| Some(bucket), value);
    }

    /// Apart, so that what most do keeps nothing for a time after a call.
    #[cold]
    #[inline(never)]
    fn observe_any(&self, value: f64, count: u64) {
        if !value.is_finite() {
            self.family().reject(Reason::NotFinite);
            return;
        }
        match self.value() {
            Distribution::Histogram(histogram) => {
                let bucket = histogram.bounds().search(value);
                self.observe_in(histogram, bucket, value, count);
            }
            Distribution::Summary(summary) => {
                self.touch();
                summary.record(value, count, Instant::now());
            }
        }
    }
}
