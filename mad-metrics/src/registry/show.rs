//! Shows what was recorded.

use std::time::Instant;

use super::distribution::Distribution;
use super::family::{AnyMembers, Family};
use super::members::Members;
use super::series::Series;
use super::{Registry, own};
use crate::instrument::{Counter, Gauge, HistogramReading, Place, Places, Watched};
use crate::sync::Arc;
use crate::view::{
    self, Exemplar, Histogram, Identity, Number, Numbers, Quantile, STRIDE, Sample, Summary, Value,
    Visitor,
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
    are_numbers: Vec<bool>,
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

/// How many series are read at once that have no places side by side.
///
/// They lie all over the memory. Looked at one after the other, with little in between, the processor waits for
/// many of them at the same time.
const AT_ONCE: usize = 64 * STRIDE;

/// A value that is one number.
trait AsNumber: Watched {
    /// Whether it is a count, which began at some time, and not a float.
    const IS_COUNT: bool;

    /// Returns the count, or the bits of the float.
    fn bits(&self) -> u64;

    /// Returns where it is, if that is beside others, and all there is to know unless it stands out there.
    fn place(&self) -> Option<&Place> {
        None
    }
}

impl AsNumber for Counter {
    const IS_COUNT: bool = true;

    #[inline]
    fn bits(&self) -> u64 {
        self.value()
    }

    fn place(&self) -> Option<&Place> {
        Some(self.place())
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
    let places = listing.places(V::place);
    let at_once = if places.is_some() { STRIDE } else { AT_ONCE };
    let mut strides = 0..;
    for (many, n_before) in listing.series().chunks(at_once).zip((0..).step_by(at_once)) {
        match places {
            Some(places) => scratch.read_places(many, places, n_before),
            None => scratch.read(many),
        }
        let strides = many.chunks(STRIDE).zip(&mut strides);
        let read = scratch.bits.chunks(STRIDE).zip(&scratch.are_numbers);
        for ((some, stride), (bits, are_numbers)) in strides.zip(read) {
            if *are_numbers {
                let identity = |place: usize| identity(&some[place]);
                let numbers = Numbers::new(rows, stride, bits, V::IS_COUNT, &identity);
                visitor.numbers(view, &numbers);
            } else {
                for series in some.iter().filter(|series| series.is_shown()) {
                    show_number(view, series, visitor, &mut scratch.exemplars);
                }
            }
        }
    }
}

impl Scratch {
    /// Reads many series that should be one number each, and notes of which strides of them that is all that there is
    /// to show.
    fn read<V: AsNumber>(&mut self, many: &[Arc<Series<V>>]) {
        self.bits.clear();
        self.are_numbers.clear();
        for some in many.chunks(STRIDE) {
            let mut are_numbers = true;
            self.bits.extend(some.iter().map(|series| {
                are_numbers &= is_number(series);
                series.value().bits()
            }));
            self.are_numbers.push(are_numbers);
        }
    }

    /// Does so with a stride of series that have places, of which so many are before them, and looks only at those
    /// that stand out.
    fn read_places<V: AsNumber>(
        &mut self,
        some: &[Arc<Series<V>>],
        places: &Places,
        n_before: usize,
    ) {
        self.bits.clear();
        self.are_numbers.clear();
        let mut are_numbers = true;
        if places.read(n_before, some.len(), &mut self.bits) {
            for (at, (series, bits)) in some.iter().zip(&mut self.bits).enumerate() {
                if places.stands_out(n_before + at) {
                    are_numbers &= is_number(series);
                    *bits = series.value().bits();
                }
            }
        }
        self.are_numbers.push(are_numbers);
    }
}

/// Says whether a number is all that there is to show of a series.
fn is_number<V: Watched>(series: &Series<V>) -> bool {
    series.is_shown() && series.exemplars().are_none()
}

fn identity<V: AsNumber>(series: &Series<V>) -> Identity<'_> {
    Identity {
        labels: series.labels(),
        created: V::IS_COUNT.then(|| series.created()),
    }
}

/// Shows a series that may have an exemplar.
fn show_number<V: AsNumber>(
    view: &view::Family<'_>,
    series: &Series<V>,
    visitor: &mut impl Visitor,
    exemplars: &mut Vec<Option<Exemplar>>,
) {
    series.exemplars().read(exemplars);
    let bits = series.value().bits();
    let number = if V::IS_COUNT {
        Number::Integer(bits)
    } else {
        Number::Float(f64::from_bits(bits))
    };
    let exemplar = exemplars.first().and_then(Option::as_ref);
    let Identity { labels, created } = identity(series);
    let mut sample = Sample::new(labels, Value::Number { number, exemplar });
    sample.created = created;
    visitor.sample(view, &sample);
}

fn show_distributions(
    view: &view::Family<'_>,
    members: &Members<Distribution>,
    visitor: &mut impl Visitor,
    scratch: &mut Scratch,
) {
    let listing = members.listed();
    for some in listing.series().chunks(STRIDE) {
        // As with numbers: all of them are waited for at the same time.
        let sum = some.iter().map(|series| series.value().look_ahead()).sum();
        std::hint::black_box::<u64>(sum);
        for series in some.iter().filter(|series| series.is_shown()) {
            show_distribution(view, series, visitor, scratch);
        }
    }
}

fn show_distribution(
    view: &view::Family<'_>,
    series: &Series<Distribution>,
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
    let mut sample = Sample::new(series.labels(), value);
    sample.created = Some(series.created());
    visitor.sample(view, &sample);
}
