//! Who may act and who may see.

use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use mad_core::Effects;
use mad_exporter::{AuditEntry, ExporterBuilder};

use crate::support::{
    PATIENCE, Request, Service, TOKEN, readiness, self_test, with_token, without_token,
};

fn service(builder: fn(Vec<mad_core::Check>) -> ExporterBuilder) -> Service {
    let checks = vec![
        readiness("database", |_| true),
        self_test("place", Effects::Read, |_| true),
    ];
    Service::start(builder(checks))
}

fn guarded() -> Service {
    service(with_token)
}

fn unguarded() -> Service {
    service(without_token)
}

/// Everything that acts or reveals.
const PROTECTED: [(&str, &str); 13] = [
    ("GET", "/selftest"),
    ("POST", "/selftest"),
    ("POST", "/selftest/place"),
    ("GET", "/selftest/runs"),
    ("GET", "/selftest/runs/1"),
    ("DELETE", "/selftest/runs/1"),
    ("GET", "/maintenance"),
    ("PUT", "/maintenance"),
    ("DELETE", "/maintenance"),
    ("PUT", "/maintenance/database"),
    ("DELETE", "/maintenance/database"),
    ("POST", "/drain"),
    ("POST", "/resume"),
];

#[test]
fn without_the_token_everything_that_acts_or_reveals_is_401() {
    let service = guarded();
    let tokens = [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        "Basic Zm9v",
        TOKEN,
        "Bearer correct-horse-battery-staple2",
    ];
    for (method, path) in PROTECTED {
        for token in tokens {
            let request = Request::new(method, path).with("Authorization", token);
            let answer = request.send_to(service.address());
            answer.assert_problem(401, "Authorization: Bearer TOKEN");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
        let twice = Request::new(method, path).with_token().with_token();
        assert_eq!(twice.send_to(service.address()).status, 401);
    }
    assert_eq!(service.get("/readyz").status, 200);
    assert!(service.exporter.engine().self_test_runs().is_empty());
}

#[test]
fn with_the_token_it_is_served_whatever_the_case_of_the_scheme() {
    let service = guarded();
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let request = Request::new("GET", "/selftest");
        let request = request.with("Authorization", &format!("{scheme} {TOKEN}"));
        assert_eq!(request.send_to(service.address()).status, 200);
    }
}

#[test]
fn a_wrong_token_makes_nobody_less_than_anonymous() {
    let service = guarded();
    service.wait_for_status("/readyz", 200);
    for path in ["/readyz", "/health", "/metrics", "/"] {
        let request = Request::new("GET", path).with("Authorization", "Bearer wrong");
        assert_eq!(request.send_to(service.address()).status, 200, "{path}");
    }
}

#[test]
fn who_is_refused_is_refused_before_the_body_is_read() {
    let service = guarded();
    // The body never comes.
    let request = Request::new("POST", "/selftest").with("Content-Length", "1000");
    assert_eq!(request.send_to(service.address()).status, 401);
}

#[test]
fn without_a_token_callers_on_this_host_may_act() {
    let service = unguarded();
    let port = service.address().port();
    for host in [
        "localhost",
        "127.0.0.1",
        "[::1]",
        &format!("localhost:{port}"),
    ] {
        let request = Request::new("POST", "/selftest").with("Host", host);
        assert_eq!(request.send_to(service.address()).status, 200, "{host}");
    }
}

#[test]
fn without_a_token_a_foreign_host_or_a_proxy_is_403() {
    let service = unguarded();
    let check = |request: Request| {
        request
            .send_to(service.address())
            .assert_problem(403, "set a token");
    };
    for (method, path) in PROTECTED {
        check(Request::new(method, path).with("Host", "evil.example"));
        check(Request::new(method, path).with("X-Forwarded-For", "203.0.113.7"));
    }
    check(Request::new("POST", "http://evil.example/drain").with("Host", "localhost"));
    check(
        Request::new("POST", "/drain")
            .with("Host", "localhost")
            .with("Host", "evil.example"),
    );
    assert_eq!(service.get("/livez").status, 200);
}

#[test]
fn pitfall_11_a_page_of_another_site_can_start_nothing() {
    let service = guarded();
    let host = service.address().to_string();
    let send = |name: &str, value: &str| {
        let request = Request::new("POST", "/selftest")
            .with_token()
            .with(name, value);
        request.send_to(service.address())
    };
    for site in ["cross-site", "same-site", "whatever"] {
        send("Sec-Fetch-Site", site).assert_problem(403, "another site");
    }
    for origin in [
        "http://evil.example",
        "null",
        &format!("http://{host}0"),
        "",
    ] {
        send("Origin", origin).assert_problem(403, "another site");
    }
    assert_eq!(send("Sec-Fetch-Site", "same-origin").status, 200);
    assert_eq!(send("Sec-Fetch-Site", "none").status, 200);
    assert_eq!(send("Origin", &format!("http://{host}")).status, 200);
}

#[test]
fn every_request_that_acts_is_told_to_the_program() {
    let (sender, entries) = channel();
    let hook = move |entry: &AuditEntry| _ = sender.send(entry.clone());
    let checks = [self_test("place", Effects::Read, |_| true).with_tags(["smoke"])];
    let service = Service::start(with_token(checks).audit(hook));
    let next = || entries.recv_timeout(PATIENCE).unwrap();
    let check = |entry: AuditEntry, request: &str, subject: &str, is_accepted: bool| {
        assert_eq!(
            (&*entry.request, &*entry.subject, entry.is_accepted),
            (request, subject, is_accepted)
        );
        assert!(entry.requested_by.starts_with("127.0.0.1:"));
        assert!(!entry.to_string().contains(TOKEN));
    };

    service.get_authorised("/selftest");
    service.post("/selftest", r#"{"select":["tag:smoke","place"]}"#);
    check(next(), "POST /selftest", "tag:smoke place", true);
    service.post("/selftest/nothing", "");
    check(next(), "POST /selftest/nothing", "nothing", false);
    service.post("/drain", "");
    check(next(), "POST /drain", "draining", true);
    Request::new("POST", "/resume").send_to(service.address());
    check(next(), "POST /resume", "", false);
}

#[test]
fn an_audit_hook_that_panics_or_blocks_is_its_own_affair() {
    let (sender, calls) = channel();
    let hook = move |_: &AuditEntry| {
        _ = sender.send(());
        thread::sleep(Duration::from_secs(3));
        panic!("the hook's own fault");
    };
    let checks = [readiness("database", |_| true)];
    let service = Service::start(with_token(checks).audit(hook));
    let asked = Instant::now();
    for _ in 0..3 {
        assert_eq!(service.post("/drain", "").status, 200);
    }
    assert!(asked.elapsed() < Duration::from_secs(3));
    for _ in 0..2 {
        calls
            .recv_timeout(PATIENCE)
            .expect("it is called again after a panic");
    }
}
