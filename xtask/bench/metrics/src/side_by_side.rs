//! Two threads at the same time, when the machine has two cores for them.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use crate::clock::thread_time;
use crate::own_core::has_core;

/// How many rounds there are to be, and how long one tries to have them.
const ROUNDS: usize = 7;
const PATIENCE: Duration = Duration::from_secs(10);

/// Returns what a work takes on two threads at the same time: the median of those rounds in which each of them had
/// a core to itself all the time. Where others are in the way too often, nobody knows.
pub fn side_by_side(work: impl Fn(usize) -> f64 + Sync) -> Option<f64> {
    let start = Instant::now();
    let tries = std::iter::repeat_with(|| round(&work)).take_while(|_| start.elapsed() < PATIENCE);
    let mut rounds: Vec<f64> = tries.flatten().take(ROUNDS).collect();
    rounds.sort_by(f64::total_cmp);
    (rounds.len() == ROUNDS).then(|| rounds[ROUNDS / 2])
}

fn round(work: &(impl Fn(usize) -> f64 + Sync)) -> Option<f64> {
    let waiting = AtomicUsize::new(2);
    thread::scope(|scope| {
        let threads = [0, 1].map(|n| {
            let waiting = &waiting;
            scope.spawn(move || {
                // Who sleeps here would be woken up when the other one is under way.
                waiting.fetch_sub(1, Relaxed);
                while waiting.load(Relaxed) > 0 {
                    spin_loop();
                }
                Turn::of(|| work(n))
            })
        });
        let [one, other] = threads.map(|thread| thread.join().expect("no panic"));
        let counts = one.had_core && other.had_core && one.is_beside(&other);
        counts.then(|| (one.value + other.value) / 2.0)
    })
}

/// What one thread did in a round.
struct Turn {
    value: f64,
    had_core: bool,
    start: Instant,
    end: Instant,
}

impl Turn {
    fn of(work: impl FnOnce() -> f64) -> Self {
        let (start, before) = (Instant::now(), thread_time());
        let had_core_before = has_core();
        let value = work();
        let had_core = has_core() && had_core_before;
        let (end, had) = (Instant::now(), thread_time() - before);
        Self {
            value,
            had_core: had_core && end - start <= had * 11 / 10,
            start,
            end,
        }
    }

    /// Says whether the shorter of two turns was beside the other one, but for a tenth of it. Who wins more often where
    /// both want the same ends earlier.
    fn is_beside(&self, other: &Self) -> bool {
        let both = self.end.min(other.end) - self.start.max(other.start);
        let shorter = (self.end - self.start).min(other.end - other.start);
        both * 10 >= shorter * 9
    }
}
