//! What is to be done, and when.

use std::collections::{BTreeSet, HashMap};
use std::ops::RangeInclusive;
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

    /// Returns when the last turn of a check comes that is due in this time, if fewer than so many share
    /// that moment.
    pub(crate) fn last_due(
        &self,
        time: RangeInclusive<Instant>,
        fewer_than: usize,
    ) -> Option<Instant> {
        let (from, to) = time.into_inner();
        let first = (from, Timer::Due { index: 0 });
        let last = |at| (at, Timer::Due { index: usize::MAX });
        let is_due = |timer: &Timer| matches!(timer, Timer::Due { .. });
        let mut near = self.queue.range(first..=last(to)).rev();
        let (at, _) = near.find(|(_, timer)| is_due(timer))?;
        let sharing = self.queue.range((*at, Timer::Due { index: 0 })..=last(*at));
        (sharing.take(fewer_than).count() < fewer_than).then_some(*at)
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
