//! Looks all the while for what must not be: a green that is not true, and growth.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tests::Answer;
use tests::chaos::{CHECKS, Chaos, EVERY, TIMEOUT, Truth};

use crate::storms;

/// How long after it broke a check may look green: its last run may just have passed, the next one
/// takes its whole time, and all the threads that hand it on have two busy cores to share.
const LONGEST_GREEN: Duration = EVERY.saturating_add(TIMEOUT).saturating_add(SLACK);

const SLACK: Duration = Duration::from_millis(700);

/// How long before an answer the run may have begun that a green in it comes from, whatever happened
/// meanwhile: the age at which results count no more, and the run itself.
const OLDEST_GREEN: Duration = EVERY
    .saturating_mul(3)
    .saturating_add(TIMEOUT)
    .saturating_add(TIMEOUT)
    .saturating_add(Duration::from_millis(20));

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
    oldest_green: Duration,
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
        seen.judge_ages(&health);
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

impl Seen {
    /// Looks for greens that are too old, by the clock of the service. A process that was frozen has
    /// nothing to show but these when it answers before its checks have run.
    fn judge_ages(&mut self, health: &Value) {
        let checks = health["checks"].as_object().into_iter().flatten();
        let asked = time_of_day(&health["checks"]["runtime:lag"][0]);
        // MAD's own check has another age.
        let is_ours = |name: &str| name.contains('/') && name.ends_with(":responseTime");
        for (name, entries) in checks.filter(|(name, _)| is_ours(name)) {
            let entry = &entries[0];
            if let (Some(asked), Some(began)) = (asked, time_of_day(entry))
                && entry["status"] == "pass"
                // Nothing is compared over midnight.
                && let Some(age) = asked.checked_sub(began)
            {
                self.oldest_green = self.oldest_green.max(age);
                if age > OLDEST_GREEN {
                    self.lies
                        .push(format!("{name} is green by a run {age:.1?} old: {entry}"));
                }
            }
        }
    }
}

/// Returns the time of an entry, since midnight.
fn time_of_day(entry: &Value) -> Option<Duration> {
    let (_, time) = entry["time"].as_str()?.split_once('T')?;
    let mut parts = time.trim_end_matches('Z').split(':');
    let mut part = || parts.next()?.parse::<f64>().ok();
    let (hours, minutes, seconds) = (part()?, part()?, part()?);
    Some(Duration::from_secs_f64(
        hours * 3600.0 + minutes * 60.0 + seconds,
    ))
}

impl fmt::Display for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seen = self.seen.lock().expect("nobody panics with it");
        write!(
            f,
            "looked {} times; a broken check was green for {:.1?} at most (allowed: {:.1?}), and a green \
             {:.1?} old at most (allowed: {:.1?}); at most {} threads, {} KiB",
            seen.looks,
            seen.longest_green,
            LONGEST_GREEN,
            seen.oldest_green,
            OLDEST_GREEN,
            seen.most_threads,
            seen.most_memory
        )
    }
}
