//! The application's own metrics.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use mad_metrics::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::exposition::ApplicationMetrics;

/// The application's own metrics.
#[derive(Clone)]
pub(crate) struct Application {
    source: Source,
    /// One page at a time: one that never comes holds one thread and not one for each scrape.
    turn: Arc<Semaphore>,
    /// How many nanoseconds the last page took.
    last_took: Arc<AtomicU64>,
}

/// A page that takes no longer is made where probes are answered: to have a thread do it would take as long.
const QUICK: Duration = Duration::from_micros(500);

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
        Self {
            source,
            turn,
            last_took: Arc::new(AtomicU64::new(u64::MAX)),
        }
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

    /// Says whether a page will be there in a moment, as the last one was. What runs code of the program's never
    /// promises that.
    pub(crate) fn is_quick(&self) -> bool {
        let last_took = Duration::from_nanos(self.last_took.load(Relaxed));
        last_took <= QUICK && self.handle().is_some_and(|handle| !handle.reads_gauges())
    }

    /// Says how long a page took.
    pub(crate) fn took(&self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.last_took.store(nanoseconds, Relaxed);
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
