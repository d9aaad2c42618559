//! Gauges that are read when somebody asks.
//!
//! What reads them is the program's, and may hang or panic. So a thread of its own does it, and who asks
//! waits for that thread no longer than a moment. A gauge that is late is not shown: an old value would pass
//! for the present one. What hangs is left alone until it comes back, and another thread reads the others.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::instrument::Gauge;
use crate::registry::Series;
use crate::sync::Arc as Shared;

/// Reads a gauge; nothing if there is nothing to read any longer.
pub(crate) type Read = Box<dyn Fn() -> Option<f64> + Send + Sync>;

/// How many threads there may be, of which all but one hang. When the last one does, nothing is read until one comes
/// back, whichever it is.
const MOST_THREADS: usize = 16;

/// The gauges that are read when somebody asks.
#[derive(Debug, Default)]
pub(crate) struct Polls {
    rounds: Arc<Rounds>,
}

#[derive(Debug, Default)]
struct Rounds {
    state: Mutex<State>,
    /// A round is wanted, or is over, or another thread reads.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    polls: Vec<Arc<Poll>>,
    /// The thread that reads them.
    reader: Option<ThreadId>,
    /// What that thread is at.
    reading: Option<Arc<Poll>>,
    /// That thread, and those that it has taken the place of, as they hang.
    threads: Vec<ThreadId>,
    is_closed: bool,
    /// How many rounds somebody wanted, and how many are over.
    wanted: u64,
    over: u64,
}

/// A gauge and what reads it.
struct Poll {
    gauge: Shared<Series<Gauge>>,
    read: Read,
    /// The last round that it came to; none at first.
    round: AtomicU64,
    /// Whether somebody waited for it in vain, and it is still at it.
    hangs: AtomicBool,
    /// Whether the gauge is no longer read, or in another way.
    is_over: AtomicBool,
}

impl fmt::Debug for Poll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Poll(..)")
    }
}

impl Polls {
    /// Adds a gauge; one that was read before is read in this way from now on.
    pub(crate) fn add(&self, gauge: Shared<Series<Gauge>>, read: Read) -> io::Result<()> {
        // Until it has been read, there is nothing to show.
        gauge.put_to_sleep();
        let poll = Arc::new(Poll {
            gauge,
            read,
            round: AtomicU64::new(0),
            hangs: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
        });
        let mut state = self.rounds.state.lock();
        self.rounds.have_reader(&mut state)?;
        let stopped = state.stop(&poll.gauge);
        state.polls.push(poll);
        drop(state);
        drop(stopped);
        Ok(())
    }

    /// Has a gauge no longer read.
    pub(crate) fn stop(&self, gauge: &Shared<Series<Gauge>>) {
        let stopped = self.rounds.state.lock().stop(gauge);
        drop(stopped);
    }

    pub(crate) fn are_none(&self) -> bool {
        self.rounds.state.lock().polls.is_empty()
    }

    /// Has all of them read, and waits for it, but not for longer than this.
    pub(crate) fn read_all(&self, patience: Duration) {
        let deadline = Instant::now() + patience;
        let mut state = self.rounds.state.lock();
        if state.polls.is_empty() {
            return;
        }
        // Who reads a gauge, and has a page made for it, would wait for itself.
        let is_reading = state.threads.contains(&thread::current().id());
        if !is_reading {
            self.rounds.read(&mut state, deadline);
        }
        let round = state.wanted;
        for poll in &state.polls {
            if poll.round.load(Relaxed) < round {
                poll.gauge.put_to_sleep();
            }
        }
    }
}

impl Drop for Polls {
    fn drop(&mut self) {
        self.rounds.state.lock().is_closed = true;
        self.rounds.changed.notify_all();
    }
}

impl State {
    /// Has a gauge no longer read, and returns what read it: to be dropped without the lock, as what the program has
    /// given it goes with it, and may come back here.
    #[must_use]
    fn stop(&mut self, gauge: &Shared<Series<Gauge>>) -> Vec<Arc<Poll>> {
        let is_it = |poll: &mut Arc<Poll>| Shared::ptr_eq(&poll.gauge, gauge);
        let stopped: Vec<_> = self.polls.extract_if(.., is_it).collect();
        for poll in &stopped {
            poll.is_over.store(true, Relaxed);
        }
        stopped
    }

