//! Counts.

use std::sync::atomic::Ordering::Relaxed;

use super::block::Place;
use super::count::add_alone;
use super::striped::{Cell, Striped};
use super::watched::Watched;
use crate::sync::{AtomicU64, spin_loop};

/// How many additions there are, about, between two looks at whether other threads add, too. In a model, each
/// addition looks.
const BETWEEN_LOOKS: u64 = if cfg!(all(test, mad_loom)) { 1 } else { 256 };

/// Grows. Who reads it twice never sees it shrink, as no cell of it does.
#[derive(Debug)]
pub(crate) struct Counter {
    cells: Striped<Place>,
    /// What somebody saw who looked whether it moves.
    seen: AtomicU64,
}

impl Counter {
    pub(crate) fn new(place: Place) -> Self {
        Self {
            cells: Striped::new(place),
            seen: AtomicU64::new(0),
        }
    }

    #[inline]
    pub(crate) fn add(&self, amount: u64) {
        let place = self.place();
        // Its owner goes on there when threads have met: the others have gone.
        if place.owner().is_this_thread() {
            place.count().add_owned(amount);
        } else {
            self.cells.add(|| amount);
        }
    }

    /// Raises it to a total that is counted elsewhere; a smaller one changes nothing.
    pub(crate) fn raise(&self, total: u64) {
        // What the others count from now on comes on top.
        let first = total.saturating_sub(self.others());
        self.place().count().raise(first);
    }

    /// Returns where it is, unless it stands out there.
    #[inline]
    pub(crate) fn place(&self) -> &Place {
        self.cells.first()
    }

    #[inline]
    pub(crate) fn value(&self) -> u64 {
        self.place().count().value().wrapping_add(self.others())
    }

    #[inline]
    fn others(&self) -> u64 {
        let others = self.cells.others().map(|cell| cell.load(Relaxed));
        others.fold(0, u64::wrapping_add)
    }
}

/// Nothing is written down when it is added to: what it has come to tells.
impl Watched for Counter {
    fn has_moved(&self) -> bool {
        self.value() != self.seen.load(Relaxed)
    }

    fn look(&self) -> bool {
        let value = self.value();
        self.seen.swap(value, Relaxed) != value
    }

    fn stand_out(&self) {
        self.place().stand_out();
    }
}

/// Says whether it is time to look, by what a cell held before: a die that costs nothing, and that falls
/// right whatever the amounts are. It is time when there was nothing.
#[inline]
fn is_time_to_look(before: u64) -> bool {
    before.wrapping_mul(0x9E37_79B9_7F4A_7C15) <= u64::MAX / BETWEEN_LOOKS
}

impl Cell for AtomicU64 {
    type Amount = u64;
    type Own = Self;

    fn own(&self) -> Self {
        Self::new(0)
    }

    #[inline]
    fn add_alone(&self, amount: u64) {
        add_alone(self, amount);
    }

    #[inline]
    fn add_and_look(&self, amount: u64) -> bool {
        is_time_to_look(self.fetch_add(amount, Relaxed))
    }
}

impl Cell for Place {
    type Amount = u64;
    type Own = AtomicU64;

    fn own(&self) -> AtomicU64 {
        AtomicU64::new(0)
    }

    #[inline]
    fn add_alone(&self, amount: u64) {
        self.count().add_owned(amount);
    }

    #[inline]
    fn add_and_look(&self, amount: u64) -> bool {
        is_time_to_look(self.count().add_shared(amount))
    }

    /// Says whether another thread writes on the same line of the cache within a moment, this number or one beside
    /// it: one that does so once a millisecond is not in the way.
    ///
    /// Who looks at a place that nobody owns is the first that counts there, and from now on its owner. Who adds
    /// nothing only shows that there is a counter.
    fn is_met(&self) -> bool {
        if self.owner().is_nobody() {
            if self.count().value() > 0 {
                self.claim();
            }
            return false;
        }
        let seen = self.line();
        spin_loop();
        self.line() != seen
    }

    fn stand_out(&self) {
        Place::stand_out(self);
    }
}
