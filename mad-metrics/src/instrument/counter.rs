//! Counts.

use std::sync::atomic::Ordering::Relaxed;

use super::striped::{Cell, Striped};
use super::this_thread::is_time_to_look;
use crate::sync::{AtomicU64, spin_loop};

/// Grows. Who reads it twice never sees it shrink, as no cell of it does.
#[derive(Debug)]
pub(crate) struct Counter(Striped<AtomicU64>);

impl Counter {
    pub(crate) fn new() -> Self {
        Self(Striped::new(AtomicU64::new(0)))
    }

    #[inline]
    pub(crate) fn add(&self, amount: u64) {
        self.0.add(amount);
    }

    /// Raises it to a total that is counted elsewhere; a smaller one changes nothing.
    pub(crate) fn raise(&self, total: u64) {
        let first = self.0.first();
        // What the others count from now on comes on top.
        let others: u64 = self.0.cells().skip(1).map(read).fold(0, u64::wrapping_add);
        first.fetch_max(total.saturating_sub(others), Relaxed);
    }

    pub(crate) fn value(&self) -> u64 {
        if self.0.is_striped() {
            self.0.cells().map(read).fold(0, u64::wrapping_add)
        } else {
            read(self.0.first())
        }
    }
}

/// Says whether another thread adds, too: within a moment, as one that adds once a millisecond is not in
/// the way.
#[cold]
fn is_met(cell: &AtomicU64) -> bool {
    let seen = cell.load(Relaxed);
    spin_loop();
    cell.load(Relaxed) != seen
}

fn read(cell: &AtomicU64) -> u64 {
    cell.load(Relaxed)
}

impl Cell for AtomicU64 {
    type Amount = u64;

    fn empty(&self) -> Self {
        Self::new(0)
    }

    #[inline]
    fn add(&self, amount: u64) -> bool {
        self.fetch_add(amount, Relaxed);
        // Looking takes longer than adding.
        is_time_to_look() && is_met(self)
    }
}
