//! How many requests a second are answered, beside a bare axum handler that returns the same bytes.
//!
//! Both servers have a thread of their own with a tokio runtime on it. The handler knows its answer
//! beforehand: a status, headers and a body, as MAD gave them once. A third thread asks on 32 connections,
//! each as soon as it has its answer. The two are asked in turn, for a quarter of a second each; the ratio
//! is the median of those of all rounds.
//!
//! The second table is of probes, each on a connection of its own, while others attack.
//!
//! Run it with `cargo xtask bench --http`.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderName, HeaderValue, Response};
use axum::routing::get;
use mad_core::{Check, HealthOptions, Probes, Registry};
use mad_exporter::Exporter;
use tests::attack::attack;
use tests::serve_bare;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const CONNECTIONS: usize = 32;

const ROUNDS: usize = 12;

const ATTACK: Duration = Duration::from_secs(4);

const ROUND: Duration = Duration::from_millis(250);

/// The checks of the service, each of which has a state and some twenty series.
const CHECKS: usize = 10;

/// The series of the application.
const SERIES: usize = 1_000;

const PATHS: [&str; 4] = ["/livez", "/readyz", "/health", "/metrics"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let exporter = Exporter::builder()
        .registry(registry()?)
        .listen(([127, 0, 0, 1], 0))
        .start()?;
    let mad = exporter.local_addr().ok_or("it listens")?;
    for number in 0..SERIES {
        metrics::counter!("requests_total", "route" => format!("/orders/{number}")).increment(7);
    }
    // The first run of each check is at once.
    thread::sleep(Duration::from_secs(1));
    let answers = PATHS.map(|path| (path, Answer::of(mad, path)));
    let router = answers
        .into_iter()
        .fold(Router::new(), |router, (path, answer)| {
            router.route(path, get(move || async move { answer.respond() }))
        });
    let bare = serve_bare(router)?;

    println!(
        "| {CONNECTIONS} connections | bytes | MAD, requests/s | bare axum handler | MAD / handler |"
    );
    println!("|---|---|---|---|---|");
    for path in PATHS {
        let bytes = Answer::of(mad, path).body.len();
        let mut rounds: Vec<_> = (0..ROUNDS)
            .map(|_| {
                (
                    requests_per_second(mad, path),
                    requests_per_second(bare, path),
                )
            })
            .collect();
        rounds.sort_unstable_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
        let (ours, theirs) = rounds[ROUNDS / 2];
        let ratio = ours / theirs;
        println!("| `{path}` | {bytes} | {ours:.0} | {theirs:.0} | {ratio:.2} |");
    }

    println!(
        "\n| probes beside 500 slow and 1,000 hammering connections | MAD | bare axum handler |"
    );
    println!("|---|---|---|");
    for path in PATHS {
        let [ours, theirs] = [mad, bare].map(|address| attack(address, path, ATTACK));
        println!("| they ask for `{path}` | {ours} | {theirs} |");
    }
    exporter.shutdown(Duration::ZERO);
    Ok(())
}

fn registry() -> Result<Registry, Box<dyn std::error::Error>> {
    let options = HealthOptions {
        probes: Probes {
            liveness: true,
            readiness: true,
            ..Probes::NONE
        },
        ..HealthOptions::DEFAULT
    };
    let mut registry = Registry::new();
    for number in 0..CHECKS {
        registry.add(Check::health_check(
            format!("check/{number}"),
            options,
            |_| true,
        ))?;
    }
    Ok(registry)
}

/// An answer, as it came.
#[derive(Clone)]
struct Answer {
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl Answer {
    /// Asks once, and takes everything but what a server adds by itself.
    fn of(address: SocketAddr, path: &str) -> Self {
        let mut stream = TcpStream::connect(address).expect("somebody listens");
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("it is taken");
        let mut text = String::new();
        stream
            .read_to_string(&mut text)
            .expect("there is an answer");
        let (head, body) = text.split_once("\r\n\r\n").expect("it has a head");
        let mut lines = head.lines();
        assert_eq!(lines.next(), Some("HTTP/1.1 200 OK"), "{path}");
        let headers = lines.filter_map(|line| {
            let (name, value) = line.split_once(": ")?;
            let is_own = !matches!(name, "content-length" | "date" | "connection");
            is_own.then(|| {
                let name: HeaderName = name.parse().expect("a name");
                (name, value.parse().expect("a value"))
            })
        });
        Self {
            headers: headers.collect(),
            body: Bytes::from(body.to_owned()),
        }
    }

    fn respond(&self) -> Response<axum::body::Body> {
        let mut response = Response::new(self.body.clone().into());
        let headers = self.headers.iter().cloned();
        response.headers_mut().extend(headers);
        response
    }
}

/// Asks on all connections for one round.
fn requests_per_second(address: SocketAddr, path: &str) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    runtime.block_on(async {
        let started = Instant::now();
        let until = started + ROUND;
        let mut clients = tokio::task::JoinSet::new();
        for _ in 0..CONNECTIONS {
            clients.spawn(ask_until(address, request.clone().into_bytes(), until));
        }
        let answers: usize = clients.join_all().await.into_iter().sum();
        #[expect(clippy::cast_precision_loss, reason = "there are few")]
        let answers = answers as f64;
        answers / started.elapsed().as_secs_f64()
    })
}

/// Asks again and again; returns how many answers there were.
async fn ask_until(address: SocketAddr, request: Vec<u8>, until: Instant) -> usize {
    let mut answers = 0;
    let mut buffer = vec![0; 256 * 1024];
    while Instant::now() < until {
        let mut stream = tokio::net::TcpStream::connect(address)
            .await
            .expect("it listens");
        stream.set_nodelay(true).expect("it is a socket");
        while Instant::now() < until {
            stream.write_all(&request).await.expect("it is taken");
            let is_last = read_answer(&mut stream, &mut buffer).await;
            answers += 1;
            if is_last {
                break;
            }
        }
    }
    answers
}

/// Reads one answer; says whether it is the last on its connection.
async fn read_answer(stream: &mut tokio::net::TcpStream, buffer: &mut [u8]) -> bool {
    let mut n_read = 0;
    let mut whole = None;
    while whole.is_none_or(|(length, _)| n_read < length) {
        n_read += stream.read(&mut buffer[n_read..]).await.expect("an answer");
        whole = whole.or_else(|| measure(&buffer[..n_read]));
    }
    whole.is_some_and(|(_, is_last)| is_last)
}

/// Returns how long an answer is in all, once its head is there.
fn measure(answer: &[u8]) -> Option<(usize, bool)> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).expect("a head is text");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.expect("a length").parse().expect("a number");
    Some((end + 4 + length, head.contains("connection: close")))
}
