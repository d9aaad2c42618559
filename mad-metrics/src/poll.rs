//! Gauges that are read when somebody asks.
//!
//! What reads them is the program's, and may hang or panic. So a thread of its own does it, and who asks
//! waits for that thread no longer than a moment. A gauge that is late is not shown: an old value would pass
//! for the present one.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::instrument::Gauge;
use crate::registry::Series;
use crate::sync::Arc as Shared;

/// Reads a gauge; nothing if there is nothing to read any longer.
pub(crate) type Read = Box<dyn Fn() -> Option<f64> + Send + Sync>;

/// The gauges that are read when somebody asks.
#[derive(Debug, Default)]
pub(crate) struct Polls {
    rounds: Arc<Rounds>,
}

#[derive(Debug, Default)]
struct Rounds {
    state: Mutex<State>,
    /// A round is wanted, or is over.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    polls: Vec<Arc<Poll>>,
    has_thread: bool,
    is_closed: bool,
    /// How many rounds somebody wanted, and how many are over.
    wanted: u64,
    over: u64,
    /// Whether nobody waits for the round that is under way any longer.
    is_given_up: bool,
}

/// A gauge and what reads it.
struct Poll {
    gauge: Shared<Series<Gauge>>,
    read: Read,
    /// The last round that it came to.
    round: Mutex<Option<u64>>,
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
        let mut state = self.rounds.state.lock();
        if !state.has_thread {
            let rounds = Arc::clone(&self.rounds);
            let thread = thread::Builder::new().name("mad-metrics".to_owned());
            thread.spawn(move || rounds.run())?;
            state.has_thread = true;
        }
        let is_another = |poll: &Arc<Poll>| !Shared::ptr_eq(&poll.gauge, &gauge);
        state.polls.retain(is_another);
        let round = Mutex::new(None);
        state.polls.push(Arc::new(Poll { gauge, read, round }));
        Ok(())
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
        let is_hanging = state.is_given_up && state.over < state.wanted;
        if !is_hanging {
            // What was read before now is no answer.
            state.wanted = state.wanted.max(state.over) + 1;
            self.rounds.changed.notify_all();
            state.is_given_up = self.rounds.wait(&mut state, deadline);
        }
        let round = state.wanted;
        for poll in &state.polls {
            let is_late = poll.round.lock().is_none_or(|read| read < round);
            if is_late || is_hanging {
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

impl Rounds {
    /// Waits for the round that is wanted; says whether it took too long.
    fn wait(&self, state: &mut MutexGuard<'_, State>, deadline: Instant) -> bool {
        let round = state.wanted;
        while state.over < round {
            if self.changed.wait_until(state, deadline).timed_out() {
                return state.over < round;
            }
        }
        false
    }

    /// The life of the thread.
    fn run(&self) {
        loop {
            let mut state = self.state.lock();
            while state.over >= state.wanted && !state.is_closed {
                self.changed.wait(&mut state);
            }
            if state.is_closed {
                return;
            }
            let (round, polls) = (state.wanted, state.polls.clone());
            // Nobody waits for the program's code with a lock.
            drop(state);
            let gone: Vec<_> = polls.iter().filter(|poll| !poll.take(round)).collect();
            let mut state = self.state.lock();
            let stays = |poll: &Arc<Poll>| !gone.iter().any(|gone| Arc::ptr_eq(gone, poll));
            state.polls.retain(stays);
            state.over = round;
            drop(state);
            self.changed.notify_all();
        }
    }
}

impl Poll {
    /// Reads the gauge; says whether there will be anything to read again.
    fn take(&self, round: u64) -> bool {
        match catch_unwind(AssertUnwindSafe(|| (self.read)())) {
            Ok(Some(value)) => {
                let mut last = self.round.lock();
                self.gauge.touch().set(value);
                *last = Some(round);
                true
            }
            Ok(None) => {
                self.gauge.put_to_sleep();
                false
            }
            // It was late, then, and may do better.
            Err(_) => true,
        }
    }
}
