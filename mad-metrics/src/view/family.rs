//! What all series of one name have in common.

/// What a family measures; decides what a [`Value`](super::Value) of it is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// Grows, and starts anew with the process.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts observations in buckets.
    Histogram,
    /// Quantiles of the last observations.
    Summary,
    /// Always 1; what it says is in its labels. A gauge where a format does not know it.
    Info,
    /// One series for each state, 1 for those that hold. A gauge where a format does not know it.
    StateSet,
    /// Nobody knows.
    Unknown,
}

/// A label that is shown under another name than the program's, as that is not legal everywhere.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RenamedLabel {
    /// The name that the labels of the family's series have.
    pub name: Box<str>,
    /// The name that the program gave it.
    pub original: Box<str>,
}

/// What all series of one name have in common.
#[derive(Clone, Copy, Debug)]
pub struct Family<'a> {
    name: &'a str,
    original_name: &'a str,
    kind: Kind,
    help: &'a str,
    unit: Option<&'a str>,
    bounds: &'a [f64],
    renamed_labels: &'a [RenamedLabel],
}

impl<'a> Family<'a> {
    /// Makes a family without a help text.
    ///
    /// The name is the caller's to get right: letters, digits, `_` and `:`, and no digit first.
    pub const fn new(name: &'a str, kind: Kind) -> Self {
        Self {
            name,
            original_name: name,
            kind,
            help: "",
            unit: None,
            bounds: &[],
            renamed_labels: &[],
        }
    }

    /// Sets the help text; an empty one is none.
    #[must_use]
    pub const fn with_help(mut self, help: &'a str) -> Self {
        self.help = help;
        self
    }

    /// Sets the unit, as a word in the plural: `seconds`.
    #[must_use]
    pub const fn with_unit(mut self, unit: Option<&'a str>) -> Self {
        self.unit = unit;
        self
    }

    /// Sets the upper bounds of a histogram's buckets, in rising order and without the last, infinity.
    #[must_use]
    pub const fn with_bounds(mut self, bounds: &'a [f64]) -> Self {
        self.bounds = bounds;
        self
    }

    /// Sets what the program calls it, and its labels, where that differs.
    #[must_use]
    pub const fn with_originals(mut self, name: &'a str, labels: &'a [RenamedLabel]) -> Self {
        self.original_name = name;
        self.renamed_labels = labels;
        self
    }

    /// Returns the name, which is legal in every format.
    ///
    /// It is the program's, with what is not legal replaced: the name of a counter need not end in
    /// `_total`, and no unit was added.
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// Returns the name that the program gave it, for formats that can write any.
    pub const fn original_name(&self) -> &'a str {
        self.original_name
    }

    /// Returns what it measures.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the help text, which is empty if nobody described the metric. It is not escaped.
    pub const fn help(&self) -> &'a str {
        self.help
    }

    /// Returns the unit that the metric was described with, as a word: `seconds`.
    ///
    /// The name need not end with it.
    pub const fn unit(&self) -> Option<&'a str> {
        self.unit
    }

    /// Returns the upper bounds of a histogram's buckets, in rising order and without the last, infinity.
    pub const fn bounds(&self) -> &'a [f64] {
        self.bounds
    }

    /// Returns what the program calls a label of one of its series.
    pub fn original_label<'l>(&self, name: &'l str) -> &'l str
    where
        'a: 'l,
    {
        let renamed = self.renamed_labels.iter();
        let mut renamed = renamed.filter(|label| &*label.name == name);
        renamed.next().map_or(name, |label| &label.original)
    }

    /// Says whether a label of this family may have another name in a format that can write any.
    pub const fn has_renamed_labels(&self) -> bool {
        !self.renamed_labels.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{Family, Kind, RenamedLabel};

    #[test]
    fn a_label_has_the_name_that_the_program_gave_it() {
        let renamed = [RenamedLabel {
            name: "http_method".into(),
            original: "http.method".into(),
        }];
        let family = Family::new("a", Kind::Gauge).with_originals("a", &renamed);
        assert_eq!(family.original_label("http_method"), "http.method");
        assert_eq!(family.original_label("code"), "code");
    }
}
