//! The lines of samples, which are the same in all text formats.

use std::borrow::Cow;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{escape, number, short_lines};
use crate::escaping::{Escaping, is_plain_metric_name};
use crate::page::Page;
use crate::view::{Exemplar, Family, Histogram, Labels, Number, Numbers, Summary};

/// How long an exemplar's names and values may be, in letters: what OpenMetrics allows.
const MAX_EXEMPLAR: usize = 128;

/// What the lines of a family have in common.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// The name, escaped if it stands between quotes.
    name: String,
    is_quoted: bool,
    /// The start of the line of a number with labels: `name{`, or `{"name",`.
    start: String,
    escaping: Escaping,
    changes_labels: bool,
    has_negative_bounds: bool,
    /// The label of each bucket, which ends the line up to its value: `le="0.5"} `. Nothing before the first histogram.
    buckets: Vec<String>,
    /// The start of the lines of a histogram's buckets: `name_bucket{method="GET",`; of the last one.
    bucket_start: String,
}

/// What a text format has of a sample beside its numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extras {
    pub(crate) exemplars: bool,
    /// Whether the sum of observations below zero is written, and the count with it.
    pub(crate) negative_sums: bool,
}

impl Lines {
    pub(crate) fn of(family: &Family<'_>, escaping: Escaping) -> Self {
        let name = escaping.family_name(family);
        let is_quoted = escaping == Escaping::AllowUtf8 && !is_plain_metric_name(&name);
        let name = if is_quoted {
            escape::quoted(&name).into_owned()
        } else {
            name.into_owned()
        };
        let start = if is_quoted {
            ["{\"", &name, "\","].concat()
        } else {
            [&name, "{"].concat()
        };
        Self {
            name,
            is_quoted,
            start,
            escaping,
            changes_labels: escaping.changes_labels(family),
            has_negative_bounds: family.bounds().first().is_some_and(|bound| *bound < 0.0),
            buckets: Vec::new(),
            bucket_start: String::new(),
        }
    }

