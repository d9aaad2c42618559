//! What a scrape costs the service: the processor time of MAD's own threads, for a page of 10,000 counters.
//!
//! It is asked for over HTTP, on one connection, as Prometheus asks. The floor is to copy the page once.
//!
//! Run it with `cargo xtask bench --scrapes`.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use mad_core::{Check, HealthOptions, Registry};
use mad_exporter::Exporter;
use mad_metrics::{Builder, Recorder};

const METRICS: usize = 10;
const SERIES_OF_EACH: usize = 1_000;

/// How often a page is asked for before it counts, and then.
const WARM_UP: usize = 20;
const SCRAPES: u32 = 200;

const OPEN_METRICS: &str = "application/openmetrics-text;version=1.0.0";
const PROTOBUF: &str =
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

/// What it is, what is accepted, how it may be encoded, what is counted in between, and how many milliseconds it is
/// to take at most.
type Row<'a> = (
    &'a str,
    &'a str,
    &'a str,
    &'a dyn Fn(&Recorder),
    Option<f64>,
);

fn main() {
    let recorder = Builder::new().build().expect("a recorder");
    record(&recorder, |_| true);
    let mut registry = Registry::new();
    let check = Check::health_check("idle", HealthOptions::DEFAULT, |_| true);
    registry.add(check).expect("a legal check");
    let exporter = Exporter::builder()
        .registry(registry)
        .recorder(recorder.handle())
        .listen(([127, 0, 0, 1], 0))
        .start()
        .expect("an exporter");
    let address = exporter.local_addr().expect("it listens").to_string();
    let page = Scraper::new(&address).scrape("*/*", "identity");
    let copied = copied(&page);
    println!("| a page of 10,000 counters | bytes | CPU ms | p50 ms | asked: CPU ms | holds |");
    println!("|---|---|---|---|---|---|");
    println!(
        "| copied once in memory | {} | {copied:.3} | | | |",
        page.len()
    );
    let nothing = |_: &Recorder| {};
    let all = |recorder: &Recorder| record(recorder, |_| true);
    let tenth = |recorder: &Recorder| record(recorder, |number| number % SERIES_OF_EACH < 100);
    let rows: [Row<'_>; 6] = [
        ("text", "*/*", "identity", &nothing, Some(0.4)),
        ("OpenMetrics", OPEN_METRICS, "identity", &nothing, Some(0.4)),
        ("protobuf", PROTOBUF, "identity", &nothing, None),
        (
            "text, gzip, no counter has moved",
            "*/*",
            "gzip",
            &nothing,
            None,
        ),
        (
            "text, gzip, one in ten has moved",
            "*/*",
            "gzip",
            &tenth,
            None,
        ),
        ("text, gzip, each has moved", "*/*", "gzip", &all, Some(1.5)),
    ];
    for (name, accept, encoding, change, asked) in rows {
        // A server answers so many requests on a connection, and no more.
        let mut scraper = Scraper::new(&address);
        let (cpu, median, bytes) = measure(&mut scraper, accept, encoding, || change(&recorder));
        let (asked, holds) = asked.map_or_else(Default::default, |asked| {
            let holds = if cpu <= asked { "yes" } else { "no" };
            (asked.to_string(), holds)
        });
        println!("| {name} | {bytes} | {cpu:.3} | {median:.3} | {asked} | {holds} |");
    }
    exporter.shutdown(Duration::ZERO);
}

/// Counts in the series that are meant.
fn record(recorder: &Recorder, is_meant: impl Fn(usize) -> bool) {
    metrics::with_local_recorder(recorder, || {
        for number in (0..METRICS * SERIES_OF_EACH).filter(|number| is_meant(*number)) {
            let name = format!("shop_requests_{}_total", number / SERIES_OF_EACH);
            let route = format!("/api/v1/things/{number}");
            metrics::counter!(name, "method" => "GET", "code" => "200", "route" => route)
                .increment(7);
        }
    });
}

fn copied(page: &[u8]) -> f64 {
    let started = Instant::now();
    for _ in 0..SCRAPES {
        std::hint::black_box(page.to_vec());
    }
    milliseconds(started.elapsed()) / f64::from(SCRAPES)
}

/// Returns the processor time of a scrape and its median time, in milliseconds, and how long the page is.
fn measure(
    scraper: &mut Scraper,
    accept: &str,
    encoding: &str,
    mut change: impl FnMut(),
) -> (f64, f64, usize) {
    for _ in 0..WARM_UP {
        scraper.scrape(accept, encoding);
    }
    let mut times = Vec::new();
    let mut cpu = Duration::ZERO;
    let mut bytes = 0;
    for _ in 0..SCRAPES {
        change();
        let (started, before) = (Instant::now(), cpu_of_mad());
        bytes = scraper.scrape(accept, encoding).len();
        times.push(started.elapsed());
        cpu += cpu_of_mad().saturating_sub(before);
    }
    times.sort_unstable();
    let mean = milliseconds(cpu) / f64::from(SCRAPES);
    (mean, milliseconds(times[times.len() / 2]), bytes)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Returns the processor time that MAD's own threads have had.
fn cpu_of_mad() -> Duration {
    let threads = fs::read_dir("/proc/self/task").expect("Linux");
    let of_mad = threads.filter_map(|thread| {
        let folder = thread.ok()?.path();
        let name = fs::read_to_string(folder.join("comm")).ok()?;
        let times = fs::read_to_string(folder.join("schedstat")).ok()?;
        let nanoseconds = times.split(' ').next()?.parse().ok()?;
        name.starts_with("mad-http")
            .then_some(Duration::from_nanos(nanoseconds))
    });
    of_mad.sum()
}

/// One connection, as a scraper keeps it.
struct Scraper {
    stream: BufReader<TcpStream>,
    host: String,
}

impl Scraper {
    fn new(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("somebody listens");
        Self {
            stream: BufReader::with_capacity(1 << 16, stream),
            host: address.to_owned(),
        }
    }

    fn scrape(&mut self, accept: &str, encoding: &str) -> Vec<u8> {
        let request = format!(
            "GET /metrics HTTP/1.1\r\nHost: {}\r\nAccept: {accept}\r\nAccept-Encoding: {encoding}\r\n\r\n",
            self.host
        );
        self.stream
            .get_mut()
            .write_all(request.as_bytes())
            .expect("sent");
        let mut length = 0;
        loop {
            let mut line = String::new();
            let read = self.stream.read_line(&mut line).expect("an answer");
            assert!(read > 0, "the connection was closed");
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                length = value.trim().parse().expect("a length");
            }
        }
        let mut page = vec![0; length];
        self.stream.read_exact(&mut page).expect("a page");
        page
    }
}
