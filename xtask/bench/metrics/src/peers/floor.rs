//! What the machine can do: a bare atomic, and lines that are copied with one number printed in each.

use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::peer::{BOUNDS, Peer, route};

pub struct Floor {
    lines: Mutex<Vec<(String, &'static AtomicU64)>>,
}

pub struct Buckets {
    counts: [AtomicU64; BOUNDS.len() + 1],
    sum: AtomicU64,
}

impl Peer for Floor {
    type Counter = &'static AtomicU64;
    type Histogram = Box<Buckets>;

    fn new() -> Self {
        let lines = Mutex::default();
        Self { lines }
    }

    fn counter(&self, id: usize) -> &'static AtomicU64 {
        let counter = &*Box::leak(Box::new(AtomicU64::new(0)));
        let line = format!("requests_total{{method=\"GET\",route=\"{}\"}} ", route(id));
        self.lines.lock().unwrap().push((line, counter));
        counter
    }

    fn increment(counter: &&'static AtomicU64) {
        counter.fetch_add(1, Relaxed);
    }

    fn look_up_static(&self) {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        COUNTER.fetch_add(1, Relaxed);
    }

    fn look_up_dynamic(&self, _: &str) {}

    fn histogram(&self, _: usize) -> Box<Buckets> {
        Box::new(Buckets {
            counts: Default::default(),
            sum: AtomicU64::new(0),
        })
    }

    fn record(histogram: &Box<Buckets>, seconds: f64) {
        let bucket: usize = BOUNDS
            .iter()
            .map(|bound| usize::from(*bound < seconds))
            .sum();
        histogram.counts[bucket].fetch_add(1, Relaxed);
        let add = |sum| Some((f64::from_bits(sum) + seconds).to_bits());
        _ = histogram.sum.fetch_update(Relaxed, Relaxed, add);
    }

    fn page(&self) -> Vec<u8> {
        let mut page = Vec::new();
        for (line, counter) in self.lines.lock().unwrap().iter() {
            page.extend_from_slice(line.as_bytes());
            writeln!(page, "{}", counter.load(Relaxed)).unwrap();
        }
        page
    }

    fn can(work: &str) -> bool {
        !work.starts_with("dynamic")
            && ![
                "page of histograms",
                "creation",
                "stall",
                "heap per histogram, bytes",
            ]
            .contains(&work)
    }
}
