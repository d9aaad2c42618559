//! What the facade calls a histogram: counts in buckets, or quantiles.

use std::time::Instant;

use super::family::AnyMembers;
use crate::instrument::{Bounds, Histogram, Rolling, Watched};

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

    /// Counts an observation, which is finite, so many times.
    #[inline]
    pub(crate) fn record(&self, value: f64, count: u64) {
        match self {
            Self::Histogram(histogram) => histogram.record(value, count),
            Self::Summary(summary) => summarise(summary, value, count),
        }
    }

    /// Returns the bucket that holds a value, if there are buckets.
    pub(crate) fn bucket(&self, value: f64) -> Option<usize> {
        match self {
            Self::Histogram(histogram) => Some(histogram.bucket(value)),
            Self::Summary(_) => None,
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

/// Apart, so that a histogram keeps nothing for a time after the look at the clock.
#[inline(never)]
fn summarise(summary: &Rolling, value: f64, count: u64) {
    summary.record(value, count, Instant::now());
}