    /// Says whether the thread that reads hangs, and none has taken its place.
    fn is_stuck(&self) -> bool {
        let reading = self.reading.as_ref();
        reading.is_some_and(|poll| poll.hangs.load(Relaxed))
    }
}

impl Rounds {
    /// Has a thread read, if none does.
    fn have_reader(self: &Arc<Self>, state: &mut State) -> io::Result<()> {
        if state.reader.is_some() {
            return Ok(());
        }
        let rounds = Arc::clone(self);
        let thread = thread::Builder::new().name("mad-metrics".to_owned());
        // It waits for the lock, and so until it is known.
        let thread = thread.spawn(move || rounds.run())?;
        let id = thread.thread().id();
        state.reader = Some(id);
        state.threads.push(id);
        Ok(())
    }

    /// Has all of them read, until this time.
    fn read(self: &Arc<Self>, state: &mut MutexGuard<'_, State>, deadline: Instant) {
        // What was read before now is no answer.
        state.wanted = state.wanted.max(state.over) + 1;
        let round = state.wanted;
        if state.is_stuck() {
            // One of the others may have come back since.
            self.give_up(state);
        }
        if state.is_stuck() || self.have_reader(state).is_err() {
            return;
        }
        self.changed.notify_all();
        while state.over < round {
            let is_late = self.changed.wait_until(state, deadline).timed_out();
            if is_late && state.over < round {
                self.give_up(state);
                return;
            }
        }
    }

    /// Leaves the thread that reads to what it is at, and has another one go on without that.
    fn give_up(self: &Arc<Self>, state: &mut State) {
        let Some(reading) = state.reading.clone() else {
            return;
        };
        reading.hangs.store(true, Relaxed);
        // It may be late each time, and then only those may wait for it that are late, too.
        let is_it = |poll: &Arc<Poll>| Arc::ptr_eq(poll, &reading);
        if let Some(place) = state.polls.iter().position(is_it) {
            state.polls[place..].rotate_left(1);
        }
        if state.threads.len() < MOST_THREADS {
            state.reading = None;
            state.reader = None;
            // If there is no thread now, there may be one for the next page.
            _ = self.have_reader(state);
        }
    }

    /// The life of a thread.
    fn run(&self) {
        let this = thread::current().id();
        let mut state = self.state.lock();
        while state.reader == Some(this) && !state.is_closed {
            if state.over < state.wanted {
                let polls = state.polls.clone();
                self.read_round(&polls, &mut state, this);
                MutexGuard::unlocked(&mut state, || drop(polls));
            } else {
                self.changed.wait(&mut state);
            }
        }
        state.threads.retain(|thread| *thread != this);
    }

    /// Reads all that do not hang, as long as no other thread has come to do it.
    fn read_round(&self, polls: &[Arc<Poll>], state: &mut MutexGuard<'_, State>, this: ThreadId) {
        let round = state.wanted;
        for poll in polls {
            if poll.hangs.load(Relaxed) || poll.is_over.load(Relaxed) {
                continue;
            }
            state.reading = Some(Arc::clone(poll));
            // Nobody waits for the program's code with a lock.
            let value = MutexGuard::unlocked(state, || poll.value());
            poll.hangs.store(false, Relaxed);
            poll.take(value, round, state);
            if state.reader != Some(this) || state.is_closed {
                return;
            }
            state.reading = None;
        }
        state.over = round;
        self.changed.notify_all();
    }
}

impl Poll {
    /// Reads the gauge, and drops what it panics with.
    fn value(&self) -> Result<Option<f64>, ()> {
        catch_unwind(AssertUnwindSafe(|| (self.read)())).map_err(drop)
    }

    /// Shows what was read, unless it is read in another way since.
    fn take(&self, value: Result<Option<f64>, ()>, round: u64, state: &mut State) {
        if self.is_over.load(Relaxed) {
            return;
        }
        match value {
            Ok(Some(value)) => {
                self.gauge.touch().set(value);
                self.round.store(round, Relaxed);
            }
            Ok(None) => {
                self.gauge.put_to_sleep();
                self.gauge.family().has_hidden.store(true, Relaxed);
                // The round has it, too, until it is over.
                drop(state.stop(&self.gauge));
            }
            // It is late, then, and may do better.
            Err(()) => {}
        }
    }
}