    /// Returns the name as it stands in the lines, without quotes.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns a name, which is this one or a part of it, as it stands after `# TYPE`.
    pub(crate) fn in_metadata<'n>(&self, name: &'n str) -> Cow<'n, str> {
        if self.is_quoted {
            Cow::Owned(format!("\"{name}\""))
        } else {
            Cow::Borrowed(name)
        }
    }

    /// Returns the labels as they stand between the braces.
    pub(crate) fn labels<'a>(&self, family: &Family<'_>, labels: Labels<'a>) -> Cow<'a, str> {
        if self.changes_labels {
            self.escaping.labels(family, labels)
        } else {
            Cow::Borrowed(labels.as_str())
        }
    }

    /// Appends the lines of many numbers, and says whether it has: they may be long, or their names and labels have to
    /// be written in another way than they were recorded.
    pub(crate) fn numbers(
        &self,
        page: &mut Page,
        family: &Family<'_>,
        numbers: &Numbers<'_>,
    ) -> bool {
        if self.is_quoted || self.changes_labels || self.name != family.name() {
            return false;
        }
        if !short_lines::append(page.text(), numbers) {
            return false;
        }
        page.end_lines(u32::try_from(numbers.len()).unwrap_or(u32::MAX));
        true
    }

    /// Appends the line of a number, and returns how many lines that is.
    pub(crate) fn number(
        &self,
        page: &mut String,
        labels: &str,
        number: Number,
        exemplar: Option<&Exemplar>,
    ) -> u32 {
        // Most lines of most pages are this one.
        if labels.is_empty() {
            self.begin(page, "", labels, "");
        } else {
            push(page, &self.start);
            push(page, labels);
            push(page, "} ");
        }
        number::append(page, number);
        end(page, exemplar);
        1
    }

    /// Appends the lines of a histogram, and returns how many lines that is.
    pub(crate) fn histogram(
        &mut self,
        page: &mut String,
        family: &Family<'_>,
        labels: &str,
        histogram: &Histogram<'_>,
        extras: Extras,
    ) -> u32 {
        let exemplars = histogram.exemplars.iter().map(Option::as_ref);
        let exemplars = exemplars.map(|exemplar| exemplar.filter(|_| extras.exemplars));
        let mut exemplars = exemplars.chain(std::iter::repeat(None));
        let mut total = 0_u64;
        let mut lines = 2;
        if self.buckets.is_empty() {
            let bounds = family.bounds().iter().copied().chain([f64::INFINITY]);
            self.buckets = bounds.map(bucket).collect();
        }
        self.begin_buckets(labels);
        for (count, bucket) in histogram.counts.iter().zip(&self.buckets) {
            total = total.saturating_add(*count);
            push(page, &self.bucket_start);
            push(page, bucket);
            number::append_integer(page, total);
            end(page, exemplars.next().flatten());
            lines += 1;
        }
        let has_negative = self.has_negative_bounds || histogram.sum < 0.0;
        if extras.negative_sums || !has_negative {
            self.sum_and_count(page, labels, histogram.sum, total);
        }
        lines
    }

    /// Appends the lines of a summary, and returns how many lines that is.
    pub(crate) fn summary(
        &self,
        page: &mut String,
        labels: &str,
        summary: &Summary<'_>,
        extras: Extras,
    ) -> u32 {
        let mut lines = 2;
        for quantile in summary.quantiles {
            if quantile.value < 0.0 && !extras.negative_sums {
                continue;
            }
            let label = format!("quantile=\"{}\"", number::canonical(quantile.quantile));
            self.begin(page, "", labels, &label);
            number::append_float(page, quantile.value);
            end(page, None);
            lines += 1;
        }
        if extras.negative_sums || summary.sum >= 0.0 {
            self.sum_and_count(page, labels, summary.sum, summary.count);
        }
        lines
    }

    /// Appends the line that says when a series of the family of this name began.
    pub(crate) fn created(&self, page: &mut String, name: &str, labels: &str, created: SystemTime) {
        self.begin_as(page, name, "_created", labels, "");
        append_time(page, created);
        page.push('\n');
    }

    fn sum_and_count(&self, page: &mut String, labels: &str, sum: f64, count: u64) {
        self.begin(page, "_sum", labels, "");
        number::append_float(page, sum);
        end(page, None);
        self.begin(page, "_count", labels, "");
        number::append_integer(page, count);
        end(page, None);
    }

    /// Writes down what the lines of all buckets begin with.
    fn begin_buckets(&mut self, labels: &str) {
        let start = &mut self.bucket_start;
        start.clear();
        let (before, after) = if self.is_quoted {
            ("{\"", "_bucket\",")
        } else {
            ("", "_bucket{")
        };
        for part in [before, &self.name, after, labels] {
            push(start, part);
        }
        if !labels.is_empty() {
            push(start, ",");
        }
    }

    /// Appends a line up to its value.
    fn begin(&self, page: &mut String, suffix: &str, labels: &str, last_label: &str) {
        self.begin_as(page, &self.name, suffix, labels, last_label);
    }

    /// Does so with another name.
    fn begin_as(
        &self,
        page: &mut String,
        name: &str,
        suffix: &str,
        labels: &str,
        last_label: &str,
    ) {
        let mut before = if self.is_quoted { "," } else { "{" };
        if self.is_quoted {
            push(page, "{\"");
        }
        push(page, name);
        push(page, suffix);
        if self.is_quoted {
            push(page, "\"");
        }
        for label in [labels, last_label] {
            if !label.is_empty() {
                push(page, before);
                push(page, label);
                before = ",";
            }
        }
        push(page, if before == "{" { " " } else { "} " });
    }
}

/// Ends a line after its value.
fn end(page: &mut String, exemplar: Option<&Exemplar>) {
    if let Some(exemplar) = exemplar.filter(|exemplar| is_short(exemplar)) {
        push(page, " # {");
        push(page, exemplar.labels.labels().as_str());
        push(page, "} ");
        number::append_float(page, exemplar.value);
        push(page, " ");
        append_time(page, exemplar.time);
    }
    page.push('\n');
}

fn is_short(exemplar: &Exemplar) -> bool {
    let labels = exemplar.labels.labels().iter();
    let letters = labels.map(|(name, value)| name.chars().count() + value.chars().count());
    letters.sum::<usize>() <= MAX_EXEMPLAR
}

/// Appends a time in seconds, with milliseconds.
fn append_time(page: &mut String, time: SystemTime) {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let text = format!("{}.{:03}", since.as_secs(), since.subsec_millis());
    push(page, &text);
}

fn bucket(bound: f64) -> String {
    ["le=\"", &number::canonical(bound), "\"} "].concat()
}

pub(crate) fn push(page: &mut String, text: &str) {
    page.push_str(text);
}
