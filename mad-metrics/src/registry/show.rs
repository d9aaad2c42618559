//! Shows what was recorded.

use std::time::Instant;

use super::distribution::Distribution;
use super::family::{AnyMembers, Family};
use super::members::Members;
use super::series::Series;
use super::{Registry, own};
use crate::instrument::HistogramReading;
use crate::view::{self, Exemplar, Histogram, Number, Quantile, Sample, Summary, Value, Visitor};

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
        AnyMembers::Counters(members) => show_members(members, |series| {
            series.exemplars().read(&mut scratch.exemplars);
            let value = Value::Number {
                number: Number::Integer(series.value().value()),
                exemplar: scratch.exemplars.first().and_then(Option::as_ref),
            };
            let sample = Sample::new(series.labels(), value);
            visitor.sample(&view, &with_age(sample, series));
        }),
        AnyMembers::Gauges(members) => show_members(members, |series| {
            let value = series.value().value();
            visitor.sample(&view, &Sample::gauge(series.labels(), value));
        }),
        AnyMembers::Histograms { members, .. } | AnyMembers::Summaries { members, .. } => {
            show_members(members, |series| {
                show_distribution(&view, series, visitor, scratch);
            });
        }
    }
}

/// How many series are fetched at once.
const AHEAD: usize = 32;

fn show_members<V>(members: &Members<V>, mut show: impl FnMut(&Series<V>)) {
    let listed = members.listed();
    for batch in listed.chunks(AHEAD) {
        // Many series lie all over the memory. Looked at one after the other, with nothing in between,
        // the processor waits for all of them at the same time.
        let sum = batch.iter().map(|series| series.look_ahead()).sum();
        std::hint::black_box::<usize>(sum);
        for series in batch {
            if series.is_shown() {
                show(series);
            }
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
    let sample = Sample::new(series.labels(), value);
    visitor.sample(view, &with_age(sample, series));
}

fn with_age<'a, V>(mut sample: Sample<'a>, series: &Series<V>) -> Sample<'a> {
    sample.created = Some(series.created());
    sample
}
