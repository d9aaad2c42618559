//! Which metrics weigh most, as JSON. The shape is versioned and described in `HTTP.md`.

use mad_metrics::MetricWeight;
use serde::Serialize;

/// The heaviest metrics, those with most series first.
#[derive(Debug, Serialize)]
pub(crate) struct Weights {
    version: u32,
    metrics: Vec<Weight>,
}

/// What one metric weighs.
#[derive(Debug, Serialize)]
struct Weight {
    name: String,
    series: usize,
    limit: usize,
    overflowed: u64,
    bytes: usize,
}

pub(crate) fn weights(metrics: Vec<MetricWeight>) -> Weights {
    let metrics = metrics.into_iter().map(|metric| Weight {
        name: metric.name,
        series: metric.series,
        limit: metric.limit,
        overflowed: metric.overflowed,
        bytes: metric.bytes,
    });
    Weights {
        version: 1,
        metrics: metrics.collect(),
    }
}
