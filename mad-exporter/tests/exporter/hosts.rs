//! Which names a request may ask for.

use crate::support::{Request, Service, TOKEN, readiness, with_token, without_token};

const ALLOWED: [&str; 7] = [
    "mad.example.com",
    "MAD.example.com:9464",
    "localhost",
    "127.0.0.1:9464",
    // As a kubelet asks.
    "10.1.2.3:9464",
    "[2001:db8::1]:9464",
    "[::1]",
];

const REFUSED: [&str; 5] = [
    "evil.example",
    "mad.example.com.evil.example",
    "localhost.evil.example:9464",
    "10.1.2.3.evil.example",
    "",
];

/// Pitfall 11: a page of another site whose host resolves to this one, be it with the token.
#[test]
fn with_names_that_are_allowed_dns_rebinding_gets_421_for_whatever_it_asks() {
    let checks = [readiness("database", |_| true)];
    let service = Service::start(with_token(checks).allow_hosts(["mad.example.com"]));
    service.wait_for_status("/readyz", 200);
    let ask = |method: &'static str, path: &str, host: &str| {
        let request = Request::new(method, path).with_token().with("Host", host);
        request.send_to(service.address())
    };
    for host in ALLOWED {
        assert_eq!(ask("GET", "/readyz", host).status, 200, "{host}");
        assert_eq!(ask("POST", "/resume", host).status, 200, "{host}");
    }
    for host in REFUSED {
        for (method, path) in [
            ("GET", "/readyz"),
            ("GET", "/metrics"),
            ("POST", "/drain"),
            ("GET", "/nothing"),
        ] {
            ask(method, path, host).assert_problem(421, "allow_hosts");
        }
    }
    // The target says more than the header.
    assert_eq!(
        ask("GET", "http://evil.example/readyz", "localhost").status,
        421
    );
}

#[test]
fn a_client_without_a_host_is_no_browser() {
    let checks = [readiness("database", |_| true)];
    let service = Service::start(with_token(checks).allow_hosts(["mad.example.com"]));
    let request = format!("GET /selftest HTTP/1.0\r\nAuthorization: Bearer {TOKEN}\r\n\r\n");
    let answer = crate::support::exchange(service.address(), request.as_bytes());
    assert!(answer.starts_with("HTTP/1.0 200"), "{answer}");
}

#[test]
fn without_a_token_a_caller_on_this_host_may_ask_for_an_allowed_name() {
    let checks = [readiness("database", |_| true)];
    let service = Service::start(without_token(checks).allow_hosts(["shop.test"]));
    for (host, status) in [
        ("shop.test", 200),
        ("SHOP.test:80", 200),
        ("evil.example", 421),
    ] {
        let request = Request::new("POST", "/drain").with("Host", host);
        assert_eq!(request.send_to(service.address()).status, status, "{host}");
    }
}
