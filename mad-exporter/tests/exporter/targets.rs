//! Addresses that are odd, and methods that are not meant for them.

use mad_core::{Effects, Lifecycle};

use crate::support::{
    Answer, Request, Service, exchange, readiness, self_test, with_token, without_token,
};

fn service() -> Service {
    let checks = [
        readiness("database", |_| true),
        readiness("a/b", |_| true),
        self_test("place", Effects::Read, |_| true),
    ];
    let service = Service::start(with_token(checks));
    service.wait_for_status("/readyz", 200);
    service
}

/// Sends a request line as it is.
#[track_caller]
fn status(service: &Service, line: &str) -> u16 {
    let request = format!("{line}\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    Answer::parse(&exchange(service.address(), request.as_bytes())).status
}

#[test]
fn a_path_is_what_it_says_and_no_other() {
    let service = service();
    for path in [
        "//",
        "//livez",
        "/livez/",
        "/livez//",
        "/./livez",
        "/../livez",
        "/x/../livez",
        "/..",
        "/%2e%2e/livez",
        "/%2e/livez",
        "/livez%00",
        "/livez%0a",
        "/%6civez",
        "/LIVEZ",
        "/livez;a=b",
        "/livez%2f",
        "/readyz/../livez",
        "/readyz/%2e%2e/livez",
        "/readyz/database%00",
        "/readyz/database/",
        "/readyz//database",
        "/readyz/DATABASE",
        "/readyz/%c3%28",
        "/readyz/%c0%af",
        "/readyz/database%20",
        "/readyz/%ef%bb%bfdatabase",
        "/%",
        "/readyz/%",
        "/readyz/%zz",
        "/metrics%3f",
        "/\\livez",
        "/livez\\",
    ] {
        let status = status(&service, &format!("GET {path} HTTP/1.1"));
        assert!([400, 404].contains(&status), "{path}: {status}");
    }
    for path in [
        "/livez",
        "/livez?",
        "/readyz/a/b",
        "/readyz/a%2Fb",
        "/readyz/a%2fb",
        "/readyz/%64atabase",
    ] {
        assert_eq!(
            status(&service, &format!("GET {path} HTTP/1.1")),
            200,
            "{path}"
        );
    }
}

#[test]
fn absolute_asterisk_and_authority_forms_are_answered_by_what_they_name() {
    let service = service();
    for (line, expected) in [
        ("GET http://localhost/livez HTTP/1.1", 200),
        ("GET http://other.example:81/livez HTTP/1.1", 200),
        ("GET http://localhost HTTP/1.1", 200),
        ("GET ftp://localhost/nothing HTTP/1.1", 404),
        ("OPTIONS * HTTP/1.1", 404),
        ("GET * HTTP/1.1", 404),
        ("GET livez HTTP/1.1", 404),
        ("CONNECT localhost:9464 HTTP/1.1", 404),
        ("CONNECT /livez HTTP/1.1", 405),
        ("TRACE /livez HTTP/1.1", 405),
        ("TRACE / HTTP/1.1", 405),
        ("PRI * HTTP/2.0", 400),
    ] {
        let status = status(&service, line);
        // What names no path at all may also be no request.
        let is_expected = status == expected || (status == 400 && expected == 404);
        assert!(is_expected, "{line}: {status}");
    }
}

#[test]
fn an_absolute_form_does_not_make_somebody_local() {
    let service = Service::start(without_token([self_test("place", Effects::Read, |_| true)]));
    let post = |target: &str, host: &str| {
        let request = Request::new("POST", target).with("Host", host);
        request.send_to(service.address()).status
    };
    assert_eq!(post("/drain", "evil.example"), 403);
    assert_eq!(post("http://evil.example/drain", "localhost"), 403);
    assert_eq!(
        service.exporter.engine().snapshot().lifecycle,
        Lifecycle::Serving
    );
}

#[test]
fn what_was_sent_is_never_echoed_by_trace() {
    let service = service();
    let answer = Request::new("TRACE", "/livez")
        .with_token()
        .with("X-Canary", "canary")
        .send_to(service.address());
    assert!(!answer.body.contains("canary"), "{answer:?}");
}

#[test]
fn http_1_0_is_answered_and_closed() {
    let service = service();
    let text = exchange(service.address(), b"GET /livez HTTP/1.0\r\n\r\n");
    let answer = Answer::parse(&text);
    assert_eq!((answer.status, answer.body.as_str()), (200, "ok"));
    for garbage in ["GET /livez\r\n\r\n", "GET /livez HTTP/0.9\r\n\r\n"] {
        let text = exchange(service.address(), garbage.as_bytes());
        assert!(
            text.is_empty() || Answer::parse(&text).status == 400,
            "{text}"
        );
    }
}

#[test]
fn an_upgrade_is_not_taken() {
    let service = service();
    for protocol in ["websocket", "h2c", "TLS/1.0"] {
        let answer = Request::new("GET", "/livez")
            .with("Connection", "Upgrade, close")
            .with("Upgrade", protocol)
            .with("HTTP2-Settings", "AAMAAABkAARAAAAAAAIAAAAA")
            .send_to(service.address());
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, "ok"),
            "{protocol}"
        );
    }
}

#[test]
fn who_asks_before_sending_a_body_is_told_to_go_on_or_why_not() {
    let service = service();
    let expects = |request: Request| {
        let request = request.with("Expect", "100-continue").with_json("{}");
        request.send_to(service.address()).status
    };
    assert_eq!(expects(Request::new("POST", "/selftest").with_token()), 100);
    // Refused by the head alone.
    assert_eq!(expects(Request::new("POST", "/selftest")), 401);
    assert_eq!(expects(Request::new("POST", "/livez")), 405);
}

#[test]
fn a_huge_query_is_431_or_ignored() {
    let service = service();
    let long = "x".repeat(9_000);
    assert!([414, 431].contains(&service.get(&format!("/livez?{long}")).status));
    let many = "&".repeat(7_000);
    assert_eq!(service.get(&format!("/livez?{many}")).status, 200);
    for query in [
        "verbose&verbose=%ff%fe",
        "%00",
        "exclude=%00",
        "tag",
        "exclude=&exclude=",
        "=&==&a=b=c",
        "verbose=%",
        "exclude=%e2%80%ae",
    ] {
        let status = service.get(&format!("/livez?{query}")).status;
        assert!([200, 401].contains(&status), "{query}: {status}");
        let status = service.get_authorised(&format!("/livez?{query}")).status;
        assert!([200, 404].contains(&status), "{query}: {status}");
    }
}

#[test]
fn thousands_of_exclusions_are_read_and_few_come_back() {
    let service = service();
    let names: Vec<_> = (0..600)
        .map(|number| format!("exclude=x{number}"))
        .collect();
    let many = names.join("&");
    let answer = service.get(&format!("/readyz?verbose&{many}&exclude=database"));
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("[+]database ok"), "{}", answer.body);
    let answer = service.get_authorised(&format!("/readyz?verbose&{many}&exclude=database"));
    assert!(
        answer.body.contains("[+]database excluded: ok"),
        "{}",
        answer.body
    );
    assert!(answer.body.len() < 300, "{}", answer.body.len());
}
