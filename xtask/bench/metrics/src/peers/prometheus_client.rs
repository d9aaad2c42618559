//! prometheus-client.

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::peer::{self, BOUNDS, route};

type Labels = [(&'static str, String); 2];

pub struct Peer {
    registry: Registry,
    requests: Family<Labels, Counter>,
    wait: Family<Labels, Histogram, fn() -> Histogram>,
}

fn labels(route: String) -> Labels {
    [("method", "GET".to_owned()), ("route", route)]
}

impl peer::Peer for Peer {
    type Counter = Counter;
    type Histogram = Histogram;

    fn new() -> Self {
        let mut registry = Registry::default();
        let requests = Family::<Labels, Counter>::default();
        let make: fn() -> Histogram = || Histogram::new(BOUNDS);
        let wait = Family::new_with_constructor(make);
        registry.register("requests", "Requests", requests.clone());
        registry.register("wait_seconds", "Wait", wait.clone());
        Self {
            registry,
            requests,
            wait,
        }
    }

    fn counter(&self, id: usize) -> Counter {
        self.requests.get_or_create(&labels(route(id))).clone()
    }

    fn increment(counter: &Counter) {
        counter.inc();
    }

    fn look_up_static(&self) {
        self.requests
            .get_or_create(&labels("/api/v1/things".to_owned()))
            .inc();
    }

    fn look_up_dynamic(&self, route: &str) {
        self.requests.get_or_create(&labels(route.to_owned())).inc();
    }

    fn histogram(&self, id: usize) -> Histogram {
        self.wait.get_or_create(&labels(route(id))).clone()
    }

    fn record(histogram: &Histogram, seconds: f64) {
        histogram.observe(seconds);
    }

    fn page(&self) -> Vec<u8> {
        let mut page = String::new();
        encode(&mut page, &self.registry).unwrap();
        page.into_bytes()
    }
}
