//! The number of a thread.
//!
//! No two threads have the same one at the same time, so that what is kept under a number is written by one thread
//! only. When a thread ends, the next that needs a number gets that of the thread that ended, and sees all that it
//! wrote: [`Numbers`] is where they pass each other.

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::Ordering::Relaxed;

use self::numbered::NUMBER;
use crate::sync::{AtomicU32, Mutex};

/// The number of a thread.
type Number = u32;

/// Of a thread that never needed one.
const UNKNOWN: Number = Number::MAX;

/// Of a thread that ends, and has given its number back.
const ENDED: Number = Number::MAX - 1;

/// Of no thread at all.
const NOBODY: Number = Number::MAX - 2;

/// Of no thread, ever.
const RENOUNCED: Number = Number::MAX - 3;

/// Returns the number of the thread that calls, which gets one if need be. One that ends has a number that no thread
/// has.
#[inline]
pub(super) fn number() -> Number {
    match known_number() {
        UNKNOWN => numbered::take(),
        number => number,
    }
}

/// Returns the number of the thread that calls if it needed one before, or else one that no thread has.
#[inline]
pub(super) fn known_number() -> Number {
    NUMBER.try_with(Cell::get).unwrap_or(ENDED)
}

/// The thread that something belongs to, from the first that claims it on. Who gets its number inherits it.
#[derive(Debug)]
pub(super) struct Owner(AtomicU32);

impl Default for Owner {
    fn default() -> Self {
        Self(AtomicU32::new(NOBODY))
    }
}

impl Owner {
    /// Says whether it is the thread that calls.
    #[inline]
    pub(super) fn is_this_thread(&self) -> bool {
        known_number() == self.0.load(Relaxed)
    }

    /// Says whether it can be claimed.
    #[inline]
    pub(super) fn is_nobody(&self) -> bool {
        self.0.load(Relaxed) == NOBODY
    }

    /// Makes the thread that calls the owner of what is nobody's, and says whether it is its now.
    pub(super) fn claim(&self) -> bool {
        let number = number();
        let claim = || self.0.compare_exchange(NOBODY, number, Relaxed, Relaxed);
        number != ENDED && claim().map_or_else(|owner| owner == number, |_| true)
    }

    /// Sees to it that what is nobody's stays so.
    pub(super) fn renounce(&self) {
        _ = self.0.compare_exchange(NOBODY, RENOUNCED, Relaxed, Relaxed);
    }
}

/// The numbers that no thread has.
#[derive(Debug)]
struct Numbers(Mutex<Free>);

#[derive(Debug)]
struct Free {
    given_back: BinaryHeap<Reverse<Number>>,
    next: Number,
}

impl Free {
    const fn all() -> Self {
        let given_back = BinaryHeap::new();
        let next = 0;
        Self { given_back, next }
    }
}

impl Numbers {
    /// Takes the lowest.
    fn take(&self) -> Number {
        let mut free = self.0.lock();
        if let Some(Reverse(number)) = free.given_back.pop() {
            return number;
        }
        let number = free.next;
        free.next += 1;
        number
    }

    fn give_back(&self, number: Number) {
        self.0.lock().given_back.push(Reverse(number));
    }
}

#[cfg(not(all(test, mad_loom)))]
mod numbered {
    use std::cell::{Cell, OnceCell};

    use super::{ENDED, Free, Mutex, Number, Numbers, UNKNOWN};

    static NUMBERS: Numbers = Numbers(Mutex::new(Free::all()));

    thread_local! {
        pub(super) static NUMBER: Cell<Number> = const { Cell::new(UNKNOWN) };
        static TAKEN: OnceCell<Taken> = const { OnceCell::new() };
    }

    /// Gives the number back when the thread ends.
    struct Taken(Number);

    impl Drop for Taken {
        fn drop(&mut self) {
            // From here on the thread writes where all may.
            _ = NUMBER.try_with(|number| number.set(ENDED));
            NUMBERS.give_back(self.0);
        }
    }

    #[cold]
    pub(super) fn take() -> Number {
        let taken = TAKEN.try_with(|taken| taken.get_or_init(|| Taken(NUMBERS.take())).0);
        let number = taken.unwrap_or(ENDED);
        _ = NUMBER.try_with(|kept| kept.set(number));
        number
    }
}

/// In a model, threads are numbered as they come: loom ends what is static before it ends what is a thread's.
#[cfg(all(test, mad_loom))]
mod numbered {
    use std::cell::Cell;

    use super::{Free, Mutex, Number, Numbers, UNKNOWN};

    loom::thread_local! {
        pub(super) static NUMBER: Cell<Number> = Cell::new(UNKNOWN);
    }

    loom::lazy_static! {
        static ref NUMBERS: Numbers = Numbers(Mutex::new(Free::all()));
    }

    pub(super) fn take() -> Number {
        let number = NUMBERS.take();
        NUMBER.with(|kept| kept.set(number));
        number
    }
}

#[cfg(all(test, mad_loom))]
mod interleavings {
    use std::sync::atomic::Ordering::Relaxed;

    use loom::thread;

    use super::{Free, Mutex, Numbers};
    use crate::sync::{Arc, AtomicU64, in_every_order};

    #[test]
    fn who_gets_a_number_that_another_thread_had_sees_what_that_one_wrote() {
        in_every_order(|| {
            let numbers = Arc::new(Numbers(Mutex::new(Free::all())));
            let cells = Arc::new([0, 0].map(AtomicU64::new));
            let add = {
                let (numbers, cells) = (Arc::clone(&numbers), Arc::clone(&cells));
                move || {
                    let number = numbers.take();
                    let cell = &cells[number as usize];
                    cell.store(cell.load(Relaxed) + 1, Relaxed);
                    numbers.give_back(number);
                }
            };
            let other = thread::spawn(add.clone());
            add();
            other.join().unwrap();
            let sum: u64 = cells.iter().map(|cell| cell.load(Relaxed)).sum();
            assert_eq!(sum, 2);
        });
    }
}

#[cfg(all(test, not(mad_loom)))]
mod tests {
    use std::thread;

    use super::number;

    #[test]
    fn threads_that_live_have_numbers_of_their_own() {
        let barrier = std::sync::Barrier::new(8);
        let mut numbers = thread::scope(|scope| {
            let threads = [(); 8].map(|()| {
                scope.spawn(|| {
                    let taken = number();
                    barrier.wait();
                    assert_eq!(taken, number());
                    taken
                })
            });
            threads.map(|thread| thread.join().unwrap())
        });
        numbers.sort_unstable();
        assert!(
            numbers.windows(2).all(|pair| pair[0] < pair[1]),
            "{numbers:?}"
        );
    }
}
