//! How deep the spans of a test stand in each other.

use std::sync::Arc;

use parking_lot::Mutex;
use tracing_core::Subscriber;
use tracing_core::span::{Attributes, Id};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::shape::{self, Place, Shape};

/// A layer for `tracing` subscribers: `mad test --deep` then knows of each test how many spans it opens, how deep they stand in
/// each other, and how many stand side by side.
///
/// Nested calls are nested spans where functions are annotated with `#[instrument]`: a test that goes deeper than it
/// did calls deeper. Where nobody measures, it does nothing but look at the environment once.
///
/// Under nextest, which gives each test a process of its own, all spans of the process count. Under `cargo test` a span
/// counts for the test on whose thread it was opened, with all that stands inside of it on whichever thread; with
/// `--test-threads=1`, where no thread has the name of a test, none does.
///
/// It needs the feature `tracing`. A function that each test calls first sets it up:
///
/// ```
/// use tracing_subscriber::layer::SubscriberExt as _;
///
/// fn spans_are_counted() {
///     let subscriber = tracing_subscriber::registry().with(mad_core::TestSpanLayer::new());
///     // Only the first one is set.
///     _ = tracing::subscriber::set_global_default(subscriber);
/// }
///
/// #[tracing::instrument]
/// fn place_order() {}
///
/// // In each test, first of all:
/// spans_are_counted();
/// place_order();
/// ```
#[derive(Debug, Default)]
pub struct TestSpanLayer {
    place: Option<Arc<Place>>,
}

impl TestSpanLayer {
    /// Makes one, which tells what it sees if the environment says that somebody measures.
    pub fn new() -> Self {
        Self {
            place: Place::of_environment().map(Arc::new),
        }
    }
}

/// What is known of a span.
struct Seen {
    depth: u64,
    n_inside: u64,
    /// Of the outermost span around it.
    tally: Arc<Tally>,
}

/// What stands inside of a span that stands in no other.
struct Tally {
    test: String,
    shape: Mutex<Shape>,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for TestSpanLayer {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if self.place.is_none() {
            return;
        }
        let Some(span) = context.span(id) else { return };
        let (depth, tally) = match span.parent() {
            None => {
                let Some(test) = shape::current_test() else {
                    return;
                };
                let shape = Mutex::default();
                (1, Arc::new(Tally { test, shape }))
            }
            Some(parent) => {
                let mut extensions = parent.extensions_mut();
                let Some(parent) = extensions.get_mut::<Seen>() else {
                    return;
                };
                parent.n_inside += 1;
                let mut shape = parent.tally.shape.lock();
                shape.fan_out = shape.fan_out.max(parent.n_inside);
                (parent.depth + 1, Arc::clone(&parent.tally))
            }
        };
        {
            let mut shape = tally.shape.lock();
            shape.depth = shape.depth.max(depth);
            shape.count += 1;
        }
        let n_inside = 0;
        span.extensions_mut().insert(Seen {
            depth,
            n_inside,
            tally,
        });
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        // A span is closed when all that stand inside of it are.
        let Some(span) = context.span(&id) else {
            return;
        };
        if span.parent().is_some() {
            return;
        }
        if let Some(seen) = span.extensions().get::<Seen>() {
            let shape = *seen.tally.shape.lock();
            shape.tell(self.place.as_deref(), "spans", &seen.tally.test);
        }
    }
}
