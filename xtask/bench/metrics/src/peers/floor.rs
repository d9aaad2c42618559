//! What the machine can do: a bare atomic, and lines that lie side by side and are copied with one number printed
//! in each.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

use crate::peer::{BOUNDS, Peer, route};

pub struct Floor {
    lines: Mutex<Lines>,
    counters: Mutex<HashMap<usize, &'static AtomicU64>>,
    histograms: Mutex<HashMap<usize, &'static Buckets>>,
    page_len: AtomicUsize,
}

#[derive(Default)]
struct Lines {
    text: String,
    /// Where each one ends, and its counter; these lie in order, too.
    counters: Vec<(usize, &'static AtomicU64)>,
}

impl Lines {
    fn push(&mut self, id: usize, counter: &'static AtomicU64) {
        let line = format!("requests_total{{method=\"GET\",route=\"{}\"}} ", route(id));
        self.text.push_str(&line);
        self.counters.push((self.text.len(), counter));
    }
}

#[derive(Default)]
pub struct Buckets {
    counts: [AtomicU64; BOUNDS.len() + 1],
    sum: AtomicU64,
}

impl Peer for Floor {
    type Counter = &'static AtomicU64;
    type Histogram = &'static Buckets;

    fn new() -> Self {
        Self {
            lines: Mutex::default(),
            counters: Mutex::default(),
            histograms: Mutex::default(),
            page_len: AtomicUsize::new(0),
        }
    }

    fn counter(&self, id: usize) -> &'static AtomicU64 {
        let mut counters = self.counters.lock().unwrap();
        counters.entry(id).or_insert_with(|| {
            let counter = &*Box::leak(Box::default());
            self.lines.lock().unwrap().push(id, counter);
            counter
        })
    }

    fn increment(counter: &&'static AtomicU64) {
        counter.fetch_add(1, Relaxed);
    }

    fn look_up_static(&self) {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        COUNTER.fetch_add(1, Relaxed);
    }

    fn look_up_dynamic(&self, _: &str) {}

    fn histogram(&self, id: usize) -> &'static Buckets {
        let mut histograms = self.histograms.lock().unwrap();
        histograms
            .entry(id)
            .or_insert_with(|| Box::leak(Box::default()))
    }

    fn record(histogram: &&'static Buckets, seconds: f64) {
        let bucket: usize = BOUNDS
            .iter()
            .map(|bound| usize::from(*bound < seconds))
            .sum();
        histogram.counts[bucket].fetch_add(1, Relaxed);
        let add = |sum| Some((f64::from_bits(sum) + seconds).to_bits());
        _ = histogram.sum.fetch_update(Relaxed, Relaxed, add);
    }

    fn page(&self) -> Vec<u8> {
        let lines = self.lines.lock().unwrap();
        let mut page = Vec::with_capacity(self.page_len.load(Relaxed));
        let mut start = 0;
        for (end, counter) in &lines.counters {
            page.extend_from_slice(&lines.text.as_bytes()[start..*end]);
            let mut digits = itoa::Buffer::new();
            page.extend_from_slice(digits.format(counter.load(Relaxed)).as_bytes());
            page.push(b'\n');
            start = *end;
        }
        self.page_len.store(page.len(), Relaxed);
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
