//! MAD's own HTTP server: one thread with a runtime of its own.
//!
//! It shares nothing with the application's runtime, so that a probe is answered while that one is
//! saturated or deadlocked. Nothing that blocks runs on its thread.

mod connections;
mod descriptors;
mod open_requests;
mod seats;
mod stall;
mod turns;

use std::io;
use std::net::SocketAddr;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::Router;
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout_at};

use connections::Connections;

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    /// When to be gone; nothing while it serves.
    stop_at: watch::Sender<Option<Instant>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Server {
    /// Starts to serve on a listener that is bound. `inside` is called in the server's runtime.
    pub(crate) fn start(
        listener: std::net::TcpListener,
        router: Router,
        inside: impl FnOnce() + Send + 'static,
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let stop_at = watch::Sender::new(None);
        let (ready, is_ready) = sync_channel(1);
        // The thread has a sender too, so that dropping the handle does not look like a stop.
        let work = {
            let stop_at = stop_at.clone();
            move || work(listener, router, inside, &stop_at, &ready)
        };
        let thread = thread::Builder::new()
            .name("mad-http".to_owned())
            .spawn(work)?;
        is_ready
            .recv()
            .unwrap_or_else(|_| Err(io::Error::other("the server's thread ended")))?;
        Ok(Self {
            address,
            stop_at,
            thread: Mutex::new(Some(thread)),
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops: waits at most `grace` for open requests, answering new ones meanwhile, then closes the
    /// listener. It blocks until that is done.
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
    listener: std::net::TcpListener,
    router: Router,
    inside: impl FnOnce(),
    stop_at: &watch::Sender<Option<Instant>>,
    ready: &SyncSender<io::Result<()>>,
) {
    match enter(listener) {
        Ok((runtime, listener)) => {
            _ = ready.send(Ok(()));
            runtime.block_on(async {
                inside();
                serve(listener, router, stop_at.subscribe()).await;
            });
            // The application's page may be in the making and never come; nobody waits for it.
            runtime.shutdown_background();
        }
        Err(error) => _ = ready.send(Err(error)),
    }
}

/// Makes the runtime and hands the listener to it.
fn enter(listener: std::net::TcpListener) -> io::Result<(Runtime, TcpListener)> {
    let runtime = runtime()?;
    let listener = {
        let _inside = runtime.enter();
        TcpListener::from_std(listener)?
    };
    Ok((runtime, listener))
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .thread_name("mad-http-page")
        .build()
}

async fn serve(
    listener: TcpListener,
    router: Router,
    mut stop_at: watch::Receiver<Option<Instant>>,
) {
    let connections = Connections::new(router);
    let deadline = tokio::select! {
        () = connections.accept_from(&listener) => return,
        deadline = deadline(&mut stop_at) => deadline,
    };
    // Probes are answered to the end: whoever asks whether it is ready is told that it is not.
    tokio::select! {
        () = connections.accept_from(&listener) => return,
        () = connections.no_request_is_open() => {}
        () = sleep_until(deadline) => {}
    }
    drop(listener);
    _ = timeout_at(deadline, connections.close()).await;
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
