//! One cell while one thread at a time writes, a cell for each thread once they meet.

use std::sync::atomic::Ordering::Relaxed;

use super::this_thread;
use crate::sync::{AtomicU32, OnceBox};

/// How many threads write side by side. More than that share cells, which is right, and slower.
const STRIPES: usize = if cfg!(all(test, mad_loom)) { 2 } else { 16 };

/// How often threads must have met for it to be no chance: stripes cost 2 KiB. In a model, one meeting is
/// all that there is time for.
const MEETINGS: u32 = if cfg!(all(test, mad_loom)) { 0 } else { 8 };

/// What is written in place, and can tell that another thread is at it.
pub(crate) trait Cell {
    type Amount: Copy;

    /// Makes another one, with nothing in it.
    fn empty(&self) -> Self;

    /// Adds, and says whether another thread may be at it, too.
    fn add_and_look(&self, amount: Self::Amount) -> bool;

    /// Says, when one may be, whether one is. That may take longer than to add.
    fn is_met(&self) -> bool {
        true
    }

    /// Adds.
    #[inline]
    fn add(&self, amount: Self::Amount) {
        self.add_and_look(amount);
    }
}

/// A cell that becomes many where threads meet; what it holds is the sum of them.
#[derive(Debug)]
pub(crate) struct Striped<C: 'static> {
    first: C,
    more: OnceBox<[Padded<C>; STRIPES]>,
    met: AtomicU32,
}

/// Apart from the way of those who are alone, which has nothing to save for it.
#[cold]
#[inline(never)]
fn add_to_stripe<C: Cell>(stripes: &[Padded<C>; STRIPES], amount: C::Amount) {
    stripes[this_thread::number() % STRIPES].0.add(amount);
}

/// Alone on its cache line, and on the one that the processor fetches with it.
#[derive(Debug)]
#[repr(align(128))]
struct Padded<C>(C);

impl<C: Cell + 'static> Striped<C> {
    pub(crate) fn new(first: C) -> Self {
        Self {
            first,
            more: OnceBox::new(),
            met: AtomicU32::new(0),
        }
    }

    /// Adds, on a cell that no other thread writes if threads are known to meet.
    #[inline]
    pub(crate) fn add(&self, amount: C::Amount) {
        if let Some(stripes) = self.more.get() {
            add_to_stripe(stripes, amount);
        } else if self.first.add_and_look(amount) {
            self.meet();
        }
    }

    /// Makes stripes for what comes, if threads meet for the last time that is taken for chance.
    #[cold]
    #[inline(never)]
    fn meet(&self) {
        if self.first.is_met() && self.met.fetch_add(1, Relaxed) >= MEETINGS {
            let stripes = || Box::new(std::array::from_fn(|_| Padded(self.first.empty())));
            self.more.get_or_init(stripes);
        }
    }

    /// Returns the cells. What is in the first stays there when there are more.
    pub(crate) fn cells(&self) -> impl Iterator<Item = &C> {
        // First come the stripes: once there are some, nobody begins to write to the first.
        let more = self.more.get().into_iter().flatten();
        [&self.first]
            .into_iter()
            .chain(more.map(|padded| &padded.0))
    }

    pub(crate) fn first(&self) -> &C {
        &self.first
    }

    /// Says whether threads have met.
    pub(crate) fn is_striped(&self) -> bool {
        self.more.get().is_some()
    }
}
