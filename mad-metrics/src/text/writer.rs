//! Writes families as they are shown.

use super::{escape, number};
use crate::view::{Family, Histogram, Kind, Number, Sample, Summary, Value, Visitor};

/// Writes what it is shown as a page in the text format 0.0.4.
///
/// A family without samples leaves no trace. The page ends in a line feed, or is empty.
#[derive(Debug)]
pub struct TextWriter<'p> {
    page: &'p mut String,
    /// What the lines of the family at hand begin with.
    head: Head,
}

impl<'p> TextWriter<'p> {
    /// Makes a writer that appends to a page.
    pub fn new(page: &'p mut String) -> Self {
        let head = Head::default();
        Self { page, head }
    }

    /// Writes HELP and TYPE, before the first sample.
    fn announce(&mut self, family: &Family<'_>) {
        self.head.is_announced = true;
        let name = family.name();
        if !family.help().is_empty() {
            self.page.push_str("# HELP ");
            self.page.push_str(name);
            self.page.push(' ');
            escape::append_help(self.page, family.help());
            self.page.push('\n');
        }
        self.page.push_str("# TYPE ");
        self.page.push_str(name);
        self.page.push_str(match family.kind() {
            Kind::Counter => " counter\n",
            Kind::Gauge | Kind::Info | Kind::StateSet => " gauge\n",
            Kind::Histogram => " histogram\n",
            Kind::Summary => " summary\n",
            Kind::Unknown => " untyped\n",
        });
    }

    fn number(&mut self, name: &str, labels: &str, number: Number) {
        self.begin(name, "", labels);
        number::append(self.page, number);
        self.page.push('\n');
    }

    /// Writes a line up to its value.
    fn begin(&mut self, name: &str, suffix: &str, labels: &str) {
        self.page.push_str(name);
        self.page.push_str(suffix);
        if labels.is_empty() {
            self.page.push(' ');
        } else {
            self.page.push('{');
            self.page.push_str(labels);
            self.page.push_str("} ");
        }
    }

    fn histogram(&mut self, name: &str, labels: &str, histogram: &Histogram<'_>) {
        let mut total = 0;
        for (count, bucket) in histogram.counts.iter().zip(&self.head.buckets) {
            total += count;
            self.page.push_str(name);
            self.page.push_str("_bucket{");
            if !labels.is_empty() {
                self.page.push_str(labels);
                self.page.push(',');
            }
            self.page.push_str(bucket);
            number::append_integer(self.page, total);
            self.page.push('\n');
        }
        self.sum_and_count(name, labels, histogram.sum, total);
    }

    fn summary(&mut self, name: &str, labels: &str, summary: &Summary<'_>) {
        for quantile in summary.quantiles {
            self.page.push_str(name);
            self.page.push('{');
            if !labels.is_empty() {
                self.page.push_str(labels);
                self.page.push(',');
            }
            self.page.push_str("quantile=\"");
            number::append_float(self.page, quantile.quantile);
            self.page.push_str("\"} ");
            number::append_float(self.page, quantile.value);
            self.page.push('\n');
        }
        self.sum_and_count(name, labels, summary.sum, summary.count);
    }

    fn sum_and_count(&mut self, name: &str, labels: &str, sum: f64, count: u64) {
        self.begin(name, "_sum", labels);
        number::append_float(self.page, sum);
        self.page.push('\n');
        self.begin(name, "_count", labels);
        number::append_integer(self.page, count);
        self.page.push('\n');
    }
}

impl Visitor for TextWriter<'_> {
    fn family(&mut self, family: &Family<'_>) -> bool {
        self.head = Head::of(family);
        true
    }

    fn sample(&mut self, family: &Family<'_>, sample: &Sample<'_>) {
        if !self.head.is_announced {
            self.announce(family);
        }
        let (name, labels) = (family.name(), sample.labels.as_str());
        match &sample.value {
            Value::Number { number, .. } => self.number(name, labels, *number),
            Value::Histogram(histogram) => self.histogram(name, labels, histogram),
            Value::Summary(summary) => self.summary(name, labels, summary),
        }
    }
}

/// What is the same in all lines of a family.
#[derive(Debug, Default)]
struct Head {
    is_announced: bool,
    /// The end of the line of each bucket: `le="0.5"} `.
    buckets: Vec<String>,
}

impl Head {
    fn of(family: &Family<'_>) -> Self {
        let bounds = family.bounds().iter().copied().chain([f64::INFINITY]);
        let bucket = |bound| {
            let mut end = "le=\"".to_owned();
            number::append_bound(&mut end, bound);
            end.push_str("\"} ");
            end
        };
        let is_histogram = family.kind() == Kind::Histogram;
        let buckets = bounds.filter(|_| is_histogram).map(bucket).collect();
        Self {
            is_announced: false,
            buckets,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{LabelText, Labels, Quantile};

    fn page(write: impl FnOnce(&mut TextWriter<'_>)) -> String {
        let mut page = String::new();
        write(&mut TextWriter::new(&mut page));
        page
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
