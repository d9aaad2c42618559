//! Ours, behind the facade's macros and behind its own.

use mad_metrics::{Builder, LabelFamily, Recorder};
use metrics::{Counter, Histogram, with_local_recorder};

use crate::peer::{BOUNDS, Peer, route};

fn recorder() -> Recorder {
    let builder = Builder::new().buckets(&BOUNDS);
    let builder = builder
        .max_series_per_metric(usize::MAX)
        .max_series(usize::MAX);
    builder.build().unwrap()
}

/// The facade, with a recorder that is the program's the first time.
pub struct Facade {
    handle: mad_metrics::Handle,
    recorder: Option<Recorder>,
}

impl Facade {
    fn with<T>(&self, record: impl FnOnce() -> T) -> T {
        match &self.recorder {
            None => record(),
            Some(recorder) => with_local_recorder(recorder, record),
        }
    }
}

impl Peer for Facade {
    type Counter = Counter;
    type Histogram = Histogram;

    fn new() -> Self {
        let builder = Builder::new().buckets(&BOUNDS);
        let builder = builder
            .max_series_per_metric(usize::MAX)
            .max_series(usize::MAX);
        match builder.install() {
            Ok(handle) => Self {
                handle,
                recorder: None,
            },
            Err(_) => {
                let recorder = recorder();
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

/// The macros that keep the handle, and the family of labels.
pub struct Macros(Facade);

impl Peer for Macros {
    type Counter = Counter;
    type Histogram = Histogram;

    fn new() -> Self {
        Self(Facade::new())
    }

    fn counter(&self, id: usize) -> Counter {
        self.0.counter(id)
    }

    fn increment(counter: &Counter) {
        counter.increment(1);
    }

    fn look_up_static(&self) {
        mad_metrics::counter!("static_total", "method" => "GET", "route" => "/api/v1/things")
            .increment(1);
    }

    fn look_up_dynamic(&self, route: &str) {
        static REQUESTS: LabelFamily<Counter, 2> =
            LabelFamily::new("family_total", ["method", "route"]);
        REQUESTS.get(["GET", route]).increment(1);
    }

    fn histogram(&self, id: usize) -> Histogram {
        self.0.histogram(id)
    }

    fn record(histogram: &Histogram, seconds: f64) {
        histogram.record(seconds);
    }

    fn page(&self) -> Vec<u8> {
        self.0.page()
    }

    fn can(work: &str) -> bool {
        work.contains("look-up")
    }
}
