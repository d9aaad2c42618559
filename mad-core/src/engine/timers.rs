//! What is to be done, and when.

use std::collections::BTreeSet;
use std::time::Instant;

/// Something that happens to a check when its time has come.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Timer {
    /// It is to run.
    Due { index: usize },
    /// Its run is over its deadline.
    Deadline { index: usize, flight: u64 },
    /// Its result may be too old.
    Stale { index: usize },
}

/// What is to be done, the next first.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    queue: BTreeSet<(Instant, Timer)>,
}

impl Timers {
    pub(crate) fn add(&mut self, at: Instant, timer: Timer) {
        self.queue.insert((at, timer));
    }

    pub(crate) fn remove(&mut self, at: Instant, timer: Timer) {
        self.queue.remove(&(at, timer));
    }

    pub(crate) fn next_at(&self) -> Option<Instant> {
        self.queue.first().map(|(at, _)| *at)
    }

    /// Takes the next timer whose time has come.
    pub(crate) fn pop(&mut self, now: Instant) -> Option<(Instant, Timer)> {
        let (at, _) = self.queue.first()?;
        if *at > now {
            return None;
        }
        self.queue.pop_first()
    }
}
