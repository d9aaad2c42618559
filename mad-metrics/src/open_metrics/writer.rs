//! Writes families as they are shown.

use super::shape::{Shape, Taken};
use crate::escaping::Escaping;
use crate::page::Page;
use crate::text::escape;
use crate::text::lines::{Extras, Lines, push};
use crate::view::{Family, Numbers, Sample, Value, Visitor};

/// Exemplars; and no sum that goes down, which no counter does.
const EXTRAS: Extras = Extras {
    exemplars: true,
    negative_sums: false,
};

/// Writes what it is shown as a page in `OpenMetrics` 1.0.
///
/// Samples are called as in the other formats. What the format has no place for is left out: a family whose
/// samples could be taken for those of another one on the page, the sum of a histogram that is below zero
/// (and its count, which is the last bucket), a quantile below zero, an exemplar with too many letters.
///
/// ```
/// use mad_metrics::Page;
/// use mad_metrics::open_metrics::OpenMetricsWriter;
/// use mad_metrics::view::{Family, Kind, Labels, Sample, Visitor};
///
/// let mut page = Page::new();
/// let mut writer = OpenMetricsWriter::new(&mut page);
/// let sent = Family::new("sent_bytes_total", Kind::Counter).with_unit(Some("bytes"));
/// writer.family(&sent);
/// writer.sample(&sent, &Sample::count(Labels::NONE, 17));
/// writer.finish();
/// assert_eq!(
///     String::from_utf8(page.into_bytes())?,
///     "# TYPE sent_bytes counter\n# UNIT sent_bytes bytes\nsent_bytes_total 17\n# EOF\n",
/// );
/// # Ok::<(), std::string::FromUtf8Error>(())
/// ```
#[derive(Debug)]
#[must_use = "a page without its end is none: call `finish`"]
pub struct OpenMetricsWriter<'p> {
    page: &'p mut Page,
    escaping: Escaping,
    writes_created: bool,
    taken: Taken,
    lines: Lines,
    is_announced: bool,
    /// Of the family at hand, when it is announced; none if there is no place for it on this page.
    shape: Option<Shape>,
}

impl<'p> OpenMetricsWriter<'p> {
    /// Makes a writer that appends to a page.
    pub fn new(page: &'p mut Page) -> Self {
        Self {
            page,
            escaping: Escaping::default(),
            writes_created: false,
            taken: Taken::default(),
            lines: Lines::default(),
            is_announced: false,
            shape: None,
        }
    }

    /// Sets how names are shown.
    pub const fn with_escaping(mut self, escaping: Escaping) -> Self {
        self.escaping = escaping;
        self
    }

    /// Writes when each series began, as a sample `_created`.
    ///
    /// Prometheus before version 3 stores it as one more series for each.
    pub const fn with_created(mut self) -> Self {
        self.writes_created = true;
        self
    }

    /// Ends the page.
    pub fn finish(self) {
        self.page.push_str("# EOF\n");
    }

    /// Finds a place for the family of this sample, its first, and writes its metadata.
    fn announce(&mut self, family: &Family<'_>, sample: &Sample<'_>) {
        self.is_announced = true;
        self.shape = Shape::find(family, self.lines.name(), sample.labels, &self.taken);
        let Some(shape) = &self.shape else { return };
        self.taken.take(shape);
        let name = self.lines.in_metadata(&shape.name);
        let page = self.page.text();
        let mut line = |keyword, text: &str| {
            for part in ["# ", keyword, " ", &name, " ", text, "\n"] {
                push(page, part);
            }
        };
        line("TYPE", shape.type_name);
        if let Some(unit) = shape.unit(family) {
            line("UNIT", unit);
        }
        if !family.help().is_empty() {
            line("HELP", &escape::quoted(family.help()));
        }
    }
}

impl Visitor for OpenMetricsWriter<'_> {
    fn family(&mut self, family: &Family<'_>) -> bool {
        self.is_announced = false;
        self.lines = Lines::of(family, self.escaping);
        true
    }

    fn sample(&mut self, family: &Family<'_>, sample: &Sample<'_>) {
        if !self.is_announced {
            self.announce(family, sample);
        }
        let Some(shape) = &self.shape else { return };
        let page = self.page.text();
        let labels = self.lines.labels(family, sample.labels);
        let mut lines = match &sample.value {
            Value::Number { number, .. } if shape.refuses(*number) => return,
            Value::Number { number, exemplar } => {
                let exemplar = exemplar.filter(|_| shape.is_counter());
                self.lines.number(page, &labels, *number, exemplar)
            }
            Value::Histogram(histogram) => self
                .lines
                .histogram(page, family, &labels, histogram, EXTRAS),
            Value::Summary(summary) => self.lines.summary(page, &labels, summary, EXTRAS),
        };
        if let Some(created) = sample
            .created
            .filter(|_| self.writes_created && shape.has_created())
        {
            self.lines.created(page, &shape.name, &labels, created);
            lines += 1;
        }
        self.page.end_lines(lines);
    }

    fn numbers(&mut self, family: &Family<'_>, numbers: &Numbers<'_>) {
        if let Some(first) = numbers.iter().next().filter(|_| !self.is_announced) {
            self.announce(family, &first);
        }
        let Some(shape) = &self.shape else { return };
        let are_lines = !self.writes_created && shape.takes_all(numbers);
        if !are_lines || !self.lines.numbers(self.page, family, numbers) {
            for sample in numbers.iter() {
                self.sample(family, &sample);
            }
        }
    }
}
