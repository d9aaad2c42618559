//! What is behind the facade.

use std::sync::Arc;

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, SharedString, Unit};

use crate::handle::Handle;
use crate::instrument;
use crate::memory::keep;
use crate::registry::{Distribution, Registry};

/// Records what the macros of the facade are called with.
///
/// [`Builder::install`](crate::Builder::install) makes it the recorder of the program. In a test, a
/// recorder of its own counts what is done inside a closure:
///
/// ```
/// use mad_metrics::Builder;
///
/// let recorder = Builder::new().build()?;
/// metrics::with_local_recorder(&recorder, || {
///     metrics::counter!("orders_total", "kind" => "book").increment(2);
/// });
/// assert!(recorder.handle().render().contains("orders_total{kind=\"book\"} 2\n"));
/// # Ok::<(), mad_metrics::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Recorder {
    registry: Arc<Registry>,
}

impl Recorder {
    pub(crate) fn new(registry: Registry) -> Self {
        let registry = Arc::new(registry);
        Self { registry }
    }

    pub(crate) fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.registry)
    }

    /// Returns what shows what was recorded.
    pub fn handle(&self) -> Handle {
        Handle::new(Arc::clone(&self.registry))
    }
}

/// What is inlined is compiled for the program that installs the recorder, where a thread finds what is its own
/// without a call.
impl metrics::Recorder for Recorder {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, help: SharedString) {
        self.registry.describe(&name, unit, &help);
    }

    fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, help: SharedString) {
        self.registry.describe(&name, unit, &help);
    }

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, help: SharedString) {
        self.registry.describe(&name, unit, &help);
    }

    #[inline]
    fn register_counter(&self, key: &Key, metadata: &Metadata<'_>) -> Counter {
        keep::<instrument::Counter>(&self.registry, key, Some(metadata))
    }

    #[inline]
    fn register_gauge(&self, key: &Key, metadata: &Metadata<'_>) -> Gauge {
        keep::<instrument::Gauge>(&self.registry, key, Some(metadata))
    }

    #[inline]
    fn register_histogram(&self, key: &Key, metadata: &Metadata<'_>) -> Histogram {
        keep::<Distribution>(&self.registry, key, Some(metadata))
    }
}
