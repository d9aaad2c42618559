//! What the checks of web servers find, with servers on this machine.

mod support;

use std::fmt::Write as _;
use std::io::Write;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use mad_checks::{ClockSkew, HttpGet, TcpConnect};
use mad_core::{Check, HealthOptions, Probe, Probes};
use support::{
    answering, check_fails, check_noted, check_passes, check_warns, closed_address, eventually,
    impatient, listener, observed, read_request, serve, silent, start,
};

/// Starts a real web server.
fn web_server() -> SocketAddr {
    let router = Router::new()
        .route("/", get(|| async { "all is well" }))
        .route("/missing", get(|| async { StatusCode::NOT_FOUND }))
        .route("/huge", get(|| async { "x".repeat(10_000_000) + "needle" }))
        .route("/late", get(std::future::pending::<()>));
    let (listener, address) = listener();
    listener.set_nonblocking(true).unwrap();
    let work = move || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
    };
    drop(thread::Builder::new().spawn(work).unwrap());
    address
}

fn url(address: SocketAddr, path: &str) -> String {
    format!("http://{address}{path}")
}

#[test]
fn a_good_status_passes_and_so_does_a_text_that_is_there() {
    let server = web_server();
    let report = check_passes(HttpGet::of(url(server, "")));
    check_noted(&report, &format!("{server} answered 200"));
    assert!(observed(&report, "response") > 0.0);
    check_passes(HttpGet::of(url(server, "/")).expect_body("is well"));
    check_passes(HttpGet::of(url(server, "/missing")).expect_status(404));
}

#[test]
fn another_status_or_another_text_fails() {
    let server = web_server();
    let missing = HttpGet::of(url(server, "/missing"));
    check_fails(missing, "the status is 404, not 200 to 299");
    let ok = HttpGet::of(url(server, "/")).expect_status(204);
    check_fails(ok, "the status is 200, not 204");
    let body = HttpGet::of(url(server, "/")).expect_body("green");
    check_fails(body, "`green` is not in the body; 11 bytes");
}

#[test]
fn of_a_huge_body_only_the_beginning_is_read() {
    let huge = || HttpGet::of(url(web_server(), "/huge"));
    check_passes(huge().expect_body("xxx"));
    check_fails(huge().expect_body("needle"), "65536 bytes of it");
}

#[test]
fn a_body_in_chunks_is_put_together() {
    let server = answering(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nall is\r\n5\r\n well\r\n0\r\n\r\n",
    );
    check_passes(HttpGet::of(url(server, "/")).expect_body("is well"));
    let server = answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n");
    check_fails(
        HttpGet::of(url(server, "/")).expect_body("x"),
        "has no length",
    );
}

#[test]
fn whoever_answers_late_or_never_keeps_no_thread() {
    let started = Instant::now();
    let late = url(web_server(), "/late");
    check_fails(impatient(HttpGet::of(late)), "no answer in time");
    check_fails(
        impatient(HttpGet::of(url(silent(), "/"))),
        "no answer in time",
    );
    assert!(started.elapsed() < Duration::from_secs(15));
}

/// The service's own door is stuck: the kernel lets callers in, and nobody serves them.
#[test]
fn pitfall_22_separate_admin_port_is_not_green_while_the_services_own_is_stuck() {
    let (_stuck, door) = listener();
    let readiness = HealthOptions {
        probes: Probes {
            readiness: true,
            ..Probes::NONE
        },
        ..HealthOptions::DEFAULT
    };
    let is_ready = |own_door: Check| {
        let engine = start(own_door.with_health_options(readiness));
        eventually("it has run", || {
            engine.snapshot().health_checks[0].record.last.is_some()
        });
        let is_ready = engine.snapshot().answers(Probe::Readiness);
        engine.shutdown(Duration::ZERO);
        is_ready
    };
    assert!(!is_ready(impatient(HttpGet::of(url(door, "/")))));
    assert!(is_ready(impatient(HttpGet::of(url(web_server(), "/")))));
    // To connect is not enough: this is what the check is to be an answer for.
    assert!(is_ready(impatient(TcpConnect::to(door.to_string()))));
}

