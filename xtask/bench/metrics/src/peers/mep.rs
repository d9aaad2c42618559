//! metrics-exporter-prometheus.

use metrics::{Counter, Histogram, with_local_recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use crate::peer::{BOUNDS, Peer, route};

pub struct Mep {
    handle: PrometheusHandle,
    recorder: Option<PrometheusRecorder>,
}

impl Mep {
    fn with<T>(&self, record: impl FnOnce() -> T) -> T {
        match &self.recorder {
            None => record(),
            Some(recorder) => with_local_recorder(recorder, record),
        }
    }
}

impl Peer for Mep {
    type Counter = Counter;
    type Histogram = Histogram;

    fn new() -> Self {
        let builder = || PrometheusBuilder::new().set_buckets(&BOUNDS).unwrap();
        match builder().install_recorder() {
            Ok(handle) => Self {
                handle,
                recorder: None,
            },
            Err(_) => {
                let recorder = builder().build_recorder();
                Self {
                    handle: recorder.handle(),
                    recorder: Some(recorder),
                }
            }
        }
    }

    fn counter(&self, id: usize) -> Counter {
        self.with(|| metrics::counter!("requests_total", "method" => "GET", "route" => route(id)))
    }

    fn increment(counter: &Counter) {
        counter.increment(1);
    }

    fn look_up_static(&self) {
        metrics::counter!("static_total", "method" => "GET", "route" => "/api/v1/things")
            .increment(1);
    }

    fn look_up_dynamic(&self, route: &str) {
        metrics::counter!("dynamic_total", "method" => "GET", "route" => route.to_owned())
            .increment(1);
    }

    fn histogram(&self, id: usize) -> Histogram {
        self.with(|| metrics::histogram!("wait_seconds", "method" => "GET", "route" => route(id)))
    }

    fn record(histogram: &Histogram, seconds: f64) {
        histogram.record(seconds);
    }

    fn page(&self) -> Vec<u8> {
        self.handle.render().into_bytes()
    }
}
