//! MAD in the servers of others, as `docs/embedding.md` shows it: each serves the application at `/` and MAD below
//! `/mad`, and is asked by a client that knows neither.

mod actix;
mod document;
mod plain_http;
mod through_axum;
mod through_hyper;
mod through_poem;
mod through_tonic;
mod through_warp;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use mad_core::{Check, Effects, HealthOptions, Probes, SelfTestOptions};
use mad_exporter::Exporter;

const TOKEN: &str = "correct-horse-battery-staple";

/// Starts MAD without a server of its own.
fn exporter() -> Exporter {
    let readiness = HealthOptions {
        probes: Probes {
            readiness: true,
            ..Probes::NONE
        },
        ..HealthOptions::DEFAULT
    };
    let read = SelfTestOptions {
        effects: Effects::Read,
        ..SelfTestOptions::DEFAULT
    };
    Exporter::builder()
        .check(Check::health_check("database", readiness, |_| true))
        .check(Check::self_test("orders/place", read, |_| true))
        .token(TOKEN)
        .start()
        .expect("it starts")
}

/// A free port, for a server that wants a listener of the standard library.
fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Runs a server for as long as its client asks.
async fn while_asked(server: impl Future, address: SocketAddr) {
    let client = tokio::task::spawn_blocking(move || ask_everything(address));
    tokio::select! {
        _ = server => panic!("the server ended"),
        asked = client => asked.unwrap(),
    }
}

/// What must hold whichever server it is.
fn ask_everything(address: SocketAddr) {
    let ask = |method: &str, path: &str, headers: &str, body: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let is = |answer: &str, status: u16, part: &str| {
        let has_status = answer.starts_with(&format!("HTTP/1.1 {status} "));
        assert!(
            has_status && answer.contains(part),
            "not {status} with {part}: {answer}"
        );
    };
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    let json = format!("{bearer}Content-Type: application/json\r\n");

    is(&ask("GET", "/", "", ""), 200, "the application");
    is(&ask("GET", "/mad/livez", "", ""), 200, "ok");
    is(
        &ask("GET", "/mad/livez?verbose", "", ""),
        200,
        "[+]lifecycle ok",
    );
    is(&ask("GET", "/mad/metrics", "", ""), 200, "mad_check_health");
    is(&ask("GET", "/mad/nothing", "", ""), 404, "");
    is(&ask("POST", "/mad/selftest", "", ""), 401, "Bearer TOKEN");
    let selected = r#"{"select":["orders/*"]}"#;
    let run = ask("POST", "/mad/selftest", &json, selected);
    is(&run, 200, r#""outcome": "pass""#);
    is(&run, 200, "selftest/runs/");
    is(
        &ask("POST", "/mad/selftest/orders/place", &bearer, ""),
        200,
        "../runs/",
    );
    is(&ask("POST", "/mad/selftest", &json, "{"), 400, "no JSON");
}
