//! How many requests a second are answered, beside a bare axum handler that returns the same bytes.
//!
//! Both servers have a thread of their own with a tokio runtime on it; the bare one is `axum::serve` as it is. The
//! handler knows its answer beforehand: a status, headers and a body, as MAD gave them once. A third thread asks on
//! 32 connections of each, on each as soon as it has its answer.
//!
//! The two are asked in turn, for a twentieth of a second each, and who is first changes from pair to pair: so
//! whatever else the machine does, and how fast its processors are at the moment, falls upon both. The ratio is the
//! median of those of all pairs. Beside it stand the limits in which that median is with 19 in 20 chances, and those
//! in which half of the pairs are: if these are far apart, something else was at work.
//!
//! The second table is of probes, each on a connection of its own, while others attack.
//!
//! Run it with `cargo xtask bench --http`.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderName, HeaderValue, Response};
use axum::routing::get;
use mad_core::{Check, HealthOptions, Probes, Registry};
use mad_exporter::Exporter;
use tests::attack::attack;
use tests::load::Load;
use tests::serve_bare;

const CONNECTIONS: usize = 32;

const PAIRS: usize = 150;

/// How long each of a pair is asked: long enough for thousands of answers.
const TURN: Duration = Duration::from_millis(50);

/// How many pairs there are first that do not count.
const WARM_UP: usize = 5;

/// With 19 in 20 chances, the median of so many is not among so many of the least or the most: 1.96 standard
/// deviations of how often a coin falls on one side.
const LEAST: usize = 62;

const ATTACK: Duration = Duration::from_secs(4);

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
        "| {CONNECTIONS} connections | bytes | MAD, requests/s | bare axum handler | MAD / handler | half of the pairs |"
    );
    println!("|---|---|---|---|---|---|");
    for path in PATHS {
        let bytes = Answer::of(mad, path).body.len();
        let comparison = Comparison::of(mad, bare, path)?;
        println!("| `{path}` | {bytes} | {comparison} |");
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

/// How many requests a second both answered, in turn after turn.
struct Comparison(Vec<(f64, f64)>);

impl Comparison {
    fn of(ours: SocketAddr, theirs: SocketAddr, path: &str) -> io::Result<Self> {
        let mut ours = Load::new(ours, path, CONNECTIONS)?;
        let mut theirs = Load::new(theirs, path, CONNECTIONS)?;
        let mut pairs = Vec::new();
        for number in 0..WARM_UP + PAIRS {
            let pair = if number % 2 == 0 {
                let ours = ours.requests_per_second(TURN)?;
                (ours, theirs.requests_per_second(TURN)?)
            } else {
                let theirs = theirs.requests_per_second(TURN)?;
                (ours.requests_per_second(TURN)?, theirs)
            };
            pairs.push(pair);
        }
        Ok(Self(pairs.split_off(WARM_UP)))
    }

    /// Returns something of each pair, in order.
    fn sorted(&self, of: impl Fn(&(f64, f64)) -> f64) -> Vec<f64> {
        let mut values: Vec<_> = self.0.iter().map(of).collect();
        values.sort_unstable_by(f64::total_cmp);
        values
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ours = self.sorted(|(ours, _)| *ours)[PAIRS / 2];
        let theirs = self.sorted(|(_, theirs)| *theirs)[PAIRS / 2];
        let ratios = self.sorted(|(ours, theirs)| ours / theirs);
        let (median, least, most) = (ratios[PAIRS / 2], ratios[LEAST], ratios[PAIRS - 1 - LEAST]);
        let (low, high) = (ratios[PAIRS / 4], ratios[PAIRS - 1 - PAIRS / 4]);
        write!(
            f,
            "{ours:.0} | {theirs:.0} | {median:.2} ({least:.3} to {most:.3}) | {low:.2} to {high:.2}"
        )
    }
}
