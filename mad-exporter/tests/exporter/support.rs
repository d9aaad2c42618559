//! What the tests have in common: a service to ask, and a client that can also be rude.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mad_core::{
    Check, Context, Effects, HealthOptions, IntoOutcome, Probes, Registry, SelfTestOptions,
};
use mad_exporter::{Exporter, ExporterBuilder};

/// The token of services that have one.
pub(crate) const TOKEN: &str = "correct-horse-battery-staple";

/// How long something that must happen may take on a machine that is busy with other things.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A running exporter; it is stopped at the end of the test.
pub(crate) struct Service {
    pub(crate) exporter: Exporter,
}

impl Service {
    /// Starts one on a free port.
    pub(crate) fn start(builder: ExporterBuilder) -> Self {
        let builder = builder.listen(([127, 0, 0, 1], 0));
        Self {
            exporter: builder.start().expect("the exporter starts"),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.exporter.local_addr().expect("it has its own server")
    }

    /// Asks as somebody does whom the service does not know.
    pub(crate) fn get(&self, path: &str) -> Answer {
        Request::new("GET", path).send_to(self.address())
    }

    /// Asks as somebody who has the token.
    pub(crate) fn get_authorised(&self, path: &str) -> Answer {
        Request::new("GET", path)
            .with_token()
            .send_to(self.address())
    }

    /// Posts JSON as somebody who has the token.
    pub(crate) fn post(&self, path: &str, body: &str) -> Answer {
        let request = Request::new("POST", path).with_token();
        let request = if body.is_empty() {
            request
        } else {
            request.with_json(body)
        };
        request.send_to(self.address())
    }

    /// Follows the `Location` of an answer to `path`, as RFC 3986 resolves it.
    #[track_caller]
    pub(crate) fn follow(&self, path: &str, answer: &Answer) -> Answer {
        let location = answer.header("location");
        assert!(!location.is_empty(), "{answer:?}");
        let mut folders: Vec<_> = path.split('/').collect();
        folders.pop();
        for part in location.split('/') {
            if part == ".." {
                folders.pop();
            } else {
                folders.push(part);
            }
        }
        self.get_authorised(&folders.join("/"))
    }

    /// Asks until the answer is this.
    #[track_caller]
    pub(crate) fn wait_for_status(&self, path: &str, status: u16) {
        wait_until(&format!("{path} answers {status}"), || {
            self.get(path).status == status
        });
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.exporter.shutdown(Duration::ZERO);
    }
}

#[track_caller]
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(
            started.elapsed() < PATIENCE,
            "it never came to this: {what}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub(crate) fn registry(checks: impl IntoIterator<Item = Check>) -> Registry {
    let mut registry = Registry::new();
    for check in checks {
        registry.add(check).expect("the checks of a test are legal");
    }
    registry
}

/// A builder with these checks and the token.
pub(crate) fn with_token(checks: impl IntoIterator<Item = Check>) -> ExporterBuilder {
    without_token(checks).token(TOKEN)
}

/// A builder with these checks.
pub(crate) fn without_token(checks: impl IntoIterator<Item = Check>) -> ExporterBuilder {
    Exporter::builder().registry(registry(checks))
}

/// A health check that gates readiness.
#[track_caller]
pub(crate) fn readiness<R: IntoOutcome>(
    name: &'static str,
    function: impl Fn(&Context) -> R + Send + Sync + 'static,
) -> Check {
    gating(
        name,
        Probes {
            readiness: true,
            ..Probes::NONE
        },
        function,
    )
}

#[track_caller]
pub(crate) fn gating<R: IntoOutcome>(
    name: &'static str,
    probes: Probes,
    function: impl Fn(&Context) -> R + Send + Sync + 'static,
) -> Check {
    let options = HealthOptions {
        probes,
        every: Duration::from_millis(50),
        ..HealthOptions::DEFAULT
    };
    Check::health_check(name, options, function)
}

#[track_caller]
pub(crate) fn self_test<R: IntoOutcome>(
    name: &'static str,
    effects: Effects,
    function: impl Fn(&Context) -> R + Send + Sync + 'static,
) -> Check {
    let options = SelfTestOptions {
        effects,
        ..SelfTestOptions::DEFAULT
    };
    Check::self_test(name, options, function)
}

/// Opens the gate that the self-test `slow` waits at.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<AtomicBool>);

impl Gate {
    pub(crate) fn open(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub(crate) fn slow_test(&self) -> Check {
        let gate = self.clone();
        self_test("slow", Effects::Read, move |_| {
            while !gate.0.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(5));
            }
        })
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.open();
    }
}

