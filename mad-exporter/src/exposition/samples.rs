//! Shows the samples of one family.

use mad_metrics::view::{Family, Histogram, LabelText, Number, Sample, Value, Visitor};

/// The name and the value of each label of a sample.
type Labels<'a> = &'a [(&'a str, &'a str)];

/// Shows the samples of one family, which the visitor has been told.
pub(super) struct Samples<'a> {
    visitor: &'a mut dyn Visitor,
    family: &'a Family<'static>,
    /// Those of the sample at hand.
    labels: LabelText,
}

impl<'a> Samples<'a> {
    pub(super) fn new(visitor: &'a mut dyn Visitor, family: &'a Family<'static>) -> Self {
        Self {
            visitor,
            family,
            labels: LabelText::default(),
        }
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
        let exemplar = None;
        self.sample(labels, Value::Number { number, exemplar });
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
        self.sample(labels, Value::Histogram(histogram));
    }

    fn sample(&mut self, labels: Labels<'_>, value: Value<'_>) {
        self.labels.clear();
        for (name, text) in labels {
            self.labels.push(name, text);
        }
        let sample = Sample::new(self.labels.labels(), value);
        self.visitor.sample(self.family, &sample);
    }
}
