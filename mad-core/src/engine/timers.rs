//! What is to be done, and when.

use std::collections::{BTreeSet, HashMap};
use std::time::Instant;

/// Something that happens when its time has come.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Timer {
    /// A check is to run.
    Due { index: usize },
    /// The run of a check is over its deadline.
    Deadline { index: usize },
    /// The result of a check may be too old.
    Stale { index: usize },
    /// The run of self-tests is over its deadline.
    RunDeadline,
}

/// What is to be done, the next first; each timer is set once at most.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    queue: BTreeSet<(Instant, Timer)>,
    times: HashMap<Timer, Instant>,
}

impl Timers {
    /// Sets a timer; the time it was set to before counts no more.
    pub(crate) fn set(&mut self, timer: Timer, at: Instant) {
        self.clear(timer);
        self.times.insert(timer, at);
        self.queue.insert((at, timer));
    }

    pub(crate) fn clear(&mut self, timer: Timer) {
        if let Some(at) = self.times.remove(&timer) {
            self.queue.remove(&(at, timer));
        }
    }

    pub(crate) fn next_at(&self) -> Option<Instant> {
        self.queue.first().map(|(at, _)| *at)
    }

    /// Takes the next timer whose time has come.
    pub(crate) fn pop(&mut self, now: Instant) -> Option<(Instant, Timer)> {
        if self.next_at()? > now {
            return None;
        }
        let (at, timer) = self.queue.pop_first()?;
        self.times.remove(&timer);
        Some((at, timer))
    }
}