/// A request in the making.
#[derive(Clone)]
pub(crate) struct Request {
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Request {
    pub(crate) fn new(method: &'static str, path: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            headers: Vec::new(),
            body: String::new(),
        }
    }

    /// Adds a header; `Host` and the others that every request has are added if they are not there.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn with_token(self) -> Self {
        self.with("Authorization", &format!("Bearer {TOKEN}"))
    }

    pub(crate) fn with_json(self, body: &str) -> Self {
        self.with("Content-Type", "application/json")
            .with_body(body)
    }

    pub(crate) fn with_body(mut self, body: &str) -> Self {
        body.clone_into(&mut self.body);
        self
    }

    #[track_caller]
    pub(crate) fn send_to(&self, address: SocketAddr) -> Answer {
        let bytes = exchange_bytes(address, self.to_text(&address.to_string()).as_bytes());
        Answer::parse_bytes(&bytes)
    }

    /// Sends it through a socket in the file system.
    #[cfg(unix)]
    #[track_caller]
    pub(crate) fn send_through(&self, socket: &std::path::Path) -> Answer {
        let mut stream = std::os::unix::net::UnixStream::connect(socket).expect("somebody listens");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        _ = stream.write_all(self.to_text("localhost").as_bytes());
        Answer::parse(&read_to_end(&mut stream))
    }

    fn to_text(&self, host: &str) -> String {
        let length = self.body.len();
        let mut headers = self.headers.clone();
        for (name, value) in [
            ("Host", host.to_owned()),
            ("Connection", "close".to_owned()),
            ("Content-Length", length.to_string()),
        ] {
            if !headers
                .iter()
                .any(|(other, _)| other.eq_ignore_ascii_case(name))
            {
                headers.push((name.to_owned(), value));
            }
        }
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        for (name, value) in headers {
            text.extend([name.as_str(), ": ", value.as_str(), "\r\n"]);
        }
        text + "\r\n" + &self.body
    }
}

/// Sends these bytes and returns all that comes until the other side closes.
#[track_caller]
pub(crate) fn exchange(address: SocketAddr, bytes: &[u8]) -> String {
    String::from_utf8(exchange_bytes(address, bytes)).expect("answers are UTF-8")
}

#[track_caller]
fn exchange_bytes(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).expect("somebody listens");
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // The other side may refuse early and close; what it said is still to be read.
    _ = stream.write_all(bytes);
    read_bytes_to_end(&mut stream)
}

/// Reads until the other side closes, or breaks off.
#[track_caller]
pub(crate) fn read_to_end(stream: &mut impl Read) -> String {
    String::from_utf8(read_bytes_to_end(stream)).expect("answers are UTF-8")
}

#[track_caller]
pub(crate) fn read_bytes_to_end(stream: &mut impl Read) -> Vec<u8> {
    let mut text = Vec::new();
    let mut part = [0; 4096];
    loop {
        match stream.read(&mut part) {
            Ok(0) => break,
            Ok(length) => text.extend_from_slice(&part[..length]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                panic!("it did not close: {:?}", String::from_utf8_lossy(&text))
            }
            Err(_) => break,
        }
    }
    text
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The body, as far as it is text.
    pub(crate) body: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) head: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn parse(text: &str) -> Self {
        Self::parse_bytes(text.as_bytes())
    }

    #[track_caller]
    fn parse_bytes(bytes: &[u8]) -> Self {
        let ends = bytes.windows(4).position(|bytes| bytes == b"\r\n\r\n");
        let (head, body) = bytes.split_at(ends.expect("an answer has a head"));
        let head = String::from_utf8_lossy(head).into_owned();
        let body = &body[4..];
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        Self {
            status: status.expect("an answer has a status"),
            body: String::from_utf8_lossy(body).into_owned(),
            bytes: body.to_owned(),
            head,
        }
    }

    /// Returns a header, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        let header = headers.find(|(other, _)| other.eq_ignore_ascii_case(name));
        header.map_or("", |(_, value)| value)
    }

    /// Returns the body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect(&self.body)
    }

    /// Says that this is a problem with this status, and that its detail has this in it.
    #[track_caller]
    pub(crate) fn assert_problem(&self, status: u16, part: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert!(
            problem["detail"].as_str().unwrap().contains(part),
            "{problem}"
        );
    }
}
