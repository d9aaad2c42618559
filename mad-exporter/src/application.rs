//! The application's own metrics.

use std::fmt;
use std::sync::Arc;

use mad_metrics::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::exposition::ApplicationMetrics;

/// The application's own metrics.
#[derive(Clone)]
pub(crate) struct Application {
    source: Source,
    /// One page at a time: one that never comes holds one thread and not one for each scrape.
    turn: Arc<Semaphore>,
}

/// Where they come from.
#[derive(Clone)]
enum Source {
    Recorder(Handle),
    /// From the application, which makes a page of text itself.
    Page(Arc<dyn Fn() -> String + Send + Sync>),
}

impl Application {
    /// Takes what a recorder of ours has recorded.
    pub(crate) fn recorder(handle: Handle) -> Self {
        Self::new(Source::Recorder(handle))
    }

    /// Takes what makes a page of text.
    pub(crate) fn page(page: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self::new(Source::Page(Arc::new(page)))
    }

    fn new(source: Source) -> Self {
        let turn = Arc::new(Semaphore::new(1));
        Self { source, turn }
    }

    /// Returns what a recorder of ours has recorded; none if the metrics are somebody else's, and to be had as
    /// text only.
    pub(crate) fn handle(&self) -> Option<&Handle> {
        match &self.source {
            Source::Recorder(handle) => Some(handle),
            Source::Page(_) => None,
        }
    }

    /// Waits until nobody else asks for its metrics.
    pub(crate) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        // Nobody closes it.
        Arc::clone(&self.turn).acquire_owned().await.ok()
    }

    /// Asks for its metrics. A page of text is made by its own code, which may block and may panic.
    pub(crate) fn with_metrics<T>(&self, take: impl FnOnce(ApplicationMetrics<'_>) -> T) -> T {
        match &self.source {
            Source::Recorder(handle) => take(ApplicationMetrics::Recorded(handle)),
            Source::Page(page) => take(ApplicationMetrics::Page(&page())),
        }
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Application(..)")
    }
}
