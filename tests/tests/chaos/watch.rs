//! Looks all the while for what must not be: a green that is not true, and growth.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use tests::Answer;
use tests::chaos::{CHECKS, Chaos, EVERY, TIMEOUT, Truth};

use crate::storms;

/// How long after it broke a check may look green: its last run may just have passed, the next one
/// takes its whole time, and all the threads that hand it on have two busy cores to share.
const LONGEST_GREEN: Duration = EVERY.saturating_add(TIMEOUT).saturating_add(SLACK);

const SLACK: Duration = Duration::from_millis(700);

/// How much memory may be more at the end, in KiB: what the allocator keeps of the storms.
const GROWTH: u64 = 48 * 1024;

/// How many threads there may be beside those of the start: the runs at once, all checks and tenants
/// that hang, and the process of a self-test with those who watch it.
const THREADS: u64 = 8 + 32 + 24;

/// What was seen.
pub(crate) struct Watch {
    seen: Mutex<Seen>,
    /// While the process is frozen nobody can be blamed for what takes long.
    frozen: Mutex<Instant>,
}

#[derive(Default)]
struct Seen {
    looks: usize,
    lies: Vec<String>,
    longest_green: Duration,
    most_threads: u64,
    most_memory: u64,
}

impl Watch {
    pub(crate) fn new() -> Self {
        Self {
            seen: Mutex::default(),
            frozen: Mutex::new(Instant::now()),
        }
    }

    /// Stops the whole process for a while.
    pub(crate) fn freeze(&self, chaos: &Chaos, time: Duration) {
        let mut thawed = self.frozen.lock().expect("nobody panics with it");
        chaos.freeze(time);
        *thawed = Instant::now();
    }

    /// Waits until the process is not frozen, and keeps it from being so.
    pub(crate) fn awake(&self) -> MutexGuard<'_, Instant> {
        self.frozen.lock().expect("nobody panics with it")
    }

    /// Looks until it is over.
    pub(crate) fn look(&self, chaos: &Chaos, is_over: &AtomicBool) {
        while !is_over.load(Ordering::SeqCst) {
            let before = chaos.truth();
            let asked = Instant::now();
            // A storm of probes may have every connection.
            if let Ok(answer) = storms::ask(chaos.mad, "/health") {
                self.compare(&before, asked, &chaos.truth(), &answer);
            }
            let (threads, memory) = chaos.size();
            let mut seen = self.seen.lock().expect("nobody panics with it");
            seen.most_threads = seen.most_threads.max(threads);
            seen.most_memory = seen.most_memory.max(memory);
            drop(seen);
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Compares what is shown with what was true before and after.
    fn compare(&self, before: &Truth, asked: Instant, after: &Truth, answer: &Answer) {
        let thawed = *self.awake();
        let health = answer.json();
        let mut seen = self.seen.lock().expect("nobody panics with it");
        seen.looks += 1;
        for (name, broken_at) in before {
            // What was mended meanwhile may be green.
            if after.get(name) != Some(broken_at) {
                continue;
            }
            let entry = &health["checks"][format!("{name}:responseTime")][0];
            if entry["status"] != "pass" {
                continue;
            }
            let green = asked.saturating_duration_since((*broken_at).max(thawed));
            seen.longest_green = seen.longest_green.max(green);
            if green > LONGEST_GREEN {
                seen.lies.push(format!(
                    "{name} is green {green:.1?} after it broke: {entry}"
                ));
            }
        }
    }

    /// Fails if something was seen that must not be.
    pub(crate) fn judge(&self, start: (u64, u64), end: (u64, u64)) {
        let seen = self.seen.lock().expect("nobody panics with it");
        assert!(seen.looks > CHECKS.len(), "it was hardly looked at");
        assert!(
            seen.lies.is_empty(),
            "false green:\n{}",
            seen.lies.join("\n")
        );
        let threads = seen.most_threads.saturating_sub(start.0);
        assert!(threads <= THREADS, "{threads} threads more");
        let memory = end.1.saturating_sub(start.1);
        assert!(memory <= GROWTH, "{memory} KiB more");
    }
}

impl fmt::Display for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seen = self.seen.lock().expect("nobody panics with it");
        write!(
            f,
            "looked {} times; a broken check was green for {:.1?} at most (allowed: {:.1?}); \
             at most {} threads, {} KiB",
            seen.looks, seen.longest_green, LONGEST_GREEN, seen.most_threads, seen.most_memory
        )
    }
}
