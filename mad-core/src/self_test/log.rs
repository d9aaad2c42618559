//! What happened in one run of self-tests, for those who follow it.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;

use super::event::{RunEvent, RunEventKind};
use crate::event::Event;
use crate::journal::Witness;

/// About how many bytes of events are remembered of a run; the oldest are forgotten first.
const MAX_SIZE: usize = 256 * 1024;

/// What happened in one run of self-tests.
///
/// Whoever writes waits for nobody: a follower has a place in the log, and no queue. The lock is held for
/// a push or a clone, and whoever waits is woken after it.
#[derive(Debug)]
pub(super) struct RunLog {
    entries: Mutex<Entries>,
    changes: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Entries {
    /// Those that are remembered, in order; the last one has the place `last`.
    kinds: VecDeque<RunEventKind>,
    last: u64,
    size: usize,
    /// The test that is running, and which attempt it is.
    open: Option<Open>,
    is_over: bool,
}

#[derive(Debug)]
struct Open {
    test: Arc<str>,
    attempt: u32,
    steps: usize,
    is_full: bool,
}

impl RunLog {
    pub(super) fn new(started: RunEventKind) -> Arc<Self> {
        let log = Arc::new(Self {
            entries: Mutex::default(),
            changes: watch::Sender::new(()),
        });
        log.entries.lock().push(started);
        log
    }

    /// Says that a test runs; returns who watches this attempt.
    pub(super) fn start(self: &Arc<Self>, test: &str, attempt: u32) -> RunWitness {
        let test: Arc<str> = test.into();
        let mut entries = self.entries.lock();
        entries.open = Some(Open {
            test: Arc::clone(&test),
            attempt,
            steps: 0,
            is_full: false,
        });
        entries.push(RunEventKind::TestStarted {
            test: Arc::clone(&test),
            attempt,
        });
        drop(entries);
        self.tell();
        RunWitness {
            log: Arc::clone(self),
            test,
            attempt,
        }
    }

    /// Takes something in that the control knows. Whoever waits is woken by [`tell`](Self::tell).
    pub(super) fn push(&self, kind: RunEventKind) {
        let mut entries = self.entries.lock();
        match &kind {
            RunEventKind::TestFinished { test, .. } => {
                // One that is stuck goes on, and what it leaves from now on is in no report.
                let is_open = |open: &Open| open.test == *test;
                entries.open.take_if(|open| is_open(open));
            }
            RunEventKind::RunFinished { .. } => entries.is_over = true,
            _ => {}
        }
        entries.push(kind);
    }

    /// Wakes those who follow.
    pub(super) fn tell(&self) {
        self.changes.send_replace(());
    }

    /// Lets somebody follow, from after the event with this place on.
    pub(super) fn follow(self: &Arc<Self>, after: u64) -> RunFollower {
        // No event has such a place; the follower would wait for it and miss what comes before.
        let after = after.min(self.entries.lock().last);
        RunFollower {
            changes: self.changes.subscribe(),
            log: Arc::clone(self),
            after,
        }
    }
}

impl Entries {
    fn push(&mut self, kind: RunEventKind) {
        self.size += kind.size();
        self.kinds.push_back(kind);
        self.last += 1;
        while self.size > MAX_SIZE && self.kinds.len() > 1 {
            self.size -= self.kinds.pop_front().map_or(0, |kind| kind.size());
        }
    }

    /// Takes something in that a run has left, if that attempt is the one that is running.
    fn take(&mut self, test: &Arc<str>, attempt: u32, event: &Event) {
        let is_open = |open: &&mut Open| open.test == *test && open.attempt == attempt;
        let Some(open) = self.open.as_mut().filter(is_open) else {
            return;
        };
        let test = Arc::clone(test);
        let kind = match event.clone() {
            Event::StepBegan {
                name,
                parent,
                offset,
            } => {
                let step = open.steps;
                open.steps += 1;
                RunEventKind::StepBegan {
                    test,
                    step,
                    inside: parent,
                    name,
                    offset,
                }
            }
            Event::StepFinished { step, duration } => RunEventKind::StepFinished {
                test,
                step,
                duration,
            },
            Event::Observed(observation) => RunEventKind::Observed { test, observation },
            Event::Noted(note) => RunEventKind::Noted { test, note },
            Event::LeftOut if open.is_full => return,
            Event::LeftOut => {
                open.is_full = true;
                RunEventKind::LeftOut { test }
            }
        };
        self.push(kind);
    }

