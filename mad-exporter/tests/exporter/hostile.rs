//! Clients that are wrong, slow or hostile.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::{
    Answer, PATIENCE, Request, Service, exchange, read_to_end, readiness, with_token,
};

fn service() -> Service {
    let service = Service::start(with_token([readiness("database", |_| true)]));
    service.wait_for_status("/readyz", 200);
    service
}

#[test]
fn an_address_that_does_not_exist_is_a_problem() {
    let service = service();
    for path in [
        "/nothing",
        "/readyz/%ff",
        "/selftest/",
        "/readyz/",
        "//",
        "/metrics/",
    ] {
        service.get(path).assert_problem(404, "GET /");
    }
    assert_eq!(
        service.get("/nothing").header("x-content-type-options"),
        "nosniff"
    );
}

#[test]
fn another_method_is_405_with_those_there_are() {
    let service = service();
    let check = |method: &'static str, path: &str, allow: &str| {
        let answer = Request::new(method, path)
            .with_token()
            .send_to(service.address());
        answer.assert_problem(405, "Allow");
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
        assert_eq!(answer.header("access-control-allow-origin"), "");
    };
    for path in ["/metrics", "/readyz", "/readyz/database", "/health", "/"] {
        check("POST", path, "GET,HEAD");
        check("OPTIONS", path, "GET,HEAD");
        check("BREW", path, "GET,HEAD");
    }
    check("DELETE", "/selftest", "GET,HEAD,POST");
    check("GET", "/selftest/place", "POST");
    check("PUT", "/drain", "POST");
    check("OPTIONS", "/selftest/runs/1", "GET,HEAD,DELETE,POST");
}

#[test]
fn head_is_get_without_the_body() {
    let service = service();
    for path in [
        "/",
        "/metrics",
        "/readyz",
        "/readyz/database",
        "/health",
        "/nothing",
    ] {
        let head = Request::new("HEAD", path).send_to(service.address());
        let get = service.get(path);
        assert_eq!(
            (head.status, head.body.as_str()),
            (get.status, ""),
            "{path}"
        );
        assert_eq!(head.header("content-type"), get.header("content-type"));
        assert_ne!(head.header("content-length"), "");
    }
}

#[test]
fn the_index_lists_what_there_is() {
    let answer = service().get("/");
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    for path in [
        "metrics", "livez", "readyz", "startupz", "healthz", "health", "selftest", "drain",
    ] {
        assert!(answer.body.contains(&format!(" {path} ")), "{path}");
    }
}

#[test]
fn a_head_that_is_too_large_is_431() {
    let service = service();
    let large = "x".repeat(9_000);
    let answer = Request::new("GET", "/readyz")
        .with("X-Large", &large)
        .send_to(service.address());
    assert_eq!(answer.status, 431);
    let mut status = |headers| {
        let many = (0..headers).fold(Request::new("GET", "/readyz"), |request, number| {
            request.with(&format!("X-{number}"), "1")
        });
        many.send_to(service.address()).status
    };
    // There are three more, which every request has.
    assert_eq!(
        [10, 61, 62, 100, 150].map(&mut status),
        [200, 200, 431, 431, 431]
    );
    assert_eq!(service.get("/readyz").status, 200);
}

#[test]
fn garbage_is_400_and_the_server_goes_on() {
    let service = service();
    for garbage in [
        "garbage\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET /\0 HTTP/1.1\r\n\r\n",
        "POST /selftest HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
    ] {
        let text = exchange(service.address(), garbage.as_bytes());
        assert!(
            text.is_empty() || Answer::parse(&text).status == 400,
            "{garbage:?}: {text}"
        );
    }
    for target in [
        "*",
        "http://localhost/readyz",
        "/%",
        "/readyz/%ff",
        "/selftest/%00",
    ] {
        let answer = Request::new("OPTIONS", target)
            .with_token()
            .send_to(service.address());
        assert!([404, 405].contains(&answer.status), "{target}: {answer:?}");
        let answer = Request::new("POST", target)
            .with_token()
            .send_to(service.address());
        assert!(
            [400, 404, 405].contains(&answer.status),
            "{target}: {answer:?}"
        );
    }
    assert_eq!(service.get("/readyz").status, 200);
}

#[test]
fn a_head_that_comes_slowly_is_cut_off() {
    let service = service();
    let mut stream = TcpStream::connect(service.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let started = Instant::now();
    stream
        .write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n")
        .unwrap();
    assert_eq!(read_to_end(&mut stream), "");
    let waited = started.elapsed();
    assert!(
        waited >= Duration::from_secs(1) && waited < Duration::from_secs(8),
        "{waited:?}"
    );
}

#[test]
fn a_body_that_does_not_come_is_408() {
    let service = service();
    let request = Request::new("POST", "/selftest").with_token();
    let request = request
        .with("Content-Type", "application/json")
        .with("Content-Length", "100");
    let answer = request.with_body("{").send_to(service.address());
    answer.assert_problem(408, "2s");
}

#[test]
fn a_client_that_reads_nothing_holds_nobody_up() {
    let service = service();
    let mut stream = TcpStream::connect(service.address()).unwrap();
    for _ in 0..200 {
        if stream
            .write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .is_err()
        {
            break;
        }
    }
    let asked = Instant::now();
    assert_eq!(service.get("/readyz").status, 200);
    assert!(asked.elapsed() < Duration::from_secs(5));
}

#[test]
fn connections_that_say_nothing_do_not_lock_the_probes_out() {
    let service = service();
    let connect = |_| TcpStream::connect(service.address()).unwrap();
    // More than there are seats, wherever the limit of files is; a probe is answered meanwhile.
    let idle: Vec<_> = (0..3_000).map(connect).collect();
    assert_eq!(service.get("/readyz").status, 200);
    drop(idle);
}

#[test]
fn pages_that_never_come_do_not_lock_the_probes_out() {
    let checks = with_token([readiness("database", |_| true)]);
    let hangs = || loop {
        std::thread::park();
    };
    let service = Service::start(checks.application_metrics(hangs));
    let ask = |_| {
        let mut stream = TcpStream::connect(service.address()).unwrap();
        stream
            .write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .unwrap();
        stream
    };
    let waiting: Vec<_> = (0..300).map(ask).collect();
    service.wait_for_status("/readyz", 200);
    let refused = service.get("/metrics");
    refused.assert_problem(503, "ask again");
    assert_eq!(refused.header("retry-after"), "1");
    drop(waiting);
}

#[test]
fn a_connection_serves_many_requests() {
    let service = service();
    let request = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let last = "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let text = exchange(
        service.address(),
        format!("{request}{request}{last}").as_bytes(),
    );
    assert_eq!(text.matches("200 OK").count(), 3);
}

#[test]
fn little_of_what_was_sent_comes_back() {
    let service = service();
    let long = "x".repeat(4_000);
    for answer in [
        service.get(&format!("/health?format={long}")),
        service.get(&format!("/readyz/{long}")),
        service.get_authorised(&format!("/readyz?verbose&exclude={long}")),
        service.post(&format!("/selftest/{long}"), ""),
        service.post("/selftest", &format!("{{\"{long}\":1}}")),
        service.post("/selftest", &format!("{{\"select\":[\"{long}\"]}}")),
        service.post("/selftest", &format!("{{\"effects\":\"{long}\"}}")),
    ] {
        // A problem may have it in its detail and in a list of what is wrong.
        assert!(answer.body.matches('x').count() < 250, "{answer:?}");
    }
}
