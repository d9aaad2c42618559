//! A count that two sides write: one thread, by itself, and everybody else.

use std::sync::atomic::Ordering::Relaxed;

use crate::sync::AtomicU64;

/// A count. Neither side of it ever shrinks, and who reads it adds them up.
#[derive(Debug, Default)]
pub(crate) struct Count {
    /// What one thread counts, which is the only one to write here.
    owned: AtomicU64,
    /// What everybody else counts.
    shared: AtomicU64,
}

impl Count {
    #[inline]
    pub(super) fn value(&self) -> u64 {
        let owned = self.owned.load(Relaxed);
        owned.wrapping_add(self.shared.load(Relaxed))
    }

    /// Adds for the only thread that may: neither it nor the processor looks whether another one does.
    #[inline]
    pub(super) fn add_owned(&self, amount: u64) {
        add_alone(&self.owned, amount);
    }

    /// Adds for any thread, and returns what was there before.
    #[inline]
    pub(super) fn add_shared(&self, amount: u64) -> u64 {
        self.shared.fetch_add(amount, Relaxed)
    }

    /// Raises it to a total that is counted elsewhere; a smaller one changes nothing.
    pub(super) fn raise(&self, total: u64) {
        // What the one thread counts from now on comes on top.
        let owned = self.owned.load(Relaxed);
        self.shared.fetch_max(total.saturating_sub(owned), Relaxed);
    }
}

/// Adds to what no other thread writes.
#[inline]
pub(super) fn add_alone(cell: &AtomicU64, amount: u64) {
    cell.store(cell.load(Relaxed).wrapping_add(amount), Relaxed);
}
