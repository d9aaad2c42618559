//! metriken: no labels that are looked up, and no page; its counters and histograms.

use std::sync::Arc;

use metriken::{AtomicCounterHistogram, Counter, ShardedCounterGroup, ShardedCounterHistogram};

use crate::peer::Peer;

fn is_known(work: &str) -> bool {
    ["increment", "histogram", "timer"].contains(&work)
}

pub struct Plain;

impl Peer for Plain {
    type Counter = Arc<Counter>;
    type Histogram = Arc<AtomicCounterHistogram>;

    fn new() -> Self {
        Self
    }

    fn counter(&self, _: usize) -> Arc<Counter> {
        static SHARED: std::sync::OnceLock<Arc<Counter>> = std::sync::OnceLock::new();
        Arc::clone(SHARED.get_or_init(|| Arc::new(Counter::new())))
    }

    fn increment(counter: &Arc<Counter>) {
        counter.increment();
    }

    fn look_up_static(&self) {}

    fn look_up_dynamic(&self, _: &str) {}

    fn histogram(&self, _: usize) -> Arc<AtomicCounterHistogram> {
        static SHARED: std::sync::OnceLock<Arc<AtomicCounterHistogram>> =
            std::sync::OnceLock::new();
        Arc::clone(SHARED.get_or_init(|| Arc::new(AtomicCounterHistogram::new(5, 64))))
    }

    fn record(histogram: &Arc<AtomicCounterHistogram>, seconds: f64) {
        _ = histogram.increment((seconds * 1e9) as u64);
    }

    fn page(&self) -> Vec<u8> {
        Vec::new()
    }

    fn can(work: &str) -> bool {
        is_known(work)
    }
}

pub struct Sharded;

impl Peer for Sharded {
    type Counter = &'static ShardedCounterGroup;
    type Histogram = &'static ShardedCounterHistogram;

    fn new() -> Self {
        Self
    }

    fn counter(&self, _: usize) -> &'static ShardedCounterGroup {
        static SHARED: ShardedCounterGroup = ShardedCounterGroup::new(1);
        &SHARED
    }

    fn increment(counter: &&'static ShardedCounterGroup) {
        counter.increment(0);
    }

    fn look_up_static(&self) {}

    fn look_up_dynamic(&self, _: &str) {}

    fn histogram(&self, _: usize) -> &'static ShardedCounterHistogram {
        static SHARED: ShardedCounterHistogram = ShardedCounterHistogram::new(5, 64);
        &SHARED
    }

    fn record(histogram: &&'static ShardedCounterHistogram, seconds: f64) {
        _ = histogram.increment((seconds * 1e9) as u64);
    }

    fn page(&self) -> Vec<u8> {
        Vec::new()
    }

    fn can(work: &str) -> bool {
        is_known(work)
    }
}
