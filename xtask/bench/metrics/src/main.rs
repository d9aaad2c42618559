//! Measures one peer: `bench-metrics <peer>` prints a line `work<tab>value` for each work,
//! `bench-metrics <peer> <work> <times>` does it so many times and prints nothing, to be counted.

mod clock;
mod heap;
mod own_core;
mod peer;
mod peers;
mod side_by_side;
mod works;

use peer::Peer;

#[cfg(feature = "heap")]
#[global_allocator]
static HEAP: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["floor", ..] => run::<peers::floor::Floor>(&words[1..]),
        ["mad-metrics", ..] => run::<peers::mad::Facade>(&words[1..]),
        ["mad-metrics' macros", ..] => run::<peers::mad::Macros>(&words[1..]),
        ["metrics-exporter-prometheus", ..] => run::<peers::mep::Mep>(&words[1..]),
        ["prometheus", ..] => run::<peers::prometheus::Peer>(&words[1..]),
        ["prometheus-client", ..] => run::<peers::prometheus_client::Peer>(&words[1..]),
        ["measured", ..] => run::<peers::measured::Peer>(&words[1..]),
        ["metriken", ..] => run::<peers::metriken::Plain>(&words[1..]),
        ["metriken sharded", ..] => run::<peers::metriken::Sharded>(&words[1..]),
        ["opentelemetry-prometheus", ..] => run::<peers::otel::Peer>(&words[1..]),
        ["foundations", ..] => run::<peers::foundations::Peer>(&words[1..]),
        _ => panic!("no peer of this name"),
    }
}

fn run<P: Peer>(words: &[&str]) {
    match words {
        ["heap"] => heap::measure::<P>(),
        [] => works::measure_all::<P>(),
        [work, times] => works::repeat::<P>(work, times.parse().expect("a number")),
        _ => panic!("words that make no sense"),
    }
}
