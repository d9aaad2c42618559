//! Knows of which trace spans are.

use std::sync::Arc;

use tracing::Subscriber;
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::current;
use super::trace::Trace;
use crate::view::LabelText;

/// A layer for `tracing` subscribers: what is recorded inside a span with a field `trace_id` leads to that trace.
///
/// Dashboards show such an *exemplar* as a dot beside a graph: the request that was that slow. Each counter
/// and each bucket of a histogram has one, its last; they are on pages in `OpenMetrics` and protobuf. A field
/// `span_id` is taken along. What a span does not say, the span says that it is in. Fields may be recorded later,
/// and what is longer than the 128 letters of `OpenMetrics`, only zeros, or has other letters than those of ASCII,
/// digits and `-_.:+/=`, is passed over.
///
/// It needs the feature `tracing`.
///
/// ```
/// use mad_metrics::{ExemplarLayer, Page};
/// use mad_metrics::open_metrics::OpenMetricsWriter;
/// use tracing_subscriber::layer::SubscriberExt as _;
///
/// let recorder = mad_metrics::Builder::new().build()?;
/// let subscriber = tracing_subscriber::registry().with(ExemplarLayer::new());
/// tracing::subscriber::with_default(subscriber, || {
///     let request = tracing::info_span!("request", trace_id = "4bf92f3577b34da6a3ce929d0e0e4736");
///     let _entered = request.enter();
///     metrics::with_local_recorder(&recorder, || metrics::counter!("orders_total").increment(1));
/// });
/// let mut page = Page::new();
/// let mut writer = OpenMetricsWriter::new(&mut page);
/// recorder.handle().visit(&mut writer);
/// writer.finish();
/// let page = String::from_utf8(page.into_bytes())?;
/// assert!(page.contains(r#"orders_total 1 # {trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} 1"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct ExemplarLayer;

impl ExemplarLayer {
    /// Makes one.
    pub const fn new() -> Self {
        Self
    }
}

/// What a span has said of itself.
struct Said {
    trace: Trace,
    labels: Option<Arc<LabelText>>,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for ExemplarLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut trace = Trace::default();
        attributes.record(&mut trace);
        if let Some(span) = context.span(id) {
            let labels = trace.labels();
            span.extensions_mut().replace(Said { trace, labels });
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        {
            let mut extensions = span.extensions_mut();
            let Some(said) = extensions.get_mut::<Said>() else {
                return;
            };
            values.record(&mut said.trace);
            said.labels = said.trace.labels();
        }
        current::update(id, labels_of(id, &context).as_ref());
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        current::enter(id, labels_of(id, &context));
    }

    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        current::exit(id);
    }
}

/// Returns what a span says, or the innermost one around it that says something.
fn labels_of<S>(id: &Id, context: &Context<'_, S>) -> Option<Arc<LabelText>>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let mut spans = context.span_scope(id)?;
    spans.find_map(|span| span.extensions().get::<Said>()?.labels.clone())
}