    /// Returns the first event after this place; what is forgotten is one event.
    fn after(&self, place: u64) -> Option<RunEvent> {
        let forgotten = self.last - self.kinds.len() as u64;
        if place < forgotten {
            return Some(RunEvent {
                position: forgotten,
                kind: RunEventKind::Missed {
                    events: forgotten - place,
                },
            });
        }
        let index = usize::try_from(place - forgotten).ok()?;
        let kind = self.kinds.get(index)?.clone();
        Some(RunEvent {
            position: place + 1,
            kind,
        })
    }
}

/// Who sees what one attempt of one test leaves.
#[derive(Debug)]
pub(crate) struct RunWitness {
    log: Arc<RunLog>,
    test: Arc<str>,
    attempt: u32,
}

impl Witness for RunWitness {
    fn see(&self, event: &Event) {
        let mut entries = self.log.entries.lock();
        entries.take(&self.test, self.attempt, event);
    }

    fn has_seen(&self) {
        self.log.tell();
    }
}

/// Follows a run of self-tests: every event, one after the other, those of the past first.
///
/// Made by [`Engine::follow`](crate::Engine::follow). It has no queue: one that is slow holds nobody up, and is
/// told of events that it comes too late for ([`RunEventKind::Missed`]).
#[derive(Debug)]
pub struct RunFollower {
    changes: watch::Receiver<()>,
    log: Arc<RunLog>,
    after: u64,
}

impl RunFollower {
    /// Waits for the next event; `None` after the last one.
    ///
    /// It can be awaited on any runtime. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<RunEvent> {
        loop {
            // What comes from here on wakes, and what came before is seen.
            self.changes.mark_unchanged();
            let (event, is_over) = {
                let entries = self.log.entries.lock();
                (entries.after(self.after), entries.is_over)
            };
            if let Some(event) = event {
                self.after = event.position;
                return Some(event);
            }
            // The sender is in the log, so that there is no error.
            if is_over || self.changes.changed().await.is_err() {
                return None;
            }
        }
    }

    /// Says whether the run is over and every event of it was given.
    pub fn is_at_end(&self) -> bool {
        let entries = self.log.entries.lock();
        entries.is_over && self.after == entries.last
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::Note;

    fn noted(length: usize) -> RunEventKind {
        RunEventKind::Noted {
            test: "test".into(),
            note: Note {
                offset: std::time::Duration::ZERO,
                text: "x".repeat(length),
                is_warning: false,
            },
        }
    }

    proptest! {
        #[test]
        fn a_follower_sees_every_place_once_and_is_told_of_those_it_missed(
            pushes in proptest::collection::vec((0_usize..60_000, 0_u8..3), 0..60),
            after in 0_u64..10,
        ) {
            let mut entries = Entries::default();
            let (mut place, mut missed, mut seen) = (0, 0, 0);
            for (length, reads) in pushes {
                entries.push(noted(length));
                prop_assert!(entries.size <= MAX_SIZE || entries.kinds.len() == 1);
                for _ in 0..reads {
                    let Some(event) = entries.after(place) else {
                        prop_assert_eq!(place, entries.last);
                        break;
                    };
                    if let RunEventKind::Missed { events } = event.kind {
                        missed += events;
                        prop_assert_eq!(event.position, place + events);
                    } else {
                        seen += 1;
                        prop_assert_eq!(event.position, place + 1);
                    }
                    place = event.position;
                }
                prop_assert_eq!(missed + seen, place);
            }
            // Whoever comes back goes on behind the place that it had.
            let after = after.min(entries.last);
            let resumed = entries.after(after).map(|event| event.position);
            prop_assert_eq!(resumed.is_some(), after < entries.last);
            prop_assert!(resumed.is_none_or(|position| position > after));
        }
    }
}
