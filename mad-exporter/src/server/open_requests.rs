//! How many requests have come and are not answered yet.

use tokio::sync::watch;

/// How many requests have come and are not answered yet.
#[derive(Clone, Debug, Default)]
pub(super) struct OpenRequests {
    count: watch::Sender<usize>,
}

impl OpenRequests {
    /// Counts a request until the returned value is dropped.
    pub(super) fn open(&self) -> OpenRequest {
        self.count.send_modify(|count| *count += 1);
        OpenRequest(self.clone())
    }

    /// Waits until none is open.
    pub(super) async fn none_is_open(&self) {
        // The sender is here, so that the receiver does not end.
        _ = self.count.subscribe().wait_for(|count| *count == 0).await;
    }
}

#[cfg(feature = "grpc")]
impl OpenRequests {
    /// Waits until one is open.
    pub(super) async fn one_is_open(&self) {
        _ = self.count.subscribe().wait_for(|count| *count > 0).await;
    }
}

#[derive(Debug)]
pub(super) struct OpenRequest(OpenRequests);

impl Drop for OpenRequest {
    fn drop(&mut self) {
        self.0.count.send_modify(|count| *count -= 1);
    }
}
