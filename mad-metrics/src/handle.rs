//! Shows what was recorded.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use metrics::{Key, Label};

use crate::page::Page;
use crate::registry::Registry;
use crate::text::TextWriter;
use crate::view::Visitor;
use crate::weight::MetricWeight;

/// Shows what a recorder has recorded. Copies show the same.
#[derive(Clone)]
pub struct Handle {
    registry: Arc<Registry>,
    /// How long the last page was.
    page_len: Arc<AtomicUsize>,
}

impl Handle {
    pub(crate) fn new(registry: Arc<Registry>) -> Self {
        let page_len = Arc::default();
        Self { registry, page_len }
    }

    /// Shows everything to a visitor: families in the order of their names, series in the order of their
    /// labels, values as they are at that moment.
    ///
    /// Nobody who records waits for it. Series that have been idle for too long go before.
    pub fn visit(&self, visitor: &mut impl Visitor) {
        self.registry.poll();
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
        // About as long as the last one, and a little more.
        let expected = self.page_len.load(Relaxed);
        let mut page = Page::in_one_piece(expected + expected / 64);
        self.visit(&mut TextWriter::new(&mut page));
        let page = page.into_text().expect("text was written");
        self.page_len.store(page.len(), Relaxed);
        page
    }

    /// Returns so many metrics, those with most series first.
    pub fn heaviest(&self, count: usize) -> Vec<MetricWeight> {
        self.registry.heaviest(count)
    }

    /// Has a gauge read whenever everything is shown: the length of a queue, the size of a pool.
    ///
    /// A thread of the recorder reads it, and what is read must be at hand: a page waits a second for all
    /// of them together ([`Builder::gauge_patience`](crate::Builder::gauge_patience)), and has no value of
    /// those that come later, or panic. One that hangs is not asked again until it has come back, and costs the others
    /// that one page, as does one that is slow each time, since it comes after them from then on; but when sixteen hang at
    /// once, none is read until one of them has come back. `None` says that there will be nothing to read again, as does
    /// [`remove`](Self::remove). Whoever says how to read the same gauge again replaces the way.
    ///
    /// # Errors
    ///
    /// If the system has no thread.
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    ///
    /// let queue = Arc::new(Mutex::new(vec!["mail"]));
    /// let recorder = mad_metrics::Builder::new()
    /// #   .gauge_patience(std::time::Duration::from_mins(1))
    ///     .build()?;
    /// let handle = recorder.handle();
    /// let waiting = Arc::downgrade(&queue);
    /// handle.read_gauge("queue_length", &[("queue", "out")], move || {
    ///     let queue = waiting.upgrade()?;
    ///     let length = queue.lock().ok()?.len();
    ///     Some(length as f64)
    /// })?;
    /// assert!(handle.render().contains("queue_length{queue=\"out\"} 1\n"));
    /// drop(queue);
    /// assert!(!handle.render().contains("queue_length"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read_gauge(
        &self,
        name: &str,
        labels: &[(&str, &str)],
        read: impl Fn() -> Option<f64> + Send + Sync + 'static,
    ) -> io::Result<()> {
        // What may not be recorded was rejected and counted.
        match self.registry.series(&key(name, labels), None) {
            Some(gauge) => self.registry.polls.add(gauge, Box::new(read)),
            None => Ok(()),
        }
    }

    /// Says whether there are gauges that are read for a page, by code of the program's: a page then takes as long as
    /// that does.
    ///
    /// ```
    /// # let recorder = mad_metrics::Builder::new().build()?;
    /// let handle = recorder.handle();
    /// assert!(!handle.reads_gauges());
    /// handle.read_gauge("queue_length", &[], || Some(3.0))?;
    /// assert!(handle.reads_gauges());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reads_gauges(&self) -> bool {
        !self.registry.polls.are_none()
    }

    /// Removes the series with this name and these labels, and says whether there was one. A gauge that is
    /// [read for a page](Self::read_gauge) is no longer read.
    ///
    /// It is no longer shown. Who holds a handle of it can go on: what is recorded with it brings the
    /// series back, and a counter then goes on where it was. When nobody does, it leaves the memory, at once or when
    /// the next page is made, and there is room for another one; if somebody still held it then, with the first page of
    /// the next minute, or when another series of its metric is removed.
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
        self.registry.remove(&key(name, labels))
    }
}

fn key(name: &str, labels: &[(&str, &str)]) -> Key {
    let label = |(name, value): &(&str, &str)| Label::new((*name).to_owned(), (*value).to_owned());
    Key::from_parts(
        name.to_owned(),
        labels.iter().map(label).collect::<Vec<_>>(),
    )
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handle(..)")
    }
}
