//! One series as a message. The numbers are those of the fields in `io.prometheus.client`.

use std::iter::repeat;
use std::time::{SystemTime, UNIX_EPOCH};

use super::wire::{double, integer, message, signed, text, zigzag};
use crate::view::{Exemplar, Histogram, NativeHistogram, Summary};

/// Appends the pairs of a series' labels, or an exemplar's.
pub(super) fn label(bytes: &mut Vec<u8>, name: &str, value: &str) {
    message(bytes, 1, |pair| {
        text(pair, 1, name);
        text(pair, 2, value);
    });
}

/// Appends a counter.
pub(super) fn counter(
    bytes: &mut Vec<u8>,
    value: f64,
    exemplar: Option<&Exemplar>,
    created: Option<SystemTime>,
) {
    message(bytes, 3, |counter| {
        double(counter, 1, value);
        if let Some(exemplar) = exemplar {
            self::exemplar(counter, 2, exemplar);
        }
        timestamp(counter, 3, created);
    });
}

/// Appends a gauge (field 2) or a number of no known kind (field 5).
pub(super) fn number(bytes: &mut Vec<u8>, field: u32, value: f64) {
    message(bytes, field, |number| double(number, 1, value));
}

pub(super) fn summary(bytes: &mut Vec<u8>, summary: &Summary<'_>, created: Option<SystemTime>) {
    message(bytes, 4, |bytes| {
        integer(bytes, 1, summary.count);
        double(bytes, 2, summary.sum);
        for quantile in summary.quantiles {
            message(bytes, 3, |bytes| {
                double(bytes, 1, quantile.quantile);
                double(bytes, 2, quantile.value);
            });
        }
        timestamp(bytes, 4, created);
    });
}

/// Appends a histogram with its classic buckets, and with its exponential ones if it has them.
pub(super) fn histogram(
    bytes: &mut Vec<u8>,
    bounds: &[f64],
    histogram: &Histogram<'_>,
    created: Option<SystemTime>,
) {
    message(bytes, 7, |bytes| {
        let (count, sum) = match histogram.native {
            Some(native) => (native.count, native.sum),
            None => (histogram.count(), histogram.sum),
        };
        integer(bytes, 1, count);
        double(bytes, 2, sum);
        buckets(bytes, bounds, histogram);
        if let Some(native) = histogram.native {
            exponential(bytes, native);
        }
        timestamp(bytes, 15, created);
    });
}

fn buckets(bytes: &mut Vec<u8>, bounds: &[f64], histogram: &Histogram<'_>) {
    let bounds = bounds.iter().copied().chain([f64::INFINITY]);
    let exemplars = histogram.exemplars.iter().map(Option::as_ref);
    let mut exemplars = exemplars.chain(repeat(None));
    let mut total = 0_u64;
    for (bound, count) in bounds.zip(histogram.counts) {
        total = total.saturating_add(*count);
        message(bytes, 3, |bytes| {
            integer(bytes, 1, total);
            double(bytes, 2, bound);
            if let Some(exemplar) = exemplars.next().flatten() {
                self::exemplar(bytes, 3, exemplar);
            }
        });
    }
}

fn exponential(bytes: &mut Vec<u8>, native: &NativeHistogram) {
    signed(bytes, 5, native.schema.into());
    double(bytes, 6, native.zero_threshold);
    integer(bytes, 7, native.zero_count);
    populated(bytes, 9, &native.negative);
    populated(bytes, 12, &native.positive);
    if native.negative.is_empty() && native.positive.is_empty() {
        // By a span without buckets a reader knows that it is one of these, and has counted nothing yet.
        span(bytes, 12, 0, 0);
    }
}

/// Appends the buckets that are not empty: where they stand (this field), and their counts (the next), each as
/// the difference to the one before.
fn populated(bytes: &mut Vec<u8>, field: u32, buckets: &[(i32, u64)]) {
    // Where the next bucket would stand without a gap.
    let mut next = 0;
    for run in buckets.chunk_by(|(left, _), (right, _)| left + 1 == *right) {
        let [(first, _), ..] = run else { continue };
        span(bytes, field, (first - next).into(), run.len() as u64);
        next = first + i32::try_from(run.len()).unwrap_or(i32::MAX);
    }
    if buckets.is_empty() {
        return;
    }
    message(bytes, field + 1, |bytes| {
        let mut before = 0;
        for (_, count) in buckets {
            zigzag(bytes, count.wrapping_sub(before).cast_signed());
            before = *count;
        }
    });
}

/// Appends a run of buckets: how far it is from the run before, and how long it is.
fn span(bytes: &mut Vec<u8>, field: u32, offset: i64, length: u64) {
    message(bytes, field, |bytes| {
        signed(bytes, 1, offset);
        integer(bytes, 2, length);
    });
}

fn exemplar(bytes: &mut Vec<u8>, field: u32, exemplar: &Exemplar) {
    message(bytes, field, |bytes| {
        for (name, value) in exemplar.labels.labels() {
            label(bytes, name, &value);
        }
        double(bytes, 2, exemplar.value);
        timestamp(bytes, 3, Some(exemplar.time));
    });
}

fn timestamp(bytes: &mut Vec<u8>, field: u32, time: Option<SystemTime>) {
    let Some(time) = time else { return };
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    message(bytes, field, |bytes| {
        integer(bytes, 1, since.as_secs());
        integer(bytes, 2, since.subsec_nanos().into());
    });
}
