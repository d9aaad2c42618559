//! A thousand probes of a service whose one check hangs. It has a process to itself, as threads are
//! counted.

#![cfg(target_os = "linux")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use mad_core::{Check, HealthOptions, Probes, Registry};
use mad_exporter::Exporter;

const CLIENTS: usize = 20;
const PROBES_OF_EACH: usize = 50;

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

/// Waits until the claim holds, and fails when it does not within ten seconds.
#[track_caller]
fn eventually(claim: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < deadline, "not within ten seconds: {claim}");
        thread::sleep(Duration::from_millis(2));
    }
}

fn probe(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = "GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn pitfall_07_a_thousand_probes_of_a_check_that_hangs_take_one_thread_more_at_most() {
    let options = HealthOptions {
        probes: Probes {
            readiness: true,
            ..Probes::NONE
        },
        every: Duration::from_millis(50),
        ..HealthOptions::DEFAULT
    };
    let hangs = Check::health_check("hangs", options, |_| -> bool {
        loop {
            thread::park();
        }
    });
    let mut registry = Registry::new();
    registry
        .add(hangs.with_timeout(Duration::from_millis(50)))
        .unwrap();
    let exporter = Exporter::builder()
        .registry(registry)
        .listen(([127, 0, 0, 1], 0))
        .start()
        .unwrap();
    let address = exporter.local_addr().unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    let is_stuck = || {
        exporter.engine().snapshot().health_checks[0]
            .stuck_since
            .is_some()
    };
    while !is_stuck() {
        assert!(Instant::now() < deadline, "it is not stuck");
        thread::sleep(Duration::from_millis(2));
    }

    let before = threads();
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                for _ in 0..PROBES_OF_EACH {
                    let answer = probe(address);
                    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
                }
            });
        }
    });
    // The clients' own threads are gone a moment after they are joined.
    eventually("one thread more at most", || threads() <= before + 1);
    let snapshot = exporter.engine().snapshot();
    let runs = &snapshot.health_checks[0].record.runs;
    let all = mad_core::OutcomeKind::ALL.map(|kind| runs.of(kind));
    assert_eq!(all.iter().sum::<u64>(), 1, "it ran once, whoever asked");
    exporter.shutdown(Duration::ZERO);
}
