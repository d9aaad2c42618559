//! What the facade's handles hold.

use metrics::{CounterFn, GaugeFn, HistogramFn};

use crate::instrument::{Counter, Gauge};
use crate::registry::{Distribution, Series};
use crate::rejection::Reason;
use crate::sync::Arc;

/// A series that somebody holds.
///
/// Each thread has its own of these for a series, so that copies of a handle are counted on a cache line
/// that no other thread writes to.
#[derive(Debug)]
pub(crate) struct Kept<I>(pub(crate) Arc<Series<I>>);

impl CounterFn for Kept<Counter> {
    #[inline]
    fn increment(&self, value: u64) {
        self.0.touch().add(value);
    }

    fn absolute(&self, value: u64) {
        self.0.touch().raise(value);
    }
}

impl GaugeFn for Kept<Gauge> {
    fn increment(&self, value: f64) {
        if value.is_finite() {
            self.0.touch().add(value);
        } else {
            self.0.family().reject(Reason::NotFinite);
        }
    }

    fn decrement(&self, value: f64) {
        self.increment(-value);
    }

    fn set(&self, value: f64) {
        self.0.touch().set(value);
    }
}

impl HistogramFn for Kept<Distribution> {
    #[inline]
    fn record(&self, value: f64) {
        self.record_many(value, 1);
    }

    #[inline]
    fn record_many(&self, value: f64, count: usize) {
        if value.is_finite() {
            self.0.touch().record(value, count as u64);
        } else {
            self.0.family().reject(Reason::NotFinite);
        }
    }
}
