//! A float that is added to in place.

use std::sync::atomic::Ordering::Relaxed;

use crate::sync::AtomicU64;

/// A float that is added to in place, and is read as finite if what is added is.
#[derive(Debug)]
pub(super) struct Sum;

impl Sum {
    /// Adds, and says whether another thread was in the way.
    #[inline]
    pub(super) fn add(bits: &AtomicU64, amount: f64) -> bool {
        let mut seen = bits.load(Relaxed);
        let mut is_met = false;
        loop {
            let sum = (f64::from_bits(seen) + amount).to_bits();
            match bits.compare_exchange(seen, sum, Relaxed, Relaxed) {
                Ok(_) => return is_met,
                Err(now) => (seen, is_met) = (now, true),
            }
        }
    }

    /// Adds to a sum that no other thread writes.
    #[inline]
    pub(super) fn add_alone(bits: &AtomicU64, amount: f64) {
        let sum = f64::from_bits(bits.load(Relaxed)) + amount;
        bits.store(sum.to_bits(), Relaxed);
    }

    #[inline]
    pub(super) fn value(bits: &AtomicU64) -> f64 {
        finite(f64::from_bits(bits.load(Relaxed)))
    }
}

/// Returns the largest number in place of infinity, to which a sum has come that is too large.
#[inline]
pub(super) fn finite(sum: f64) -> f64 {
    sum.clamp(f64::MIN, f64::MAX)
}

#[cfg(all(test, not(mad_loom)))]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::Sum;

    #[test]
    fn a_sum_of_what_is_finite_is_read_as_finite() {
        let adders: [fn(&AtomicU64, f64); 2] = [Sum::add_alone, |bits, amount| {
            Sum::add(bits, amount);
        }];
        for add in adders {
            for largest in [f64::MAX, f64::MIN] {
                let bits = AtomicU64::new(0);
                for amount in [largest, 0.5, largest, -largest, -largest, -largest] {
                    add(&bits, amount);
                    assert!(Sum::value(&bits).is_finite(), "{amount}");
                }
                assert_eq!(Sum::value(&bits).to_bits(), largest.to_bits());
            }
        }
    }
}
