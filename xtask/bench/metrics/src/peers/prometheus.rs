//! prometheus, of tikv.

use prometheus::{
    Encoder, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry,
    TextEncoder,
};

use crate::peer::{self, BOUNDS, route};

pub struct Peer {
    registry: Registry,
    requests: IntCounterVec,
    wait: HistogramVec,
}

impl peer::Peer for Peer {
    type Counter = IntCounter;
    type Histogram = Histogram;

    fn new() -> Self {
        let registry = Registry::new();
        let labels = &["method", "route"];
        let requests =
            IntCounterVec::new(Opts::new("requests_total", "Requests."), labels).unwrap();
        let options = HistogramOpts::new("wait_seconds", "Wait.").buckets(BOUNDS.to_vec());
        let wait = HistogramVec::new(options, labels).unwrap();
        registry.register(Box::new(requests.clone())).unwrap();
        registry.register(Box::new(wait.clone())).unwrap();
        Self {
            registry,
            requests,
            wait,
        }
    }

    fn counter(&self, id: usize) -> IntCounter {
        self.requests.with_label_values(&["GET", &route(id)])
    }

    fn increment(counter: &IntCounter) {
        counter.inc();
    }

    fn look_up_static(&self) {
        self.requests
            .with_label_values(&["GET", "/api/v1/things"])
            .inc();
    }

    fn look_up_dynamic(&self, route: &str) {
        self.requests.with_label_values(&["GET", route]).inc();
    }

    fn histogram(&self, id: usize) -> Histogram {
        self.wait.with_label_values(&["GET", &route(id)])
    }

    fn record(histogram: &Histogram, seconds: f64) {
        histogram.observe(seconds);
    }

    fn page(&self) -> Vec<u8> {
        let mut page = Vec::new();
        TextEncoder::new()
            .encode(&self.registry.gather(), &mut page)
            .unwrap();
        page
    }
}
