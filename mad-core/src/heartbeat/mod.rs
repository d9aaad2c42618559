//! Whether the tokio runtimes of the program still turn.
//!
//! A thread of its own asks a small task on each runtime for a beat, once a second. A task that
//! slept by itself would need the runtime's timers, which an application may have left out or paused.

mod check;
mod limit;
mod pulse;

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use tokio::runtime::{Handle, RuntimeMetrics};
use tokio::sync::watch;

use crate::clock;
use crate::snapshot::RuntimeSnapshot;

pub(crate) use check::{NAME as CHECK_NAME, check};
pub(crate) use limit::LagLimit;
pub(crate) use pulse::Pulse;

/// The time from one beat to the next.
const BEAT: Duration = Duration::from_secs(1);

/// Feels the pulse of runtimes until it is stopped.
#[derive(Debug)]
pub(crate) struct Heartbeat {
    /// Nothing, once it is stopped.
    runtimes: Mutex<Option<Vec<Watched>>>,
    is_stopped: Condvar,
}

#[derive(Debug)]
struct Watched {
    name: &'static str,
    pulse: Arc<Pulse>,
    metrics: RuntimeMetrics,
    /// The other end is the task, and goes with its runtime.
    asking: watch::Sender<()>,
}

impl Heartbeat {
    pub(crate) fn new() -> Self {
        Self {
            runtimes: Mutex::new(Some(Vec::new())),
            is_stopped: Condvar::new(),
        }
    }

    /// Starts the thread that asks for beats.
    pub(crate) fn start(self: &Arc<Self>) -> io::Result<()> {
        let heartbeat = Arc::clone(self);
        thread::Builder::new()
            .name("mad-heartbeat".to_owned())
            .spawn(move || heartbeat.work())?;
        Ok(())
    }

    /// Feels the pulse of one more runtime; of two with one name, that is the later one.
    pub(crate) fn watch(&self, name: &'static str, runtime: &Handle, now: Instant) -> Arc<Pulse> {
        let pulse = Arc::new(Pulse::new(now));
        let (asking, asked) = watch::channel(());
        runtime.spawn(answer(Arc::clone(&pulse), asked));
        if let Some(runtimes) = &mut *self.runtimes.lock() {
            runtimes.retain(|watched| watched.name != name);
            runtimes.push(Watched {
                name,
                pulse: Arc::clone(&pulse),
                metrics: runtime.metrics(),
                asking,
            });
        }
        pulse
    }

    /// Returns the lag of every runtime that has not ended, by the reader's clock.
    pub(crate) fn snapshot(&self, now: Instant) -> Vec<RuntimeSnapshot> {
        let runtimes = self.runtimes.lock();
        let snapshot = |watched: &Watched| RuntimeSnapshot {
            name: watched.name,
            lag: watched.pulse.lag(now),
            workers: watched.metrics.num_workers(),
            alive_tasks: watched.metrics.num_alive_tasks(),
            queued_tasks: watched.metrics.global_queue_depth(),
            busy: busy(&watched.metrics),
        };
        runtimes.iter().flatten().map(snapshot).collect()
    }

    /// Ends the thread, and the tasks with it.
    pub(crate) fn stop(&self) {
        *self.runtimes.lock() = None;
        self.is_stopped.notify_all();
    }

    fn work(&self) {
        let mut runtimes = self.runtimes.lock();
        while let Some(watched) = &mut *runtimes {
            watched.retain(|watched| watched.ask(clock::now()));
            self.is_stopped.wait_for(&mut runtimes, BEAT);
        }
    }
}

impl Watched {
    /// Asks for a beat, if none is awaited; says whether the runtime is still there.
    fn ask(&self, now: Instant) -> bool {
        if self.asking.is_closed() {
            // Nobody waits for what has ended.
            self.pulse.beat(now);
            return false;
        }
        if self.pulse.ask(now) {
            self.asking.send_replace(());
        }
        true
    }
}

/// Returns how long all threads of a runtime were at work.
#[cfg(target_has_atomic = "64")]
#[expect(
    clippy::unnecessary_wraps,
    reason = "tokio does not count it everywhere"
)]
fn busy(metrics: &RuntimeMetrics) -> Option<Duration> {
    let workers = 0..metrics.num_workers();
    Some(
        workers
            .map(|worker| metrics.worker_total_busy_duration(worker))
            .sum(),
    )
}

#[cfg(not(target_has_atomic = "64"))]
fn busy(_: &RuntimeMetrics) -> Option<Duration> {
    None
}

/// Answers each time that it is asked, on the runtime that is watched.
async fn answer(pulse: Arc<Pulse>, mut asked: watch::Receiver<()>) {
    while asked.changed().await.is_ok() {
        pulse.beat(clock::now());
    }
}
