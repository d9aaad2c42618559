//! Draining when somebody sends SIGTERM.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::exporter::Exporter;

/// Comes when the instance has drained: the moment to close the application's own door.
///
/// [`Exporter::drain_on_sigterm`] makes it. Await it, or [`wait`](Self::wait) for it in a program
/// without `async`.
#[must_use = "SIGTERM does not end the program any more: wait for this, and end it"]
pub struct Drained {
    comes: oneshot::Receiver<()>,
}

impl Drained {
    /// Blocks until it comes.
    ///
    /// # Panics
    ///
    /// If it is called inside a tokio runtime, which it would block: await it there.
    pub fn wait(self) {
        // An error is as good: nobody will come to say it.
        _ = self.comes.blocking_recv();
    }
}

impl Future for Drained {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.comes).poll(context).map(drop)
    }
}

impl fmt::Debug for Drained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Drained(..)")
    }
}

/// Begins to listen for SIGTERM, on a thread that the application's runtime cannot hold up.
pub(crate) fn drain(exporter: Exporter, grace: Duration) -> io::Result<Drained> {
    let runtime = Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()?;
    let sigterm = Sigterm::listen(&runtime)?;
    let (come, comes) = oneshot::channel();
    thread::Builder::new()
        .name("mad-sigterm".to_owned())
        .spawn(move || {
            runtime.block_on(drain_when_told(&exporter, sigterm, grace));
            // Whoever does not wait any more need not be told.
            _ = come.send(());
        })?;
    Ok(Drained { comes })
}

async fn drain_when_told(exporter: &Exporter, mut sigterm: Sigterm, grace: Duration) {
    tokio::select! {
        () = sigterm.comes() => {}
        () = exporter.is_shut_down() => return,
    }
    exporter.leave();
    tokio::select! {
        () = sleep(grace) => {}
        // Whoever sends it twice is in a hurry.
        () = sigterm.comes() => {}
        () = exporter.is_shut_down() => {}
    }
    // The application closes its door now, and waits for whoever is inside.
    exporter.end_streams();
}

/// The signal. Whoever else has a handler for it is called as before.
#[cfg(unix)]
struct Sigterm(tokio::signal::unix::Signal);

#[cfg(unix)]
impl Sigterm {
    fn listen(runtime: &Runtime) -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        let _inside = runtime.enter();
        signal(SignalKind::terminate()).map(Self)
    }

    async fn comes(&mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

/// A signal that the system does not have never comes.
#[cfg(not(unix))]
struct Sigterm;

#[cfg(not(unix))]
impl Sigterm {
    fn listen(_: &Runtime) -> io::Result<Self> {
        Ok(Self)
    }

    async fn comes(&mut self) {
        std::future::pending::<()>().await;
    }
}
