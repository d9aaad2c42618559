//! The tokio runtime that async checks find around them.

use std::io;
use std::thread;

use tokio::runtime::{Builder, EnterGuard, Handle};
use tokio::sync::oneshot;

/// The tokio runtime that async checks find around them: the application's, or one of ours.
///
/// It lends its timers and sockets only. The futures of checks are polled on MAD's own threads, so
/// that a check which blocks stalls nobody.
#[derive(Debug)]
pub(crate) struct Runtime {
    handle: Handle,
    /// Ends our own runtime when dropped.
    _own: Option<oneshot::Sender<()>>,
}

impl Runtime {
    /// Takes the runtime that the caller runs in, or starts one on a thread of its own.
    pub(crate) fn find_or_start() -> io::Result<Self> {
        Self::find().map_or_else(Self::start, Ok)
    }

    /// Takes the runtime that the caller runs in.
    pub(crate) fn find() -> Option<Self> {
        let handle = Handle::try_current().ok()?;
        Some(Self { handle, _own: None })
    }

    /// Starts one on a thread of its own.
    pub(crate) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (own, stopped) = oneshot::channel::<()>();
        thread::Builder::new()
            .name("mad-runtime".to_owned())
            .spawn(move || {
                // An error means that the sender is gone, which is what is waited for.
                _ = runtime.block_on(stopped);
                // A blocking task of a check may never end; nobody waits for it.
                runtime.shutdown_background();
            })?;
        Ok(Self {
            handle,
            _own: Some(own),
        })
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    pub(crate) fn enter(&self) -> EnterGuard<'_> {
        self.handle.enter()
    }
}
