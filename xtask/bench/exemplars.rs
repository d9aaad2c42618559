//! `bench-exemplars <work> <where> <times>` does something so often, outside of any span or in one, and prints nothing:
//! it is counted.

use mad_metrics::Builder;
use metrics::{counter, histogram};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [work, place, times] = &words[..] else {
        panic!("a work, a place and how often");
    };
    let times: u32 = times.parse().expect("a number");
    let recorder = Builder::new().build().expect("it makes sense");
    metrics::with_local_recorder(&recorder, || {
        let counter = counter!("orders_total", "kind" => "book");
        let histogram = histogram!("wait_seconds", "kind" => "book");
        let record = || {
            for number in 0..times {
                match work.as_str() {
                    "counter" => counter.increment(1),
                    // Another bucket each time.
                    "histogram" => histogram.record(f64::from(number % 11)),
                    _ => panic!("no such work"),
                }
            }
        };
        within(place, record);
    });
}

#[cfg(not(feature = "tracing"))]
fn within(_: &str, record: impl Fn()) {
    record();
}

/// Records outside of any span, in one that says nothing, or in one of a trace.
#[cfg(feature = "tracing")]
fn within(place: &str, record: impl Fn()) {
    use tracing_subscriber::layer::SubscriberExt as _;
    let subscriber = tracing_subscriber::registry().with(mad_metrics::ExemplarLayer::new());
    tracing::subscriber::with_default(subscriber, || match place {
        "trace" => {
            let trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
            tracing::info_span!("request", trace_id).in_scope(record);
        }
        "span" => tracing::info_span!("request").in_scope(record),
        _ => record(),
    });
}
