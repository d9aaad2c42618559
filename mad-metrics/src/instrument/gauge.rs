//! Goes up and down.

use std::sync::atomic::Ordering::Relaxed;

use super::watched::Watched;
use crate::sync::AtomicU64;

/// A float that is set, or changed by a step.
#[derive(Debug)]
pub(crate) struct Gauge(AtomicU64);

/// The same value again is news, and cannot be seen.
impl Watched for Gauge {}

impl Gauge {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    #[inline]
    pub(crate) fn set(&self, value: f64) {
        self.0.store(value.to_bits(), Relaxed);
    }

    #[inline]
    pub(crate) fn add(&self, step: f64) {
        let mut seen = self.0.load(Relaxed);
        loop {
            let next = (f64::from_bits(seen) + step).to_bits();
            match self.0.compare_exchange_weak(seen, next, Relaxed, Relaxed) {
                Ok(_) => return,
                Err(now) => seen = now,
            }
        }
    }

    pub(crate) fn value(&self) -> f64 {
        f64::from_bits(self.0.load(Relaxed))
    }
}
