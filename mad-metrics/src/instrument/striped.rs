//! One cell while one thread at a time writes, a cell for each thread once they meet.

use std::cell::Cell as ThreadCell;
use std::sync::atomic::AtomicUsize as Tickets;
use std::sync::atomic::Ordering::Relaxed;

use crate::sync::{AtomicU32, OnceBox};

/// How many threads write side by side. More than that share cells, which is right, and slower.
const STRIPES: usize = 16;

/// How often threads must have met for it to be no chance: stripes cost 2 KiB.
const MEETINGS: u32 = 64;

/// What is written in place, and can tell that another thread is at it.
pub(crate) trait Cell {
    type Amount: Copy;

    /// Makes another one, with nothing in it.
    fn empty(&self) -> Self;

    /// Adds, unless another thread is in the way; then nothing has happened.
    fn try_add(&self, amount: Self::Amount) -> bool;

    /// Adds.
    fn add(&self, amount: Self::Amount);
}

/// A cell that becomes many where threads meet; what it holds is the sum of them.
#[derive(Debug)]
pub(crate) struct Striped<C> {
    first: C,
    more: OnceBox<[Padded<C>; STRIPES]>,
    met: AtomicU32,
}

/// Alone on its cache line, and on the one that the processor fetches with it.
#[derive(Debug)]
#[repr(align(128))]
struct Padded<C>(C);

impl<C: Cell> Striped<C> {
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
        match self.more.get() {
            Some(stripes) => stripes[stripe()].0.add(amount),
            None if self.first.try_add(amount) => {}
            None => self.meet(amount),
        }
    }

    #[cold]
    fn meet(&self, amount: C::Amount) {
        if self.met.fetch_add(1, Relaxed) < MEETINGS {
            return self.first.add(amount);
        }
        let stripes = || Box::new(std::array::from_fn(|_| Padded(self.first.empty())));
        self.more.get_or_init(stripes)[stripe()].0.add(amount);
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

/// Returns which cell the calling thread writes to.
#[inline]
fn stripe() -> usize {
    const UNKNOWN: usize = usize::MAX;
    thread_local! {
        static STRIPE: ThreadCell<usize> = const { ThreadCell::new(UNKNOWN) };
    }
    static NEXT: Tickets = Tickets::new(0);
    STRIPE.with(|stripe| {
        if stripe.get() == UNKNOWN {
            stripe.set(NEXT.fetch_add(1, Relaxed) % STRIPES);
        }
        stripe.get() % STRIPES
    })
}
