//! How many requests have come and are not answered yet.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use tokio::sync::Notify;

/// How many requests have come and are not answered yet.
#[derive(Clone, Debug, Default)]
pub(super) struct OpenRequests(Arc<Count>);

#[derive(Debug, Default)]
struct Count {
    open: AtomicUsize,
    /// Rung when there is the first, and when there is none any more.
    turned: Notify,
}

impl OpenRequests {
    /// Counts a request until the returned value is dropped.
    pub(super) fn open(&self) -> OpenRequest {
        if self.0.open.fetch_add(1, SeqCst) == 0 {
            self.0.turned.notify_waiters();
        }
        OpenRequest(self.clone())
    }

    /// Waits until none is open.
    pub(super) async fn none_is_open(&self) {
        self.are(|open| open == 0).await;
    }

    async fn are(&self, meant: impl Fn(usize) -> bool) {
        loop {
            // First this, then the count: so that no turn is missed in between.
            let turned = self.0.turned.notified();
            if meant(self.0.open.load(SeqCst)) {
                return;
            }
            turned.await;
        }
    }
}

#[cfg(feature = "grpc")]
impl OpenRequests {
    /// Waits until one is open.
    pub(super) async fn one_is_open(&self) {
        self.are(|open| open > 0).await;
    }
}

#[derive(Debug)]
pub(super) struct OpenRequest(OpenRequests);

impl Drop for OpenRequest {
    fn drop(&mut self) {
        let Count { open, turned } = &*self.0.0;
        if open.fetch_sub(1, SeqCst) == 1 {
            turned.notify_waiters();
        }
    }
}
