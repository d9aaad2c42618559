//! Draining, resuming, stopping.

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
    assert!(std::net::TcpStream::connect(address).is_err());
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
