//! What a family is in `OpenMetrics`, where a type decides how the samples may be called.

use std::collections::HashSet;

use crate::view::{Family, Kind, Labels, Number, Numbers};

/// What a family is called and what type it has.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Shape {
    /// The name of the family: of the sample `orders_total` it is `orders`.
    pub(super) name: String,
    pub(super) type_name: &'static str,
    /// Every name that a family of this type may give a sample.
    suffixes: &'static [&'static str],
}

impl Shape {
    /// Finds the shape of a family whose samples have this name; none if nothing it may be is left.
    ///
    /// Its samples are called as in every other format: a scraper that changes its mind about formats must not
    /// find other series. So a counter that is not called `_total` is of the type `unknown`, and so is one
    /// whose family would be called like another.
    pub(super) fn find(
        family: &Family<'_>,
        name: &str,
        labels: Labels<'_>,
        taken: &Taken,
    ) -> Option<Self> {
        let shape = |name: &str, type_name, suffixes| Self {
            name: name.to_owned(),
            type_name,
            suffixes,
        };
        let plain = |type_name| Some(shape(name, type_name, &[""]));
        let (wanted, otherwise) = match family.kind() {
            Kind::Counter => {
                let counter = name.strip_suffix("_total");
                let suffixes = &["", "_total", "_created"];
                let counter = counter.map(|name| shape(name, "counter", suffixes));
                (counter, plain("unknown"))
            }
            Kind::Info => {
                let info = name.strip_suffix("_info");
                let info = info.map(|name| shape(name, "info", &["", "_info"]));
                (info, plain("gauge"))
            }
            Kind::StateSet if labels.iter().any(|(label, _)| label == name) => {
                (plain("stateset"), None)
            }
            Kind::StateSet | Kind::Gauge => (plain("gauge"), None),
            Kind::Unknown => (plain("unknown"), None),
            Kind::Histogram => {
                let suffixes = &["", "_bucket", "_count", "_sum", "_created"];
                (Some(shape(name, "histogram", suffixes)), None)
            }
            Kind::Summary => {
                let suffixes = &["", "_count", "_sum", "_created"];
                (Some(shape(name, "summary", suffixes)), None)
            }
        };
        let mut shapes = [wanted, otherwise].into_iter().flatten();
        shapes.find(|shape| taken.are_free(shape))
    }

    pub(super) fn is_counter(&self) -> bool {
        self.type_name == "counter"
    }

    /// Says whether a sample of this type may say when its series began.
    pub(super) fn has_created(&self) -> bool {
        self.suffixes.contains(&"_created")
    }

    /// Says whether a number is none that a sample of this type may have.
    pub(super) fn refuses(&self, number: Number) -> bool {
        let number = number.as_f64();
        match self.type_name {
            "counter" => number.is_nan() || number < 0.0,
            #[expect(clippy::float_cmp, reason = "these are the numbers, and no others")]
            "info" => number != 1.0,
            #[expect(clippy::float_cmp, reason = "these are the numbers, and no others")]
            "stateset" => number != 0.0 && number != 1.0,
            _ => false,
        }
    }

    /// Says whether it refuses none of these.
    pub(super) fn takes_all(&self, numbers: &Numbers<'_>) -> bool {
        match self.type_name {
            "counter" => numbers.are_counts(),
            type_name => matches!(type_name, "gauge" | "unknown"),
        }
    }

    /// Returns the unit of a family, if its name ends with it, as it has to.
    pub(super) fn unit<'a>(&self, family: &Family<'a>) -> Option<&'a str> {
        let has_unit = !matches!(self.type_name, "info" | "stateset");
        let unit = family.unit().filter(|_| has_unit)?;
        let before = self.name.strip_suffix(unit)?;
        before.ends_with('_').then_some(unit)
    }
}

/// The names that families on the page may give their samples.
#[derive(Debug, Default)]
pub(super) struct Taken(HashSet<String>);

impl Taken {
    fn are_free(&self, shape: &Shape) -> bool {
        let mut names = names(shape);
        names.all(|name| !self.0.contains(&name))
    }

    pub(super) fn take(&mut self, shape: &Shape) {
        self.0.extend(names(shape));
    }
}

fn names(shape: &Shape) -> impl Iterator<Item = String> {
    let suffixes = shape.suffixes.iter();
    suffixes.map(|suffix| format!("{}{suffix}", shape.name))
}
