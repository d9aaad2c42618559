//! Who is told when a check's health changes.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::cool_down::CoolDown;
use crate::clock;
use crate::health::Transition;
use crate::panics;

/// How many changes may wait for listeners that are slow.
const WAITING: usize = 1024;

/// How long it waits when there is nothing to wait for.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Who is told of changes.
pub(crate) struct Listener {
    call: Box<dyn Fn(&Transition) + Send>,
    cool_down: CoolDown,
}

impl Listener {
    /// One that is told of a change of the same check once in this time at most.
    pub(crate) fn new(
        call: impl Fn(&Transition) + Send + 'static,
        at_most_every: Duration,
    ) -> Self {
        Self {
            call: Box::new(call),
            cool_down: CoolDown::new(at_most_every),
        }
    }

    fn take(&mut self, transition: &Transition, now: Instant) {
        if let Some(transition) = self.cool_down.take(transition.clone(), now) {
            self.tell(&transition);
        }
    }

    fn catch_up(&mut self, now: Instant) {
        for transition in self.cool_down.due(now) {
            self.tell(&transition);
        }
    }

    fn tell(&self, transition: &Transition) {
        // The application's panic hook has reported it; the next change is told again.
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| (self.call)(transition))) {
            panics::drop_payload(payload);
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").finish_non_exhaustive()
    }
}

/// Tells listeners of changes, on a thread of their own: they may be slow and they may panic.
#[derive(Debug)]
pub(crate) struct Listeners {
    sender: Option<SyncSender<Transition>>,
}

impl Listeners {
    pub(crate) fn start(listeners: Vec<Listener>) -> io::Result<Self> {
        if listeners.is_empty() {
            return Ok(Self { sender: None });
        }
        let (sender, transitions) = sync_channel(WAITING);
        thread::Builder::new()
            .name("mad-listeners".to_owned())
            .spawn(move || listen(listeners, &transitions))?;
        Ok(Self {
            sender: Some(sender),
        })
    }

    /// Hands a change over without waiting; past the limit the newest is lost.
    pub(crate) fn tell(&self, transition: Transition) {
        if let Some(sender) = &self.sender {
            _ = sender.try_send(transition);
        }
    }
}

fn listen(mut listeners: Vec<Listener>, transitions: &Receiver<Transition>) {
    loop {
        let next = listeners
            .iter()
            .filter_map(|listener| listener.cool_down.next_at());
        let left = next.min().map_or(LONGEST_WAIT, |at| {
            at.saturating_duration_since(clock::now())
        });
        match transitions.recv_timeout(left.min(LONGEST_WAIT)) {
            Ok(transition) => {
                let now = clock::now();
                for listener in &mut listeners {
                    listener.take(&transition, now);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let now = clock::now();
        for listener in &mut listeners {
            listener.catch_up(now);
        }
    }
}