#[test]
fn an_answer_that_comes_byte_by_byte_keeps_no_thread() {
    let endless = serve(|mut socket| {
        read_request(&mut socket);
        let mut head = b"HTTP/1.1 200 OK\r\nX: "
            .iter()
            .copied()
            .chain(std::iter::repeat(b'x'));
        while socket.write_all(&[head.next().unwrap_or_default()]).is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    check_fails(
        impatient(HttpGet::of(url(endless, "/"))),
        "no answer in time",
    );
}

#[test]
fn what_is_no_http_fails_and_is_not_read_for_ever() {
    for (answer, why) in [
        ("", "without a word"),
        ("SSH-2.0-OpenSSH_9.2\r\n\r\n", "garbage"),
        ("HTTP/1.1 200 OK\r\nX: 1\r\n", "breaks off"),
        (
            &format!("HTTP/1.1 200 OK\r\n{}", "y".repeat(20_000)),
            "longer than 16 KiB",
        ),
        (&many_headers(), "more than 64 headers"),
    ] {
        check_fails(HttpGet::of(url(answering(answer), "/")), why);
    }
}

fn many_headers() -> String {
    let mut head = "HTTP/1.1 200 OK\r\n".to_owned();
    for index in 0..100 {
        write!(head, "X-{index}: 1\r\n").unwrap();
    }
    head + "\r\n"
}

#[test]
fn what_cannot_be_asked_says_why() {
    check_fails(HttpGet::of(url(closed_address(), "/")), "refused");
    check_fails(HttpGet::of("ftp://127.0.0.1/"), "must begin with `http://`");
}

/// A server whose clock is so many seconds ahead.
fn server_ahead(seconds: i64, more_headers: &str) -> ClockSkew {
    let more_headers = more_headers.to_owned();
    let server = serve(move |mut socket| {
        read_request(&mut socket);
        let offset = Duration::from_secs(seconds.unsigned_abs());
        let now = SystemTime::now();
        let now = if seconds < 0 {
            now - offset
        } else {
            now + offset
        };
        let date = httpdate::fmt_http_date(now);
        let answer = format!("HTTP/1.1 503 No\r\nDate: {date}\r\n{more_headers}\r\n");
        _ = socket.write_all(answer.as_bytes());
    });
    ClockSkew::against(url(server, "/"))
}

#[test]
fn a_clock_that_agrees_passes_whatever_the_status() {
    let report = check_passes(ClockSkew::against(url(web_server(), "/missing")));
    let doubt = observed(&report, "doubt");
    assert!(
        doubt >= 0.5 && observed(&report, "skew").abs() <= doubt + 0.1,
        "{report}"
    );
    check_passes(server_ahead(0, "Age: 0\r\n"));
}

#[test]
fn a_clock_that_is_off_warns_or_fails_either_way() {
    let report = check_warns(server_ahead(10, ""), "s behind the peer's");
    assert!((observed(&report, "skew") + 10.0).abs() < 5.0, "{report}");
    check_fails(server_ahead(3600, ""), "s behind the peer's");
    check_fails(server_ahead(-3600, ""), "s ahead of the peer's");
    check_passes(server_ahead(10, "").warn_beyond(Duration::from_mins(1)));
}

#[test]
fn a_date_that_tells_nothing_is_not_green() {
    check_fails(server_ahead(0, "Age: 30\r\n"), "comes from a cache");
    for (head, why) in [
        ("HTTP/1.1 200 OK\r\n\r\n", "has no `Date`"),
        ("HTTP/1.1 200 OK\r\nDate: now\r\n\r\n", "is no date: now"),
    ] {
        check_fails(ClockSkew::against(url(answering(head), "/")), why);
    }
}
