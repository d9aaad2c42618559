//! Who moves the control on: a thread of its own, and each thread whose run has ended.

use std::iter;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use super::control::{Control, Hands, Message};
use super::pool::Pool;
use crate::clock::{self, Moment};
use crate::panics;
use crate::report::Report;
use crate::sync::Mutex;

#[cfg(all(test, mad_loom))]
mod interleavings;

/// The clock that is waited by stands still while the machine sleeps, and the one that is decided by
/// does not: this is how late the first look at it may be.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// How long a run may wait for a thread that has another one before it. Waking a thread for it costs more
/// than most runs take.
const PATIENCE: Duration = Duration::from_millis(1);

/// The control behind a lock, and who moves it on.
///
/// The control thread waits for messages and for what is due. The end of a run is taken in by the thread
/// that ran it, which costs no thread to be woken; the control thread is, if it has to look sooner
/// than it means to. The lock is held while the control decides, and never while user code runs.
#[derive(Debug)]
pub(crate) struct Desk<H> {
    seat: Mutex<Seat<H>>,
    /// The threads that the control's hands give runs to.
    pool: Pool,
    /// Wakes the control thread.
    bell: Sender<Message>,
}

#[derive(Debug)]
struct Seat<H> {
    control: Control<H>,
    /// When the control thread looks next, if nobody rings.
    looks_at: Instant,
    is_over: bool,
}

impl<H: Hands> Desk<H> {
    pub(crate) fn new(control: Control<H>, pool: Pool, bell: Sender<Message>) -> Self {
        Self {
            seat: Mutex::new(Seat {
                control,
                looks_at: clock::now(),
                is_over: false,
            }),
            pool,
            bell,
        }
    }

    /// Works, on the control thread, until the control is told to stop.
    pub(crate) fn drive(&self, inbox: &Receiver<Message>) {
        self.seat.lock().control.begin(Moment::now());
        let mut left = self.look(iter::empty());
        while let Some(time) = left {
            let first = match inbox.recv_timeout(time) {
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            // What has come meanwhile is taken in at once, and then the turn decides for all of it.
            left = self.look(first.into_iter().chain(inbox.try_iter()));
        }
    }

    /// Takes in what happened and does what is due; returns for how long there is nothing to do, and
    /// nothing when it is over.
    fn look(&self, messages: impl Iterator<Item = Message>) -> Option<Duration> {
        // What still waits from the turn before has waited long enough.
        let has_threads = self.pool.hurry().is_ok();
        let mut seat = self.seat.lock();
        seat.advance(messages);
        if seat.is_over {
            return None;
        }
        let now = clock::now();
        let longest = if has_threads && self.pool.has_backlog() {
            PATIENCE
        } else {
            LONGEST_WAIT
        };
        let next_at = seat.control.next_at();
        let looks_at = next_at.map_or(now + longest, |at| at.min(now + longest));
        seat.looks_at = looks_at;
        drop(seat);
        // Not before: a thread that was woken may be done before this one has let go of the lock.
        self.pool.wake();
        Some(looks_at.saturating_duration_since(now))
    }

    /// Takes in that a run has ended, on its thread.
    pub(crate) fn ended(&self, index: usize, report: Report) {
        let mut seat = self.seat.lock();
        if seat.is_over {
            return;
        }
        seat.advance([Message::Ended { index, report }]);
        let is_sooner = |at: Instant| at < seat.looks_at;
        // Threads are made by the control thread alone: what a check did to its own is not inherited.
        let is_needed = seat.is_over
            || seat.control.next_at().is_some_and(is_sooner)
            || self.pool.has_backlog();
        if is_needed {
            seat.looks_at = clock::now();
            drop(seat);
            // An error means that it is over, and nobody there to look.
            _ = self.bell.send(Message::Look);
        }
    }
}

impl<H: Hands> Seat<H> {
    /// Lets the control take in what happened, and do what is due.
    ///
    /// A panic is a mistake of ours, and the end of the engine: nobody knows what it left undone.
    fn advance(&mut self, messages: impl IntoIterator<Item = Message>) {
        let now = Moment::now();
        let advanced = catch_unwind(AssertUnwindSafe(|| {
            for message in messages {
                self.control.handle(message, now);
            }
            self.control.turn(now);
            self.control.is_over(now.instant)
        }));
        self.is_over = advanced.unwrap_or_else(|payload| {
            panics::drop_payload(payload);
            true
        });
    }
}
