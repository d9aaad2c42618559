//! Draining, resuming, stopping.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use mad_core::{Effects, Lifecycle};
use serde_json::json;

use crate::support::{
    PATIENCE, Request, Service, TOKEN, exchange, readiness, self_test, wait_until, with_token,
};

#[test]
fn draining_fails_readiness_alone_and_can_be_taken_back() {
    let service = Service::start(with_token([readiness("database", |_| true)]));
    service.wait_for_status("/readyz", 200);

    let answer = service.post("/drain", "");
    assert_eq!(
        (answer.status, answer.json()),
        (200, json!({"version": 1, "lifecycle": "draining"}))
    );
    let ready = service.get("/readyz");
    assert_eq!(ready.status, 503);
    assert!(
        ready
            .body
            .starts_with("[-]lifecycle failed: reason withheld\n[+]database ok\n")
    );
    assert_eq!(service.get("/livez").status, 200);
    assert_eq!(service.get("/startupz").status, 200);
    let health = service.get("/health");
    assert_eq!(
        (health.status, &health.json()["status"]),
        (503, &json!("fail"))
    );

    assert_eq!(service.post("/resume", "").json()["lifecycle"], "serving");
    assert_eq!(service.get("/readyz").status, 200);
}

#[test]
fn a_shutdown_answers_open_requests_and_probes_before_it_closes() {
    let (started, is_started) = channel();
    let slow = self_test("slow", Effects::Read, move |_| {
        _ = started.send(());
        std::thread::sleep(Duration::from_millis(700));
    });
    let service = Service::start(with_token([slow, readiness("database", |_| true)]));
    let address = service.address();
    std::thread::scope(|scope| {
        let run = scope.spawn(|| service.post("/selftest", ""));
        is_started.recv_timeout(PATIENCE).unwrap();
        let shutdown = scope.spawn(|| service.exporter.shutdown(PATIENCE));
        wait_until("it drains", || {
            service.exporter.engine().lifecycle() == Lifecycle::Draining
        });
        if !run.is_finished() {
            assert_eq!(service.get("/readyz").status, 503);
            assert_eq!(service.get("/livez").status, 200);
        }
        assert_eq!(run.join().unwrap().status, 200);
        shutdown.join().unwrap();
    });
    assert_eq!(service.exporter.engine().lifecycle(), Lifecycle::Stopped);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_shutdown_waits_no_longer_than_it_may() {
    let service = Service::start(with_token([self_test("stuck", Effects::Read, |_| {
        std::thread::sleep(Duration::from_secs(8));
    })]));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // The answer never comes: the connection is closed.
            let request = format!(
                "POST /selftest HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
            );
            assert_eq!(exchange(service.address(), request.as_bytes()), "");
        });
        wait_until("the run has begun", || {
            !service.exporter.engine().self_test_runs().is_empty()
        });
        let asked = Instant::now();
        service.exporter.shutdown(Duration::from_millis(200));
        assert!(asked.elapsed() < Duration::from_secs(4));
        service.exporter.shutdown(Duration::from_mins(1));
        assert!(asked.elapsed() < Duration::from_secs(4));
    });
}

#[test]
fn a_handle_that_is_dropped_stops_nothing() {
    let builder = with_token([readiness("database", |_| true)]).listen(([127, 0, 0, 1], 0));
    let exporter = builder.start().unwrap();
    let address = exporter.local_addr().unwrap();
    let engine = exporter.engine().clone();
    drop(exporter);
    std::thread::sleep(Duration::from_millis(50));
    let request = Request::new("GET", "/livez");
    assert_eq!(request.send_to(address).status, 200);
    engine.shutdown(Duration::ZERO);
    assert_eq!(request.send_to(address).status, 503);
}

#[test]
fn a_probe_that_began_before_the_drain_is_answered_by_what_holds_at_its_end() {
    let service = Service::start(with_token([readiness("database", |_| true)]));
    service.wait_for_status("/readyz", 200);
    let mut probe = TcpStream::connect(service.address()).unwrap();
    probe.set_read_timeout(Some(PATIENCE)).unwrap();
    probe.write_all(b"GET /readyz HTTP/1.1\r\n").unwrap();
    service.exporter.drain();
    let rest = b"Host: localhost\r\nConnection: close\r\n\r\n";
    probe.write_all(rest).unwrap();
    let mut answer = String::new();
    probe.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("[-]lifecycle failed"), "{answer}");
}

#[test]
fn pitfall_19_no_answer_that_is_sent_after_a_drain_says_ready() {
    for _ in 0..20 {
        let service = Service::start(with_token([readiness("database", |_| true)]));
        service.wait_for_status("/readyz", 200);
        std::thread::scope(|scope| {
            let probes = scope.spawn(|| {
                let mut status = 200;
                while status != 503 {
                    let has_drained = service.exporter.engine().lifecycle() == Lifecycle::Draining;
                    status = service.get("/readyz").status;
                    assert!(status == 503 || !has_drained, "ready after the drain");
                }
            });
            service.exporter.drain();
            probes.join().unwrap();
        });
    }
}

#[test]
fn what_was_stopped_can_be_started_again_at_the_same_address() {
    let first = Service::start(with_token([readiness("database", |_| true)]));
    first.wait_for_status("/readyz", 200);
    let address = first.address();
    first.exporter.shutdown(PATIENCE);
    assert!(TcpStream::connect(address).is_err());

    let builder = with_token([readiness("database", |_| true)]).listen(address);
    let second = builder.start().unwrap();
    let probe = Request::new("GET", "/readyz");
    wait_until("the second one serves", || {
        probe.send_to(address).status == 200
    });
    assert_eq!(first.exporter.engine().lifecycle(), Lifecycle::Stopped);
    let page = Request::new("GET", "/metrics").send_to(address).body;
    assert!(page.contains("mad_runtime_lag_seconds{runtime=\"mad\"} "));
    second.shutdown(PATIENCE);
    assert!(TcpStream::connect(address).is_err());
}

#[cfg(unix)]
#[test]
fn who_waits_for_sigterm_is_let_go_by_a_shutdown() {
    let service = Service::start(with_token([readiness("database", |_| true)]));
    let drained = service
        .exporter
        .drain_on_sigterm(Duration::from_hours(1))
        .unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| drained.wait());
        service.exporter.shutdown(Duration::ZERO);
    });
}
