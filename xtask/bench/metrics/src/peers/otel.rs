//! opentelemetry-prometheus.

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, MeterProvider};
use opentelemetry_sdk::metrics::{Instrument, SdkMeterProvider, Stream};
use prometheus::{Encoder, Registry, TextEncoder};

use crate::peer::{self, BOUNDS, route};

pub struct Peer {
    registry: Registry,
    requests: Counter<u64>,
    wait: Histogram<f64>,
    _provider: SdkMeterProvider,
}

fn labels(route: String) -> [KeyValue; 2] {
    [
        KeyValue::new("method", "GET"),
        KeyValue::new("route", route),
    ]
}

impl peer::Peer for Peer {
    /// There is no handle for a set of labels.
    type Counter = (Counter<u64>, [KeyValue; 2]);
    type Histogram = (Histogram<f64>, [KeyValue; 2]);

    fn new() -> Self {
        let registry = Registry::new();
        let exporter = opentelemetry_prometheus::exporter();
        let exporter = exporter
            .with_registry(registry.clone())
            .without_target_info()
            .build()
            .unwrap();
        // The usual limit is 2,000 series.
        let view = |_: &Instrument| {
            Stream::builder()
                .with_cardinality_limit(1_000_000)
                .build()
                .ok()
        };
        let provider = SdkMeterProvider::builder()
            .with_reader(exporter)
            .with_view(view)
            .build();
        let meter = provider.meter("bench");
        Self {
            registry,
            requests: meter.u64_counter("requests").build(),
            wait: meter
                .f64_histogram("wait_seconds")
                .with_boundaries(BOUNDS.to_vec())
                .build(),
            _provider: provider,
        }
    }

    fn counter(&self, id: usize) -> Self::Counter {
        (self.requests.clone(), labels(route(id)))
    }

    fn increment((counter, labels): &Self::Counter) {
        counter.add(1, labels);
    }

    fn look_up_static(&self) {
        let labels = [
            KeyValue::new("method", "GET"),
            KeyValue::new("route", "/api/v1/things"),
        ];
        self.requests.add(1, &labels);
    }

    fn look_up_dynamic(&self, route: &str) {
        self.requests.add(1, &labels(route.to_owned()));
    }

    fn histogram(&self, id: usize) -> Self::Histogram {
        (self.wait.clone(), labels(route(id)))
    }

    fn record((histogram, labels): &Self::Histogram, seconds: f64) {
        histogram.record(seconds, labels);
    }

    fn page(&self) -> Vec<u8> {
        let mut page = Vec::new();
        TextEncoder::new()
            .encode(&self.registry.gather(), &mut page)
            .unwrap();
        page
    }
}
