//! Requests whose end a proxy may see elsewhere: what they hide is never taken for a request.

use std::net::SocketAddr;

use mad_core::Lifecycle;

use crate::support::{Service, TOKEN, exchange, readiness, with_token};

fn service() -> Service {
    let service = Service::start(with_token([readiness("database", |_| true)]));
    service.wait_for_status("/readyz", 200);
    service
}

/// What is hidden behind the first request: it drains the instance, if anybody ever reads it.
fn hidden() -> String {
    format!(
        "POST /drain HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Length: 0\r\nConnection: close\r\n\r\n"
    )
}

/// Sends it and returns the statuses that came back.
fn statuses(address: SocketAddr, bytes: &[u8]) -> Vec<u16> {
    let text = exchange(address, bytes);
    let answers = text.split("HTTP/1.1 ").skip(1);
    let status = |answer: &str| answer.get(..3).and_then(|status| status.parse().ok());
    answers
        .map(|answer| status(answer).expect("a status"))
        .collect()
}

fn is_serving(service: &Service) -> bool {
    service.exporter.engine().snapshot().lifecycle == Lifecycle::Serving
}

/// Sends a request with these headers and this body, and the hidden one behind it.
#[track_caller]
fn check(service: &Service, headers: &str, body: &str, expected: &[u16]) {
    let request = format!(
        "POST /selftest/none HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Type: application/json\r\n{headers}\r\n\r\n{body}{}",
        hidden()
    );
    let statuses = statuses(service.address(), request.as_bytes());
    assert_eq!(statuses, expected, "{headers:?} {body:?}");
    assert!(is_serving(service), "{headers:?} {body:?}");
}

#[test]
fn what_is_behind_a_plain_request_is_the_next_one() {
    // Without this, the others would show nothing.
    let service = service();
    let request = format!("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n{}", hidden());
    assert_eq!(statuses(service.address(), request.as_bytes()), [200, 200]);
    assert!(!is_serving(&service));
}

#[test]
fn a_length_beside_chunks_hides_nothing() {
    let service = service();
    let chunked = "Transfer-Encoding: chunked";
    check(
        &service,
        &format!("Content-Length: 4\r\n{chunked}"),
        "0\r\n\r\n",
        &[404],
    );
    check(
        &service,
        &format!("{chunked}\r\nContent-Length: 4"),
        "0\r\n\r\n",
        &[404],
    );
    check(&service, chunked, "0\r\n\r\n", &[404]);
}

#[test]
fn two_lengths_that_differ_are_400() {
    let service = service();
    check(
        &service,
        "Content-Length: 0\r\nContent-Length: 5",
        "",
        &[400],
    );
    check(&service, "Content-Length: 0, 5", "", &[400]);
    for wrong in ["+0", "-1", "0x0", "1e1", "0 0", "99999999999999999999", ""] {
        check(&service, &format!("Content-Length: {wrong}"), "", &[400]);
    }
}

#[test]
fn an_encoding_that_is_not_known_is_400() {
    let service = service();
    for encoding in [
        "gzip",
        "chunked, identity",
        "xchunked",
        "\u{b}chunked",
        "chunked\u{0}",
        "",
    ] {
        check(
            &service,
            &format!("Transfer-Encoding: {encoding}"),
            "0\r\n\r\n",
            &[400],
        );
    }
    // It is not for HTTP/1.0, whose proxies do not know it.
    let request = format!(
        "POST /selftest HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{}",
        hidden()
    );
    let statuses = statuses(service.address(), request.as_bytes());
    assert!(matches!(statuses[..], [] | [400]), "{statuses:?}");
    assert!(is_serving(&service));
}

#[test]
fn a_name_with_a_blank_and_a_folded_line_are_400() {
    let service = service();
    check(&service, "Content-Length : 0", "", &[400]);
    check(&service, "Transfer-Encoding : chunked", "", &[400]);
    check(&service, "X-Folded: a\r\n b", "", &[400]);
    check(&service, "X-Folded: a\r\n\tContent-Length: 0", "", &[400]);
    check(&service, " Content-Length: 0", "", &[400]);
}

#[test]
fn chunks_that_are_broken_end_the_connection() {
    let service = service();
    let chunked = "Transfer-Encoding: chunked";
    for body in [
        "x\r\n\r\n",
        "-1\r\n\r\n",
        "0x0\r\n\r\n",
        "ffffffffffffffff1\r\n\r\n",
        "1\r\nab\r\n0\r\n\r\n",
        "5\r\n{}\r\n0\r\n\r\n",
        "1;a=\"\n0\r\n\r\n",
        "0\n\n",
        "2 \u{0}\r\n{}\r\n0\r\n\r\n",
    ] {
        check(&service, chunked, body, &[400]);
    }
    // An extension is read over; one without end is no way to keep the server reading.
    check(&service, chunked, "2;a=b\r\n{}\r\n0\r\n\r\n", &[404]);
    let endless = format!("2;{}\r\n{{}}\r\n0\r\n\r\n", "x".repeat(20_000));
    check(&service, chunked, &endless, &[400]);
}

#[test]
fn what_is_behind_a_body_that_nobody_reads_is_no_request() {
    let service = service();
    // Refused before the body is read; the body looks like a request.
    let hidden = hidden();
    let request = format!(
        "POST /selftest HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{hidden}",
        hidden.len()
    );
    assert_eq!(statuses(service.address(), request.as_bytes()), [401]);
    let request = format!(
        "GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{hidden}",
        hidden.len()
    );
    assert_eq!(statuses(service.address(), request.as_bytes()), [200]);
    assert!(is_serving(&service));
}

#[test]
fn line_feeds_alone_end_lines_and_hide_nothing() {
    let service = service();
    let request = "GET /livez HTTP/1.1\nHost: localhost\nConnection: close\n\n";
    assert_eq!(statuses(service.address(), request.as_bytes()), [200]);
    // A carriage return alone ends none.
    let request = "GET /livez HTTP/1.1\rHost: localhost\r\r";
    let statuses = statuses(service.address(), request.as_bytes());
    assert!(matches!(statuses[..], [] | [400]), "{statuses:?}");
}
