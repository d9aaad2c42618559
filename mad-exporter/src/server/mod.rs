//! MAD's own HTTP server: one thread with a runtime of its own.
//!
//! It shares nothing with the application's runtime, so that a probe is answered while that one is
//! saturated or deadlocked. Nothing that blocks runs on its thread.

mod accompanied;
mod connection;
mod connections;
mod crowd;
mod descriptors;
mod head_timer;
mod listener;
mod open_requests;
#[cfg(feature = "grpc")]
mod preface;
mod protocol;
mod seat_notes;
mod seats;
mod stall;
mod stream;
#[cfg(feature = "tls")]
mod tls;
#[cfg(unix)]
mod unix;

use std::io;
use std::net::SocketAddr;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::Router;
use futures_util::future::join_all;
use parking_lot::Mutex;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep_until, timeout_at};

use connections::Connections;
use listener::Listener;

pub(crate) use listener::{Bound, Place};
#[cfg(feature = "tls")]
pub use tls::Tls;
#[cfg(unix)]
pub use unix::UnixSocket;

/// A place that is taken, or served, and what is found behind it.
#[derive(Debug)]
pub(crate) struct Door<L> {
    pub(crate) listener: L,
    pub(crate) router: Router,
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    addresses: Vec<SocketAddr>,
    /// When to be gone; nothing while it serves.
    stop_at: watch::Sender<Option<Instant>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Server {
    /// Starts to serve at places that are taken. `inside` is called in the server's runtime.
    pub(crate) fn start(
        doors: Vec<Door<Bound>>,
        inside: impl FnOnce() + Send + 'static,
    ) -> io::Result<Self> {
        let addresses = doors.iter().map(|door| door.listener.address());
        let addresses: io::Result<Vec<_>> = addresses.filter_map(io::Result::transpose).collect();
        let stop_at = watch::Sender::new(None);
        let (ready, is_ready) = sync_channel(1);
        // The thread has a sender too, so that dropping the handle does not look like a stop.
        let work = {
            let stop_at = stop_at.clone();
            move || work(doors, inside, &stop_at, &ready)
        };
        let thread = thread::Builder::new()
            .name("mad-http".to_owned())
            .spawn(work)?;
        is_ready
            .recv()
            .unwrap_or_else(|_| Err(io::Error::other("the server's thread ended")))?;
        Ok(Self {
            addresses: addresses?,
            stop_at,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Returns the addresses that it serves at, in the order in which they were asked for.
    pub(crate) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Stops: waits at most `grace` for open requests, answering new ones meanwhile, then closes the
    /// doors. It blocks until that is done.
    pub(crate) fn shutdown(&self, grace: Duration) {
        self.stop_at.send_replace(Some(Instant::now() + grace));
        if let Some(thread) = self.thread.lock().take() {
            // If it panicked, the hook has said so.
            _ = thread.join();
        }
    }
}

/// What the server's thread does. It says when it is ready, or why it cannot be.
fn work(
    doors: Vec<Door<Bound>>,
    inside: impl FnOnce(),
    stop_at: &watch::Sender<Option<Instant>>,
    ready: &SyncSender<io::Result<()>>,
) {
    match enter(doors) {
        Ok((runtime, doors)) => {
            _ = ready.send(Ok(()));
            runtime.block_on(async {
                inside();
                let crowd = LocalSet::new();
                crowd.run_until(serve(doors, stop_at.subscribe())).await;
            });
            // The application's page may be in the making and never come; nobody waits for it.
            runtime.shutdown_background();
        }
        Err(error) => _ = ready.send(Err(error)),
    }
}

/// Makes the runtime and hands the doors to it.
fn enter(doors: Vec<Door<Bound>>) -> io::Result<(Runtime, Vec<Door<Listener>>)> {
    let runtime = runtime()?;
    let doors = {
        let _inside = runtime.enter();
        doors.into_iter().map(open).collect::<Result<_, _>>()?
    };
    Ok((runtime, doors))
}

fn open(door: Door<Bound>) -> io::Result<Door<Listener>> {
    Ok(Door {
        listener: door.listener.listen()?,
        router: door.router,
    })
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .thread_name("mad-http-page")
        .build()
}

async fn serve(doors: Vec<Door<Listener>>, mut stop_at: watch::Receiver<Option<Instant>>) {
    let connections = Connections::new();
    let deadline = tokio::select! {
        () = accept_from_all(&connections, &doors) => return,
        deadline = deadline(&mut stop_at) => deadline,
    };
    // Probes are answered to the end: whoever asks whether it is ready is told that it is not.
    tokio::select! {
        () = accept_from_all(&connections, &doors) => return,
        () = connections.no_request_is_open() => {}
        () = sleep_until(deadline) => {}
    }
    drop(doors);
    _ = timeout_at(deadline, connections.close()).await;
}

/// Accepts at every door; it never ends by itself.
async fn accept_from_all(connections: &Connections, doors: &[Door<Listener>]) {
    join_all(doors.iter().map(|door| connections.accept_from(door))).await;
}

/// Waits until there is a deadline.
async fn deadline(stop_at: &mut watch::Receiver<Option<Instant>>) -> Instant {
    loop {
        if let Some(deadline) = *stop_at.borrow_and_update() {
            return deadline;
        }
        if stop_at.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
