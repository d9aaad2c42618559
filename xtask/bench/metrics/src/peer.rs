//! What is measured of everybody.

/// Somebody who counts.
pub trait Peer: Send + Sync + 'static {
    type Counter: Send + Sync;
    type Histogram: Send + Sync;

    fn new() -> Self;

    /// Returns the counter `requests_total{method="GET",route="/api/v1/things/<id>"}`, made if need be.
    fn counter(&self, id: usize) -> Self::Counter;

    fn increment(counter: &Self::Counter);

    /// Increments, as it is written in a program: with labels that are constant.
    fn look_up_static(&self);

    /// The same with a label that is not.
    fn look_up_dynamic(&self, route: &str);

    /// Returns the histogram `wait_seconds{method="GET",route="/api/v1/things/<id>"}` of ten buckets.
    fn histogram(&self, id: usize) -> Self::Histogram;

    fn record(histogram: &Self::Histogram, seconds: f64);

    /// Returns everything as a page.
    fn page(&self) -> Vec<u8>;

    /// Says whether it can do that at all.
    fn can(_work: &str) -> bool {
        true
    }
}

/// The upper bounds of the buckets.
pub const BOUNDS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

pub fn route(id: usize) -> String {
    format!("/api/v1/things/{id}")
}
