//! Looks all the while for what must not be: a green that is not true, and growth.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, RwLock, RwLockReadGuard};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tests::Answer;
use tests::chaos::{CHECKS, Chaos, EVERY, MAX_AGE, SERIAL, TIMEOUT, Truth};

use crate::storms;

/// How long after it broke a check may look green: its last run may just have passed, the next one
/// takes its whole time, and all the threads that hand it on have two busy cores to share.
const LONGEST_GREEN: Duration = EVERY.saturating_add(TIMEOUT).saturating_add(SLACK);

/// The same of those that may get no turn: their last result counts until it is too old.
const LONGEST_GREEN_WITHOUT_TURN: Duration = MAX_AGE.saturating_add(TIMEOUT).saturating_add(SLACK);

/// How long before it was asked for the run may have ended that a green comes from. A result ages from when
/// it was taken in, and the threads that do so have two busy cores to share.
const OLDEST_GREEN: Duration = MAX_AGE.saturating_add(SLACK);

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
    frozen: RwLock<Instant>,
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
            frozen: RwLock::new(Instant::now()),
        }
    }

    /// Stops the whole process for a while.
    pub(crate) fn freeze(&self, chaos: &Chaos, time: Duration) {
        let mut thawed = self.frozen.write().expect("nobody panics with it");
        chaos.freeze(time);
        *thawed = Instant::now();
    }

    /// Waits until the process is not frozen, and keeps it from being so.
    pub(crate) fn awake(&self) -> RwLockReadGuard<'_, Instant> {
        self.frozen.read().expect("nobody panics with it")
    }

    /// Looks until it is over.
    pub(crate) fn look(&self, chaos: &Chaos, is_over: &AtomicBool) {
        while !is_over.load(Ordering::SeqCst) {
            let before = chaos.truth();
            let asked = Asked::now();
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
    fn compare(&self, before: &Truth, asked: Asked, after: &Truth, answer: &Answer) {
        let thawed = *self.awake();
        let health = answer.json();
        let mut seen = self.seen.lock().expect("nobody panics with it");
        seen.looks += 1;
        seen.judge_ages(&health, asked, thawed);
        for (name, broken_at) in before {
            // What was mended meanwhile may be green.
            if after.get(name) != Some(broken_at) {
                continue;
            }
            let entry = &health["checks"][format!("{name}:responseTime")][0];
            if entry["status"] != "pass" {
                continue;
            }
            let green = asked.at.saturating_duration_since((*broken_at).max(thawed));
            seen.longest_green = seen.longest_green.max(green);
            if green > longest_green(name) {
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
        assert!(!seen.oldest_green.is_zero(), "no age was read");
        assert!(
            seen.lies.is_empty(),
            "{} times false green, at first:\n{}",
            seen.lies.len(),
            seen.lies[..seen.lies.len().min(10)].join("\n")
        );
        let threads = seen.most_threads.saturating_sub(start.0);
        assert!(threads <= THREADS, "{threads} threads more");
        let memory = end.1.saturating_sub(start.1);
        assert!(memory <= GROWTH, "{memory} KiB more");
    }
}

/// When it was looked: nothing that is shown is older than that by the time it is seen.
#[derive(Clone, Copy)]
struct Asked {
    at: Instant,
    /// Since midnight, by the clock that the answers are stamped with.
    time_of_day: Duration,
}

impl Asked {
    fn now() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        let since_epoch = since_epoch.expect("it is later");
        let seconds = Duration::from_secs(since_epoch.as_secs() % (24 * 60 * 60));
        Self {
            at: Instant::now(),
            time_of_day: seconds + Duration::from_nanos(since_epoch.subsec_nanos().into()),
        }
    }
}

impl Seen {
    /// Looks for greens that are too old to be known: their checks have had no turn since.
    ///
    /// What a freeze had kept from being taken in is younger than its run; its age counts from the end
    /// of the freeze.
    fn judge_ages(&mut self, health: &Value, asked: Asked, thawed: Instant) {
        let awake = asked.at.saturating_duration_since(thawed);
        let checks = health["checks"].as_object().into_iter().flatten();
        // MAD's own check has another age, and is no component.
        let is_ours = |name: &str| name.contains('/') && name.ends_with(":responseTime");
        for (name, entries) in checks.filter(|(name, _)| is_ours(name)) {
            let entry = &entries[0];
            // Nothing is compared over midnight.
            let age = time_of_day(entry).and_then(|ended| asked.time_of_day.checked_sub(ended));
            let Some(age) = age.filter(|_| entry["status"] == "pass") else {
                continue;
            };
            let age = age.min(awake);
            self.oldest_green = self.oldest_green.max(age);
            if age > OLDEST_GREEN {
                self.lies
                    .push(format!("{name} is green by a run {age:.1?} old: {entry}"));
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

fn longest_green(name: &str) -> Duration {
    if name.starts_with(SERIAL) {
        LONGEST_GREEN_WITHOUT_TURN
    } else {
        LONGEST_GREEN
    }
}

impl fmt::Display for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seen = self.seen.lock().expect("nobody panics with it");
        write!(
            f,
            "looked {} times; a broken check was green for {:.1?} at most (allowed: {:.1?}, or {:.1?} without \
             a turn), and a green {:.1?} old at most (allowed: {:.1?}); at most {} threads, {} KiB",
            seen.looks,
            seen.longest_green,
            LONGEST_GREEN,
            LONGEST_GREEN_WITHOUT_TURN,
            seen.oldest_green,
            OLDEST_GREEN,
            seen.most_threads,
            seen.most_memory
        )
    }
}
