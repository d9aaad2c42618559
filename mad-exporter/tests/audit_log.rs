//! The audit log and the warnings as `tracing` tells them. A process has one subscriber: they are alone here.
#![cfg(feature = "tracing")]

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use mad_core::{Check, HealthOptions};
use mad_exporter::{Exporter, Scope, Token};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Hands on what is logged, one line for each event.
struct Log(Sender<String>);

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("mad_exporter")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let mut line = Line(format!("{} {}", metadata.level(), metadata.target()));
        event.record(&mut line);
        _ = self.0.send(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        _ = write!(self.0, " {field}={value:?}");
    }
}

fn send(address: SocketAddr, token: &str) {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST /drain HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.read_to_string(&mut String::new()).unwrap();
}

#[track_caller]
fn next(lines: &Receiver<String>, parts: &[&str]) {
    let line = lines
        .recv_timeout(Duration::from_secs(20))
        .expect("it is logged");
    for part in parts {
        assert!(line.contains(part), "{part:?} is not in {line}");
    }
    assert!(!line.contains("s3cret"), "{line}");
}

#[test]
fn who_acts_and_what_is_wrong_is_logged_through_tracing_and_no_token_is() {
    let (sender, lines) = channel();
    tracing::subscriber::set_global_default(Log(sender)).unwrap();
    let builder = || {
        let check = Check::health_check("disk", HealthOptions::DEFAULT, |_| true);
        Exporter::builder().check(check).listen(([0, 0, 0, 0], 0))
    };

    let open = builder().start().unwrap();
    next(&lines, &["WARN mad_exporter ", "there is no token"]);
    open.shutdown(Duration::ZERO);

    let token = Token::new("deployer", "s3cret", [Scope::Admin]);
    let exporter = builder().scoped_token(token).start().unwrap();
    let port = exporter.local_addr().unwrap().port();
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    send(address, "s3cret");
    next(
        &lines,
        &[
            "INFO mad_exporter::audit ",
            r#"who="deployer""#,
            r#"requested_by="127.0.0.1:"#,
            r#"request="POST /drain""#,
            r#"subject="draining""#,
            "is_accepted=true",
            "POST /drain from 127.0.0.1:",
        ],
    );
    send(address, "s3cret-of-somebody-else");
    next(&lines, &["INFO mad_exporter::audit ", "is_accepted=false"]);
    exporter.shutdown(Duration::ZERO);
}
