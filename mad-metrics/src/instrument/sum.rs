//! A float that is added to in place.

use std::sync::atomic::Ordering::Relaxed;

use crate::sync::AtomicU64;

/// A float that is added to in place, and stays finite if what is added is.
#[derive(Debug)]
pub(super) struct Sum;

impl Sum {
    /// Adds, unless another thread is in the way; then nothing has happened.
    #[inline]
    pub(super) fn try_add(bits: &AtomicU64, amount: f64) -> bool {
        let seen = bits.load(Relaxed);
        let sum = finite(f64::from_bits(seen) + amount);
        bits.compare_exchange(seen, sum.to_bits(), Relaxed, Relaxed)
            .is_ok()
    }

    #[inline]
    pub(super) fn add(bits: &AtomicU64, amount: f64) {
        while !Self::try_add(bits, amount) {}
    }

    pub(super) fn value(bits: &AtomicU64) -> f64 {
        f64::from_bits(bits.load(Relaxed))
    }
}

/// Returns the largest number in place of infinity, from which no sum comes back.
#[inline]
pub(super) fn finite(sum: f64) -> f64 {
    sum.clamp(f64::MIN, f64::MAX)
}
