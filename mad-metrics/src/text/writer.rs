//! Writes families as they are shown.

use super::escape;
use super::lines::{Extras, Lines, push};
use crate::escaping::Escaping;
use crate::page::Page;
use crate::view::{Family, Kind, Numbers, Sample, Value, Visitor};

/// Nothing but numbers, and all of them.
const EXTRAS: Extras = Extras {
    exemplars: false,
    negative_sums: true,
};

/// Writes what it is shown as a page in the text format 0.0.4, or 1.0.0 where names may be of any kind
/// ([`Escaping::AllowUtf8`]).
///
/// A family without samples leaves no trace. The page ends in a line feed, or is empty.
#[derive(Debug)]
pub struct TextWriter<'p> {
    page: &'p mut Page,
    escaping: Escaping,
    is_announced: bool,
    lines: Lines,
}

impl<'p> TextWriter<'p> {
    /// Makes a writer that appends to a page.
    pub fn new(page: &'p mut Page) -> Self {
        Self {
            page,
            escaping: Escaping::default(),
            is_announced: false,
            lines: Lines::default(),
        }
    }

    /// Sets how names are shown.
    #[must_use]
    pub fn with_escaping(mut self, escaping: Escaping) -> Self {
        self.escaping = escaping;
        self
    }

    /// Writes HELP and TYPE, before the first sample.
    fn announce(&mut self, family: &Family<'_>) {
        self.is_announced = true;
        let name = self.lines.in_metadata(self.lines.name());
        let page = self.page.text();
        if !family.help().is_empty() {
            push(page, "# HELP ");
            push(page, &name);
            push(page, " ");
            push(page, &escape::help(family.help()));
            push(page, "\n");
        }
        push(page, "# TYPE ");
        push(page, &name);
        push(
            page,
            match family.kind() {
                Kind::Counter => " counter\n",
                Kind::Gauge | Kind::Info | Kind::StateSet => " gauge\n",
                Kind::Histogram => " histogram\n",
                Kind::Summary => " summary\n",
                Kind::Unknown => " untyped\n",
            },
        );
    }
}

impl Visitor for TextWriter<'_> {
    fn family(&mut self, family: &Family<'_>) -> bool {
        self.is_announced = false;
        self.lines = Lines::of(family, self.escaping);
        true
    }

    fn sample(&mut self, family: &Family<'_>, sample: &Sample<'_>) {
        if !self.is_announced {
            self.announce(family);
        }
        let page = self.page.text();
        let labels = self.lines.labels(family, sample.labels);
        let lines = match &sample.value {
            Value::Number { number, .. } => self.lines.number(page, &labels, *number, None),
            Value::Histogram(histogram) => self
                .lines
                .histogram(page, family, &labels, histogram, EXTRAS),
            Value::Summary(summary) => self.lines.summary(page, &labels, summary, EXTRAS),
        };
        self.page.end_lines(lines);
    }

    fn numbers(&mut self, family: &Family<'_>, numbers: &Numbers<'_>) {
        if !self.is_announced {
            self.announce(family);
        }
        if !self.lines.numbers(self.page, family, numbers) {
            for sample in numbers.iter() {
                self.sample(family, &sample);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{Histogram, LabelText, Labels, Quantile, Summary};

    fn page(write: impl FnOnce(&mut TextWriter<'_>)) -> String {
        let mut page = Page::new();
        write(&mut TextWriter::new(&mut page));
        String::from_utf8(page.into_bytes()).expect("it is text")
    }

    #[test]
    fn a_family_is_announced_once_and_only_with_samples() {
        let size = Family::new("size_bytes", Kind::Gauge).with_help("A \\,\na \"quote\".");
        let alone = page(|writer| assert!(writer.family(&size)));
        assert_eq!(alone, "");
        let two = page(|writer| {
            writer.family(&size);
            writer.sample(&size, &Sample::count(Labels::NONE, 1));
            let labels = LabelText::from_iter([("a", "x"), ("b", "y")]);
            writer.sample(&size, &Sample::gauge(labels.labels(), 0.5));
        });
        assert_eq!(
            two,
            "# HELP size_bytes A \\\\,\\na \"quote\".\n# TYPE size_bytes gauge\n\
             size_bytes 1\nsize_bytes{a=\"x\",b=\"y\"} 0.5\n"
        );
    }

    #[test]
    fn buckets_are_cumulative_and_end_with_the_count() {
        let size = Family::new("size", Kind::Histogram).with_bounds(&[0.5, 1.0]);
        let labels = LabelText::from_iter([("check", "db")]);
        let histogram = Histogram {
            counts: &[2, 0, 1],
            sum: 3.25,
            exemplars: &[],
            native: None,
        };
        let page = page(|writer| {
            writer.family(&size);
            let value = Value::Histogram(histogram);
            writer.sample(&size, &Sample::new(labels.labels(), value));
        });
        assert_eq!(
            page,
            "# TYPE size histogram\n\
             size_bucket{check=\"db\",le=\"0.5\"} 2\n\
             size_bucket{check=\"db\",le=\"1.0\"} 2\n\
             size_bucket{check=\"db\",le=\"+Inf\"} 3\n\
             size_sum{check=\"db\"} 3.25\n\
             size_count{check=\"db\"} 3\n"
        );
    }

    #[test]
    fn quantiles_are_labels() {
        let wait = Family::new("wait", Kind::Summary);
        let (quantile, value) = (0.5, f64::NAN);
        let summary = Summary {
            quantiles: &[Quantile { quantile, value }],
            sum: 0.0,
            count: 0,
        };
        let page = page(|writer| {
            writer.family(&wait);
            writer.sample(&wait, &Sample::new(Labels::NONE, Value::Summary(summary)));
        });
        let expected =
            "# TYPE wait summary\nwait{quantile=\"0.5\"} NaN\nwait_sum 0\nwait_count 0\n";
        assert_eq!(page, expected);
    }
}
