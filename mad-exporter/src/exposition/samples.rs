//! Shows the samples of one family.

use mad_metrics::view::{Family, Histogram, LabelText, Number, Sample, Value, Visitor};

/// The name and the value of each label of a sample.
type Labels<'a> = &'a [(&'a str, &'a str)];

/// Shows the samples of one family, which the visitor has been told.
pub(super) struct Samples<'a> {
    visitor: &'a mut dyn Visitor,
    family: &'a Family<'static>,
}

impl<'a> Samples<'a> {
    pub(super) fn new(visitor: &'a mut dyn Visitor, family: &'a Family<'static>) -> Self {
        Self { visitor, family }
    }

    /// Shows a sample that counts, or says yes or no.
    pub(super) fn count(&mut self, labels: Labels<'_>, value: impl Into<u64>) {
        self.number(labels, Number::Integer(value.into()));
    }

    /// Shows a sample that measures.
    pub(super) fn gauge(&mut self, labels: Labels<'_>, value: f64) {
        self.number(labels, Number::Float(value));
    }

    /// Shows a sample that is a number of either kind.
    pub(super) fn number(&mut self, labels: Labels<'_>, number: Number) {
        let labels = text(labels);
        let exemplar = None;
        let sample = Sample::new(labels.labels(), Value::Number { number, exemplar });
        self.visitor.sample(self.family, &sample);
    }

    /// Shows a histogram. `counts` are those of each bucket alone, with one more for what is above
    /// every bound.
    pub(super) fn histogram(&mut self, labels: Labels<'_>, counts: &[u64], sum: f64) {
        let histogram = Histogram {
            counts,
            sum,
            exemplars: &[],
            native: None,
        };
        let labels = text(labels);
        let sample = Sample::new(labels.labels(), Value::Histogram(histogram));
        self.visitor.sample(self.family, &sample);
    }
}

fn text(labels: Labels<'_>) -> LabelText {
    labels.iter().copied().collect()
}
