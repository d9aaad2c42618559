//! Shows what was recorded.

use std::fmt;
use std::sync::Arc;

use metrics::{IntoLabels, Key, KeyName};

use crate::page::Page;
use crate::registry::Registry;
use crate::text::TextWriter;
use crate::view::Visitor;
use crate::weight::MetricWeight;

/// Shows what a recorder has recorded. Copies show the same.
#[derive(Clone)]
pub struct Handle {
    registry: Arc<Registry>,
}

impl Handle {
    pub(crate) const fn new(registry: Arc<Registry>) -> Self {
        Self { registry }
    }

    /// Shows everything to a visitor: families in the order of their names, series in the order of their
    /// labels, values as they are at that moment.
    ///
    /// Nobody who records waits for it. Series that have been idle for too long go before.
    pub fn visit(&self, visitor: &mut impl Visitor) {
        self.registry.sweep();
        self.registry.show(visitor);
    }

    /// Returns everything as a page in the text format 0.0.4, in blocks: to be sent, or compressed.
    pub fn page(&self) -> Page {
        let mut page = Page::new();
        self.visit(&mut TextWriter::new(&mut page));
        page
    }

    /// Returns everything as a page in the text format 0.0.4, in one piece.
    ///
    /// # Panics
    ///
    /// Never: all that is on the page was text.
    pub fn render(&self) -> String {
        String::from_utf8(self.page().into_bytes()).expect("text was written")
    }

    /// Returns so many metrics, those with most series first.
    pub fn heaviest(&self, count: usize) -> Vec<MetricWeight> {
        self.registry.heaviest(count)
    }

    /// Removes the series with this name and these labels, and says whether there was one.
    ///
    /// It is no longer shown. Who holds a handle of it can go on: what is recorded with it brings the
    /// series back, and a counter then goes on where it was.
    ///
    /// ```
    /// # let recorder = mad_metrics::Builder::new().build()?;
    /// # metrics::with_local_recorder(&recorder, || {
    /// metrics::gauge!("queue_length", "tenant" => "acme").set(3.0);
    /// # });
    /// let handle = recorder.handle();
    /// assert!(handle.remove("queue_length", &[("tenant", "acme")]));
    /// assert!(!handle.render().contains("acme"));
    /// # Ok::<(), mad_metrics::BuildError>(())
    /// ```
    pub fn remove(&self, name: &str, labels: &[(&str, &str)]) -> bool {
        let labels = labels.iter();
        let labels: Vec<_> = labels
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let key = Key::from_parts(KeyName::from(name.to_owned()), (&labels).into_labels());
        self.registry.remove(&key)
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handle(..)")
    }
}
