//! foundations: functions with labels as arguments, which give a handle.

use foundations::telemetry::metrics::{Counter, HistogramBuilder, TimeHistogram, collect, metrics};
use foundations::telemetry::settings::MetricsSettings;

use crate::peer::{self, route};

#[metrics]
mod bench {
    /// Requests.
    pub fn requests_total(method: &'static str, route: String) -> Counter;

    /// Wait.
    #[ctor = HistogramBuilder { buckets: &crate::peer::BOUNDS }]
    pub fn wait_seconds(method: &'static str, route: String) -> TimeHistogram;
}

/// Its registry is one for the process: pages of fewer series come first, and grow.
pub struct Peer;

impl peer::Peer for Peer {
    type Counter = Counter;
    type Histogram = TimeHistogram;

    fn new() -> Self {
        Self
    }

    fn counter(&self, id: usize) -> Counter {
        bench::requests_total("GET", route(id))
    }

    fn increment(counter: &Counter) {
        counter.inc();
    }

    fn look_up_static(&self) {
        bench::requests_total("GET", "/api/v1/things".to_owned()).inc();
    }

    fn look_up_dynamic(&self, route: &str) {
        bench::requests_total("GET", route.to_owned()).inc();
    }

    fn histogram(&self, id: usize) -> TimeHistogram {
        bench::wait_seconds("GET", route(id))
    }

    fn record(histogram: &TimeHistogram, seconds: f64) {
        histogram.observe((seconds * 1e9) as u64);
    }

    fn page(&self) -> Vec<u8> {
        collect(&MetricsSettings::default()).unwrap().into_bytes()
    }

    fn can(work: &str) -> bool {
        // A page of histograms would have the counters before it, too.
        work != "page of histograms"
    }
}
