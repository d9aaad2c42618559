//! Slow, idle and hammering connections by the hundred, and probes beside them.
//!
//! The limit holds beyond what a bare axum server takes on the same machine, built as this one is: tests
//! are built without optimisation, and the machine is anybody's. `cargo xtask bench --http` does the
//! same with a release build.

#![cfg(target_os = "linux")]
#![expect(clippy::print_stdout, reason = "the figures are part of the result")]

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tests::attack::{Times, ask, attack};
use tests::chaos::{CHECKS, Chaos};
use tests::{eventually, serve_bare};

/// How much longer nine of ten probes may take than 99 of 100 of a bare server's: few fit into the time.
const LIMIT: Duration = Duration::from_millis(50);

/// How much the service may grow, in KiB: thousands of connections, each with its buffers.
const GROWTH: u64 = 96 * 1024;

/// How long it goes on.
const TIME: Duration = Duration::from_secs(6);

const IDLE: usize = 10_000;

#[test]
fn slow_and_hammering_connections_leave_probes_fast_and_memory_bounded() {
    let chaos = start();
    let before = chaos.size().1;
    let ran_before = runs(&chaos);
    let probes = attack(chaos.mad, "/livez", TIME);
    let growth = chaos.size().1.saturating_sub(before);
    let n_runs = runs(&chaos) - ran_before;
    let bare = attack(bare(), "/livez", TIME);
    println!("{growth} KiB more; probes {probes}; of a bare server {bare}");

    assert_eq!(probes.lost, 0, "probes were lost");
    assert!(
        probes.part(90) <= LIMIT + bare.part(99),
        "{probes}, and of a bare server {bare}"
    );
    assert!(
        probes.answers > 500,
        "only {} answers to those who attack",
        probes.answers
    );
    assert!(growth < GROWTH, "{growth} KiB more");
    // Nothing of it reaches the checks.
    assert!(n_runs > CHECKS.len() as u64 * 5, "only {n_runs} runs");
}

#[test]
fn hammered_pages_leave_probes_answered() {
    let chaos = start();
    for path in ["/metrics", "/health"] {
        let probes = attack(chaos.mad, path, TIME / 2);
        println!("{path}: {probes}");
        assert_eq!(probes.lost, 0, "probes were lost beside {path}");
    }
}

#[test]
fn ten_thousand_idle_connections_leave_probes_answered_and_memory_bounded() {
    let chaos = start();
    let before = chaos.size().1;
    let n_idle = IDLE.min(most_connections().saturating_sub(200));
    let mut idle = Vec::new();
    let mut times = Times::default();
    for number in 0..n_idle {
        idle.push(TcpStream::connect(chaos.mad).expect("it is accepted, if only to be closed"));
        if number % 100 == 0 {
            times.measure(|| ask(chaos.mad, "/livez"));
        }
    }
    let growth = chaos.size().1.saturating_sub(before);
    println!("{n_idle} idle; {growth} KiB more; probes {times}");
    assert_eq!(times.lost, 0);
    assert!(growth < GROWTH, "{growth} KiB more");
}

fn start() -> Chaos {
    let chaos = Chaos::start(env!("CARGO_BIN_EXE_chaos"));
    eventually("it is ready", || {
        ask(chaos.mad, "/readyz").is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
    });
    chaos
}

/// A server that does nothing but answer.
fn bare() -> SocketAddr {
    let router = axum::Router::new().route("/livez", axum::routing::get(async || "ok"));
    serve_bare(router).expect("it listens")
}

/// How many runs of checks have begun.
fn runs(chaos: &Chaos) -> u64 {
    let told = chaos.tell();
    let runs = |name: &&str| told["checks"][*name]["runs"].as_u64().expect("a number");
    CHECKS.iter().map(runs).sum()
}

/// Asks for as many open files as there may be, and says how many that is.
fn most_connections() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: limit.maximum,
        ..limit
    };
    _ = setrlimit(Resource::Nofile, most);
    let current = getrlimit(Resource::Nofile).current;
    current.map_or(usize::MAX, |current| {
        usize::try_from(current).unwrap_or(usize::MAX)
    })
}
