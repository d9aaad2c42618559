//! Writes families as they are shown.

use super::metric;
use super::pairs::Pairs;
use super::wire::{self, PADDED, padded_length};
use crate::escaping::Escaping;
use crate::page::{Page, Place};
use crate::view::{Family, Kind, Sample, Value, Visitor};

/// Writes what it is shown as delimited protobuf.
///
/// Histograms have their classic buckets, and the exponential ones too if the metric has them. A Prometheus
/// that was told nothing of native histograms fails such a scrape: it does not ask for this format.
#[derive(Debug)]
#[must_use = "the last family has no length yet: call `finish`"]
pub struct ProtobufWriter<'p> {
    page: &'p mut Page,
    escaping: Escaping,
    /// Where the length of the family at hand stands; none before its first sample.
    length: Option<Place>,
    pairs: Pairs,
}

impl<'p> ProtobufWriter<'p> {
    /// Makes a writer that appends to a page.
    pub const fn new(page: &'p mut Page) -> Self {
        Self {
            page,
            escaping: Escaping::Underscores,
            length: None,
            pairs: Pairs::new(),
        }
    }

    /// Sets how names are shown.
    pub const fn with_escaping(mut self, escaping: Escaping) -> Self {
        self.escaping = escaping;
        self
    }

    /// Ends the page.
    pub fn finish(mut self) {
        self.end_family();
    }

    fn begin_family(&mut self, family: &Family<'_>) {
        self.pairs.clear();
        self.length = Some(self.page.place());
        let bytes = self.page.bytes();
        bytes.extend_from_slice(&padded_length(0));
        wire::text(bytes, 1, &self.escaping.family_name(family));
        if !family.help().is_empty() {
            wire::text(bytes, 2, family.help());
        }
        wire::integer(bytes, 3, type_number(family.kind()));
        if let Some(unit) = family.unit() {
            wire::text(bytes, 5, unit);
        }
    }

    fn end_family(&mut self) {
        if let Some(place) = self.length.take() {
            let length = self.page.length_since(place) - PADDED;
            self.page.overwrite(place, &padded_length(length));
        }
    }
}

fn type_number(kind: Kind) -> u64 {
    match kind {
        Kind::Counter => 0,
        Kind::Gauge | Kind::Info | Kind::StateSet => 1,
        Kind::Summary => 2,
        Kind::Unknown => 3,
        Kind::Histogram => 4,
    }
}

impl Visitor for ProtobufWriter<'_> {
    fn family(&mut self, _: &Family<'_>) -> bool {
        self.end_family();
        true
    }

    fn sample(&mut self, family: &Family<'_>, sample: &Sample<'_>) {
        if self.length.is_none() {
            self.begin_family(family);
        }
        let created = sample.created;
        let name = |name| self.escaping.label_name(family, name);
        let pairs = self.pairs.of(sample.labels, name);
        wire::message(self.page.bytes(), 4, |bytes| {
            bytes.extend_from_slice(pairs);
            match &sample.value {
                Value::Number { number, exemplar } => {
                    let number = number.as_f64();
                    match family.kind() {
                        Kind::Counter => metric::counter(bytes, number, *exemplar, created),
                        Kind::Unknown => metric::number(bytes, 5, number),
                        _ => metric::number(bytes, 2, number),
                    }
                }
                Value::Histogram(histogram) => {
                    metric::histogram(bytes, family.bounds(), histogram, created);
                }
                Value::Summary(summary) => metric::summary(bytes, summary, created),
            }
        });
        self.page.end_lines(lines(&sample.value));
    }
}

/// As how many lines of text a message counts.
fn lines(value: &Value<'_>) -> u32 {
    match value {
        Value::Number { .. } => 1,
        Value::Histogram(_) | Value::Summary(_) => 8,
    }
}
