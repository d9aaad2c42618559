//! Whether a thread has a core to itself.
//!
//! The two processors of a virtual machine are one core at times, and at others each shares its core with somebody else:
//! what keeps a core busy then takes up to twice as long, and what waits for memory does not.

use std::hint::black_box;
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::clock::thread_time;

/// Says whether nobody else keeps the core of this thread busy: whether a fixed piece of arithmetic takes as long as it
/// does at best.
pub fn has_core() -> bool {
    /// What the arithmetic takes at best, in nanoseconds.
    static BEST: AtomicU64 = AtomicU64::new(u64::MAX);
    static KNOWN: Once = Once::new();
    KNOWN.call_once(|| {
        let least = (0..200).map(|_| arithmetic()).min();
        BEST.store(least.unwrap_or(u64::MAX), Relaxed);
    });
    let took = arithmetic();
    took * 10 <= BEST.fetch_min(took, Relaxed) * 11
}

/// Does as much at the same time as a core can, and returns how long that took this thread, in nanoseconds.
fn arithmetic() -> u64 {
    let start = thread_time();
    let mut sums = black_box([1_u64, 2, 3, 4, 5, 6, 7, 8]);
    for n in 0..10_000 {
        for sum in &mut sums {
            *sum = sum.rotate_left(5) ^ n;
        }
    }
    black_box(sums);
    (thread_time() - start).as_nanos() as u64
}
