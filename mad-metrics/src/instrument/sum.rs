//! A float that is added to in place.

use std::sync::atomic::Ordering::Relaxed;

use crate::sync::AtomicU64;

/// A float that is added to in place, and stays finite if what is added is.
#[derive(Debug)]
pub(super) struct Sum;

impl Sum {
    /// Adds, and says whether another thread was in the way.
    #[inline]
    pub(super) fn add(bits: &AtomicU64, amount: f64) -> bool {
        let mut seen = bits.load(Relaxed);
        let mut is_met = false;
        loop {
            let sum = finite(f64::from_bits(seen) + amount).to_bits();
            match bits.compare_exchange(seen, sum, Relaxed, Relaxed) {
                Ok(_) => return is_met,
                Err(now) => (seen, is_met) = (now, true),
            }
        }
    }

    /// Adds to a sum that no other thread writes.
    #[inline]
    pub(super) fn add_alone(bits: &AtomicU64, amount: f64) {
        let sum = finite(Self::value(bits) + amount);
        bits.store(sum.to_bits(), Relaxed);
    }

    #[inline]
    pub(super) fn value(bits: &AtomicU64) -> f64 {
        f64::from_bits(bits.load(Relaxed))
    }
}

/// Returns the largest number in place of infinity, from which no sum comes back.
#[inline]
pub(super) fn finite(sum: f64) -> f64 {
    sum.clamp(f64::MIN, f64::MAX)
}
