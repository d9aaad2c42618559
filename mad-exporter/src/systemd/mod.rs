//! Tells systemd, or any service manager that listens as it does, how the service is.
//!
//! It has a thread of its own, which a stalled runtime of the application cannot hold up: that is what
//! the manager's watchdog is for.

mod environment;
mod news;
mod socket;

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use mad_core::{Engine, Lifecycle};
use parking_lot::Mutex;

pub(crate) use environment::{Environment, EnvironmentError};
use news::{Facts, News};

/// How often it looks whether there is something new.
const LOOK: Duration = Duration::from_millis(500);

/// Tells the service manager how the service is, until the engine has stopped.
#[derive(Debug)]
pub(crate) struct Systemd {
    orders: Sender<Order>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Clone, Copy, Debug)]
enum Order {
    /// The process is about to end.
    Leave,
    /// Look at once.
    Look,
}

impl Systemd {
    /// Starts the thread.
    pub(crate) fn start(environment: Environment, engine: Engine) -> io::Result<Self> {
        let (orders, inbox) = channel();
        let teller = Teller {
            environment,
            engine,
            news: News::default(),
            is_leaving: false,
            inbox,
            // Dropping the handle stops nothing.
            _orders: orders.clone(),
        };
        let thread = thread::Builder::new()
            .name("mad-systemd".to_owned())
            .spawn(move || teller.work())?;
        Ok(Self {
            orders,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Says that the process is about to end.
    pub(crate) fn leave(&self) {
        // The thread is gone when the engine has stopped, and has said so.
        _ = self.orders.send(Order::Leave);
    }

    /// Waits until the manager has been told that the engine has stopped.
    pub(crate) fn join(&self) {
        _ = self.orders.send(Order::Look);
        if let Some(thread) = self.thread.lock().take() {
            // If it panicked, the hook has said so.
            _ = thread.join();
        }
    }
}

/// What the thread works with.
#[derive(Debug)]
struct Teller {
    environment: Environment,
    engine: Engine,
    news: News,
    is_leaving: bool,
    inbox: Receiver<Order>,
    _orders: Sender<Order>,
}

impl Teller {
    fn work(mut self) {
        let pause = self.environment.watchdog.map_or(LOOK, |period| {
            // Often enough that the half of the period is not missed by much.
            LOOK.min(period / 8).max(Duration::from_millis(1))
        });
        while !self.tell() {
            match self.inbox.recv_timeout(pause) {
                Ok(Order::Leave) => self.is_leaving = true,
                Ok(Order::Look) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Tells what is new; returns whether that was the last of it.
    fn tell(&mut self) -> bool {
        let snapshot = self.engine.snapshot();
        let facts = Facts::new(&snapshot, self.is_leaving);
        let (watchdog, now) = (self.environment.watchdog, Instant::now());
        let datagram = self.news.datagram(&facts, watchdog, now);
        // What the manager did not get is told again with the next look.
        if !datagram.is_empty() && self.environment.socket.send(&datagram).is_ok() {
            self.news.told(&facts, watchdog, now);
        }
        snapshot.lifecycle == Lifecycle::Stopped
    }
}
