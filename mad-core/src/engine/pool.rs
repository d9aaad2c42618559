//! The threads that run checks.

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use crate::sync::{Condvar, Mutex, thread};

#[cfg(all(test, mad_loom))]
mod interleavings;

/// How long a thread without work stays.
const IDLE_TIME: Duration = Duration::from_secs(10);

type Job = Box<dyn FnOnce(&Shared) + Send>;

/// The threads that run checks: made when needed, kept for a while, never joined.
///
/// Most runs take less time than waking a thread does. So a job is left to a thread that comes for one
/// anyway, if there is one; when that does not come back soon, as its job takes long, it is for
/// [`hurry`](Pool::hurry) to give a thread to each job that is left. Of those that are idle the one that
/// became so last is woken, so that those that are not needed can leave.
///
/// It has no limit of its own. The control hands out no more than may run at once.
///
/// A clone is another handle to the same threads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pool {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    /// How many threads come for a job: those that were woken or made, and those that are done with
    /// one.
    coming: usize,
    /// What wakes each thread that is idle; the last one became so last.
    idle: Vec<Arc<Condvar>>,
    /// What wakes those that are to be woken.
    called: Vec<Arc<Condvar>>,
    is_closed: bool,
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue")
            .field("jobs", &self.jobs.len())
            .field("coming", &self.coming)
            .field("idle", &self.idle.len())
            .finish_non_exhaustive()
    }
}

impl Pool {
    /// Runs a job on the next thread that comes; if none does, on one that is idle and is woken by
    /// [`wake`](Pool::wake), or on a new one.
    ///
    /// What is done with its result is no part of it: the thread counts as coming again by then.
    ///
    /// # Errors
    ///
    /// If the system gives no more threads. The job is dropped.
    pub(crate) fn run<T>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
        then: impl FnOnce(T) + Send + 'static,
    ) -> io::Result<()> {
        let job = move |shared: &Shared| {
            let result = work();
            shared.queue.lock().coming += 1;
            then(result);
        };
        let mut queue = self.shared.queue.lock();
        if queue.coming == 0 {
            self.call_one(&mut queue)?;
        }
        queue.jobs.push_back(Box::new(job));
        Ok(())
    }

    /// Wakes the threads that are to come for what was handed out.
    ///
    /// It takes longer than most runs do, and is for whoever holds no lock.
    pub(crate) fn wake(&self) {
        let called = mem::take(&mut self.shared.queue.lock().called);
        for bell in called {
            bell.notify_one();
        }
    }

    /// Says whether there are more jobs than threads that come for one.
    pub(crate) fn has_backlog(&self) -> bool {
        self.shared.queue.lock().has_backlog()
    }

    /// Gives each job that waits a thread of its own.
    ///
    /// # Errors
    ///
    /// If the system gives no more threads. The jobs that are left wait for one of those there are.
    pub(crate) fn hurry(&self) -> io::Result<()> {
        let mut queue = self.shared.queue.lock();
        let mut called = Ok(());
        while queue.has_backlog() && called.is_ok() {
            called = self.call_one(&mut queue);
        }
        drop(queue);
        self.wake();
        called
    }

    /// Lets every thread leave that is idle or becomes so.
    pub(crate) fn close(&self) {
        let mut queue = self.shared.queue.lock();
        queue.is_closed = true;
        while queue.call_idle() {}
        drop(queue);
        self.wake();
    }

    /// Calls a thread that is idle or makes one, with the lock held: whoever waits for it waits for that
    /// thread.
    fn call_one(&self, queue: &mut Queue) -> io::Result<()> {
        if queue.call_idle() {
            return Ok(());
        }
        let shared = Arc::clone(&self.shared);
        thread::Builder::new()
            .name("mad-run".to_owned())
            .spawn(move || shared.work())?;
        queue.coming += 1;
        Ok(())
    }
}

impl Queue {
    fn has_backlog(&self) -> bool {
        self.jobs.len() > self.coming
    }

    fn call_idle(&mut self) -> bool {
        let Some(bell) = self.idle.pop() else {
            return false;
        };
        self.coming += 1;
        self.called.push(bell);
        true
    }

    /// Takes one off the idle that was not called; returns whether it was there.
    fn take_off(&mut self, bell: &Arc<Condvar>) -> bool {
        let place = self.idle.iter().position(|idle| Arc::ptr_eq(idle, bell));
        place.map(|place| self.idle.remove(place)).is_some()
    }
}

impl Shared {
    fn work(&self) {
        let bell = Arc::new(Condvar::default());
        while let Some(job) = self.next_job(&bell) {
            job(self);
        }
    }

    /// Returns the next job for a thread that came for one, and waits for it a while.
    fn next_job(&self, bell: &Arc<Condvar>) -> Option<Job> {
        let mut queue = self.queue.lock();
        loop {
            queue.coming -= 1;
            let job = queue.jobs.pop_front();
            if job.is_some() || queue.is_closed {
                return job;
            }
            queue.idle.push(Arc::clone(bell));
            _ = bell.wait_for(&mut queue, IDLE_TIME);
            // Whoever called it has taken it off, and counts on it.
            if queue.take_off(bell) {
                return None;
            }
        }
    }
}
