//! The threads that run checks.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::sync::{Condvar, Mutex, thread};

#[cfg(all(test, mad_loom))]
mod interleavings;

/// How long a thread without work stays.
const IDLE_TIME: Duration = Duration::from_secs(10);

type Job = Box<dyn FnOnce() + Send>;

/// The threads that run checks: made when needed, kept for a while, never joined.
///
/// It has no limit of its own. The control thread hands out no more than may run at once.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    is_ready: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    idle: usize,
    is_closed: bool,
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue")
            .field("jobs", &self.jobs.len())
            .field("idle", &self.idle)
            .finish_non_exhaustive()
    }
}

impl Pool {
    /// Runs a job at once: on a thread that is idle, or on a new one.
    ///
    /// # Errors
    ///
    /// If the system gives no more threads. The job is dropped.
    pub(crate) fn run(&self, job: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let mut queue = self.shared.queue.lock();
        if queue.jobs.len() < queue.idle {
            queue.jobs.push_back(Box::new(job));
            self.shared.is_ready.notify_one();
            return Ok(());
        }
        drop(queue);
        let shared = Arc::clone(&self.shared);
        let work = move || {
            job();
            shared.work();
        };
        thread::Builder::new()
            .name("mad-run".to_owned())
            .spawn(work)?;
        Ok(())
    }

    /// Lets every thread leave that is idle or becomes so.
    pub(crate) fn close(&self) {
        self.shared.queue.lock().is_closed = true;
        self.shared.is_ready.notify_all();
    }
}

impl Shared {
    fn work(&self) {
        while let Some(job) = self.next_job() {
            job();
        }
    }

    fn next_job(&self) -> Option<Job> {
        let mut queue = self.queue.lock();
        queue.idle += 1;
        let mut is_over = false;
        while queue.jobs.is_empty() && !queue.is_closed && !is_over {
            is_over = self.is_ready.wait_for(&mut queue, IDLE_TIME).timed_out();
        }
        queue.idle -= 1;
        queue.jobs.pop_front()
    }
}
