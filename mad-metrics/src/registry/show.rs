//! Shows what was recorded.

use std::time::Instant;

use super::distribution::Distribution;
use super::family::{AnyMembers, Family};
use super::members::Members;
use super::series::Series;
use super::{Registry, own};
use crate::instrument::{Counter, Gauge, HistogramReading, Watched};
use crate::sync::Arc;
use crate::view::{
    self, Exemplar, Histogram, Labels, Number, Numbers, Quantile, Sample, Summary, Value, Visitor,
};

impl Registry {
    /// Shows all that was recorded, in the order of names and labels.
    pub(crate) fn show(&self, visitor: &mut impl Visitor) {
        let mut scratch = Scratch::default();
        let families = self.families.sorted();
        let own_place = families.partition_point(|family| family.name() < own::PREFIX);
        for family in &families[..own_place] {
            show_family(family, visitor, &mut scratch);
        }
        own::show(self, visitor);
        for family in &families[own_place..] {
            show_family(family, visitor, &mut scratch);
        }
    }
}

/// What is used again for the next series.
#[derive(Default)]
struct Scratch {
    bits: Vec<u64>,
    reading: HistogramReading,
    quantiles: Vec<Quantile>,
    exemplars: Vec<Option<Exemplar>>,
}

fn show_family(family: &Family, visitor: &mut impl Visitor, scratch: &mut Scratch) {
    let renamed_labels = family.renamed_labels();
    let view = family.view(&renamed_labels);
    if !visitor.family(&view) {
        return;
    }
    match &family.members {
        AnyMembers::Counters(members) => show_numbers(&view, members, visitor, scratch),
        AnyMembers::Gauges(members) => show_numbers(&view, members, visitor, scratch),
        AnyMembers::Histograms { members, .. } | AnyMembers::Summaries { members, .. } => {
            show_distributions(&view, members, visitor, scratch);
        }
    }
}

/// How many series are read at once.
///
/// They lie all over the memory. Looked at one after the other, with little in between, the processor waits for
/// many of them at the same time.
const AT_ONCE: usize = 64;

/// A value that is one number.
trait AsNumber: Watched {
    /// Whether it is a count, which began at some time, and not a float.
    const IS_COUNT: bool;

    /// Returns the count, or the bits of the float.
    fn bits(&self) -> u64;
}

impl AsNumber for Counter {
    const IS_COUNT: bool = true;

    #[inline]
    fn bits(&self) -> u64 {
        self.value()
    }
}

impl AsNumber for Gauge {
    const IS_COUNT: bool = false;

    #[inline]
    fn bits(&self) -> u64 {
        self.value().to_bits()
    }
}

fn show_numbers<V: AsNumber>(
    view: &view::Family<'_>,
    members: &Members<V>,
    visitor: &mut impl Visitor,
    scratch: &mut Scratch,
) {
    let listing = members.listed();
    let rows = listing.rows(view.name());
    let created = |place: usize| listing.series()[place].created();
    for (batch, all) in listing.series().chunks(AT_ONCE).enumerate() {
        let first = batch * AT_ONCE;
        scratch.bits.clear();
        scratch
            .bits
            .extend(all.iter().map(|series| series.value().bits()));
        let is_number =
            |series: &Arc<Series<V>>| series.is_shown() && series.exemplars().are_none();
        if !all.iter().all(is_number) {
            for (place, series) in (first..).zip(all).filter(|(_, series)| series.is_shown()) {
                show_number(view, series, rows.row(place).labels(), visitor, scratch);
            }
        } else if V::IS_COUNT {
            let numbers = Numbers::counts(rows, first, &scratch.bits, &created);
            visitor.numbers(view, &numbers);
        } else {
            visitor.numbers(view, &Numbers::floats(rows, first, &scratch.bits));
        }
    }
}

/// Shows a series that may have an exemplar.
fn show_number<V: AsNumber>(
    view: &view::Family<'_>,
    series: &Series<V>,
    labels: Labels<'_>,
    visitor: &mut impl Visitor,
    scratch: &mut Scratch,
) {
    series.exemplars().read(&mut scratch.exemplars);
    let bits = series.value().bits();
    let number = if V::IS_COUNT {
        Number::Integer(bits)
    } else {
        Number::Float(f64::from_bits(bits))
    };
    let exemplar = scratch.exemplars.first().and_then(Option::as_ref);
    let mut sample = Sample::new(labels, Value::Number { number, exemplar });
    sample.created = V::IS_COUNT.then(|| series.created());
    visitor.sample(view, &sample);
}

fn show_distributions(
    view: &view::Family<'_>,
    members: &Members<Distribution>,
    visitor: &mut impl Visitor,
    scratch: &mut Scratch,
) {
    let listing = members.listed();
    let rows = listing.rows(view.name());
    for (batch, all) in listing.series().chunks(AT_ONCE).enumerate() {
        let sum = all.iter().map(|series| series.value().look_ahead()).sum();
        std::hint::black_box::<u64>(sum);
        for (place, series) in (batch * AT_ONCE..).zip(all) {
            if series.is_shown() {
                let labels = rows.row(place).labels();
                show_distribution(view, series, labels, visitor, scratch);
            }
        }
    }
}

fn show_distribution(
    view: &view::Family<'_>,
    series: &Series<Distribution>,
    labels: Labels<'_>,
    visitor: &mut impl Visitor,
    scratch: &mut Scratch,
) {
    let value = match series.value() {
        Distribution::Histogram(histogram) => {
            histogram.read(&mut scratch.reading);
            series.exemplars().read(&mut scratch.exemplars);
            Value::Histogram(Histogram {
                counts: &scratch.reading.counts,
                sum: scratch.reading.sum,
                exemplars: &scratch.exemplars,
                native: scratch.reading.native.as_ref(),
            })
        }
        Distribution::Summary(summary) => {
            let (sum, count) = summary.read(&mut scratch.quantiles, Instant::now());
            let quantiles = &scratch.quantiles;
            Value::Summary(Summary {
                quantiles,
                sum,
                count,
            })
        }
    };
    let mut sample = Sample::new(labels, value);
    sample.created = Some(series.created());
    visitor.sample(view, &sample);
}
