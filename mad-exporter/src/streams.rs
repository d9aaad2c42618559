//! Answers that go on: how many there may be, and when they end.

use std::future::pending;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::authority::Changes;

/// How many answers may go on at once. Each holds a connection.
pub(crate) const MOST: usize = 64;

/// The answers that go on.
#[derive(Debug)]
pub(crate) struct Streams {
    room: Arc<Semaphore>,
    is_closed: watch::Sender<bool>,
}

impl Default for Streams {
    fn default() -> Self {
        Self {
            room: Arc::new(Semaphore::new(MOST)),
            is_closed: watch::Sender::new(false),
        }
    }
}

impl Streams {
    /// Makes room for others, so many of them, which end when these do.
    #[cfg(feature = "grpc")]
    pub(crate) fn beside(&self, most: usize) -> Self {
        Self {
            room: Arc::new(Semaphore::new(most)),
            is_closed: self.is_closed.clone(),
        }
    }

    /// Makes room for one; `None` if there are too many. It ends when who may listen has changed: whoever still
    /// may comes back.
    pub(crate) fn open(&self, authority: Option<Changes>) -> Option<Stream> {
        let place = Arc::clone(&self.room).try_acquire_owned().ok()?;
        Some(Stream {
            is_closed: self.is_closed.subscribe(),
            authority,
            _place: place,
        })
    }

    /// Ends all of them, those too that are still to come: the process ends, and waits for nobody who
    /// follows it.
    pub(crate) fn close(&self) {
        self.is_closed.send_replace(true);
    }
}

/// The place of one. It is free again when this is dropped, also because the client has gone.
#[derive(Debug)]
pub(crate) struct Stream {
    is_closed: watch::Receiver<bool>,
    /// None, if everybody may listen.
    authority: Option<Changes>,
    _place: OwnedSemaphorePermit,
}

impl Stream {
    /// Waits until it has to end.
    pub(crate) async fn is_closed(&mut self) {
        let has_changed = async {
            match &mut self.authority {
                Some(authority) => authority.changed().await,
                None => pending().await,
            }
        };
        tokio::select! {
            // An error means that nobody is there any more who could answer; then it ends as well.
            _ = self.is_closed.wait_for(|is_closed| *is_closed) => {}
            () = has_changed => {}
        }
    }
}
