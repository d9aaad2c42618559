//! One cell while one thread at a time writes, a cell for each thread once they meet.

use std::sync::atomic::Ordering::Relaxed;

use super::this_thread;
use crate::sync::{AtomicU32, OnceBox};

/// How many threads have a cell of their own, and how many cells all further threads share, which is right, and slower.
/// In a model, there are as many as show both ways.
const OWN: usize = if cfg!(all(test, mad_loom)) { 1 } else { 16 };
const SHARED: usize = if cfg!(all(test, mad_loom)) { 1 } else { 8 };

/// How often threads must have met for it to be no chance: stripes cost 3 KiB. In a model, one meeting is
/// all that there is time for.
const MEETINGS: u32 = if cfg!(all(test, mad_loom)) { 0 } else { 8 };

/// What is written in place, and can tell that another thread is at it.
pub(crate) trait Cell {
    type Amount: Copy;

    /// What each thread gets once they meet.
    type Own: Cell<Amount = Self::Amount>;

    /// Makes one for a thread, with nothing in it.
    fn own(&self) -> Self::Own;

    /// Adds to a cell that no other thread writes: neither it nor the processor looks whether one does.
    fn add_alone(&self, amount: Self::Amount);

    /// Adds, and says whether another thread may be at it, too.
    fn add_and_look(&self, amount: Self::Amount) -> bool;

    /// Says, when one may be, whether one is. That may take longer than to add.
    fn is_met(&self) -> bool {
        true
    }

    /// Is told before there are others beside it.
    fn stand_out(&self) {}
}

/// A cell that becomes many where threads meet; what it holds is the sum of them.
#[derive(Debug)]
pub(crate) struct Striped<C: Cell<Own: 'static>> {
    first: C,
    more: OnceBox<Stripes<C::Own>>,
    met: AtomicU32,
}

/// The cells by the numbers of threads, then those that are shared.
type Stripes<C> = [Padded<C>; OWN + SHARED];

/// Alone on its cache line, and on the one that the processor fetches with it.
#[derive(Debug)]
#[repr(align(128))]
struct Padded<C>(C);

/// Returns the cell that only the thread of this number writes.
#[inline]
fn own_cell<C>(stripes: &Stripes<C>, number: u32) -> Option<&C> {
    let own = stripes.first_chunk::<OWN>();
    own?.get(number as usize).map(|padded| &padded.0)
}

impl<C: Cell<Own: 'static>> Striped<C> {
    pub(crate) fn new(first: C) -> Self {
        Self {
            first,
            more: OnceBox::new(),
            met: AtomicU32::new(0),
        }
    }

    /// Adds, on a cell that no other thread writes if threads are known to meet.
    ///
    /// What is added is put together where it goes: who may have to pass it to a call keeps it in memory from the start.
    #[inline]
    pub(crate) fn add(&self, amount: impl FnOnce() -> C::Amount) {
        if let Some(stripes) = self.more.get() {
            Self::add_to_stripe(stripes, amount);
        } else if self.first.add_and_look(amount()) {
            self.meet();
        }
    }

    /// Adds to the cell of this thread, if it has one.
    #[inline]
    fn add_to_stripe(stripes: &Stripes<C::Own>, amount: impl FnOnce() -> C::Amount) {
        match own_cell(stripes, this_thread::known_number()) {
            Some(own) => own.add_alone(amount()),
            None => Self::add_to_any(stripes, amount()),
        }
    }

    /// Adds where a thread does that comes for the first time, or is one of many.
    ///
    /// Apart from the way of the others, which has nothing to save for it.
    #[cold]
    #[inline(never)]
    fn add_to_any(stripes: &Stripes<C::Own>, amount: C::Amount) {
        let number = this_thread::number();
        if let Some(own) = own_cell(stripes, number) {
            own.add_alone(amount);
        } else {
            let Padded(shared) = &stripes[OWN + number as usize % SHARED];
            shared.add_and_look(amount);
        }
    }

    /// Makes stripes for what comes, if threads meet for the last time that is taken for chance.
    #[cold]
    #[inline(never)]
    fn meet(&self) {
        if self.first.is_met() && self.met.fetch_add(1, Relaxed) >= MEETINGS {
            self.stripe();
        }
    }

    fn stripe(&self) {
        self.first.stand_out();
        let stripes = || Box::new(std::array::from_fn(|_| Padded(self.first.own())));
        self.more.get_or_init(stripes);
    }

    /// Returns the cells that threads have. What is in the first stays there when there are others.
    #[inline]
    pub(crate) fn others(&self) -> impl Iterator<Item = &C::Own> {
        let more = self.more.get().into_iter().flatten();
        more.map(|padded| &padded.0)
    }

    /// Returns the cell that every thread may write, but only in a way that loses nothing of another's.
    #[inline]
    pub(crate) const fn first(&self) -> &C {
        &self.first
    }
}

impl<C: Cell<Own = C> + 'static> Striped<C> {
    /// Returns all cells.
    pub(crate) fn cells(&self) -> impl Iterator<Item = &C> {
        [&self.first].into_iter().chain(self.others())
    }
}

#[cfg(all(test, not(mad_loom)))]
mod tests {
    use std::sync::atomic::AtomicU64;
    use std::thread;

    use super::*;

    #[test]
    fn however_many_threads_come_and_go_nothing_is_lost() {
        const THREADS: u64 = 40;
        const TIMES: u64 = 1_000;
        let striped = Striped::new(AtomicU64::new(0));
        striped.stripe();
        // The second ones get the numbers of the first.
        for _ in 0..2 {
            thread::scope(|scope| {
                for _ in 0..THREADS {
                    scope.spawn(|| (0..TIMES).for_each(|_| striped.add(|| 1)));
                }
            });
        }
        let sum: u64 = striped.cells().map(|cell| cell.load(Relaxed)).sum();
        assert_eq!(sum, 2 * THREADS * TIMES);
    }
}
