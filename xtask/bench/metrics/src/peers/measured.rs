//! measured: labels are types; one of a closed set for look-ups, one of an open set for pages.

use measured::label::StaticLabelSet;
use measured::metric::histogram::Thresholds;
use measured::text::BufferedTextEncoder;
use measured::{
    Counter, CounterVec, FixedCardinalityLabel, Histogram, HistogramVec, LabelGroup, MetricGroup,
};
use paracord::ParaCord;

use crate::peer::{self, BOUNDS, route};

#[derive(Clone, Copy, FixedCardinalityLabel)]
enum Method {
    Get,
    Put,
}

#[derive(Clone, Copy, LabelGroup)]
#[label(set = FixedSet)]
struct Fixed {
    method: Method,
}

#[derive(Clone, Copy, LabelGroup)]
#[label(set = OpenSet)]
struct Open<'a> {
    method: Method,
    #[label(dynamic_with = ParaCord)]
    route: &'a str,
}

fn open_set() -> OpenSet {
    OpenSet {
        method: StaticLabelSet::new(),
        route: ParaCord::default(),
    }
}

#[derive(MetricGroup)]
#[metric(new())]
struct Pages {
    #[metric(init = CounterVec::with_label_set(open_set()))]
    requests_total: CounterVec<OpenSet>,
    #[metric(init = HistogramVec::with_label_set_and_metadata(open_set(), Thresholds::with_buckets(BOUNDS)))]
    wait_seconds: HistogramVec<OpenSet, 10>,
}

pub struct Peer {
    fixed: CounterVec<FixedSet>,
    pages: Pages,
}

/// A counter in a family is reached through the family only; that of the work without labels stands alone.
impl peer::Peer for Peer {
    type Counter = Option<&'static Counter>;
    type Histogram = Option<&'static Histogram<10>>;

    fn new() -> Self {
        let fixed = CounterVec::with_label_set(FixedSet {
            method: StaticLabelSet::new(),
        });
        Self {
            fixed,
            pages: Pages::new(),
        }
    }

    fn counter(&self, id: usize) -> Self::Counter {
        let route = route(id);
        self.pages.requests_total.inc(Open {
            method: Method::Get,
            route: &route,
        });
        (id == 0).then(shared_counter)
    }

    fn increment(counter: &Self::Counter) {
        if let Some(counter) = counter {
            counter.inc();
        }
    }

    fn look_up_static(&self) {
        self.fixed.inc(Fixed {
            method: std::hint::black_box(Method::Put),
        });
    }

    fn look_up_dynamic(&self, route: &str) {
        self.pages.requests_total.inc(Open {
            method: Method::Get,
            route,
        });
    }

    fn histogram(&self, id: usize) -> Self::Histogram {
        let route = route(id);
        self.pages.wait_seconds.observe(
            Open {
                method: Method::Get,
                route: &route,
            },
            0.3,
        );
        (id == 0).then(shared_histogram)
    }

    fn record(histogram: &Self::Histogram, seconds: f64) {
        if let Some(histogram) = histogram {
            histogram.get_metric().observe(seconds);
        }
    }

    fn page(&self) -> Vec<u8> {
        let mut encoder = BufferedTextEncoder::new();
        self.pages.collect_group_into(&mut encoder).unwrap();
        encoder.finish().to_vec()
    }

    fn can(work: &str) -> bool {
        work != "distinct"
    }
}

fn shared_counter() -> &'static Counter {
    static SHARED: std::sync::OnceLock<Counter> = std::sync::OnceLock::new();
    SHARED.get_or_init(Counter::new)
}

fn shared_histogram() -> &'static Histogram<10> {
    static SHARED: std::sync::OnceLock<Histogram<10>> = std::sync::OnceLock::new();
    SHARED.get_or_init(|| Histogram::with_metadata(Thresholds::with_buckets(BOUNDS)))
}
