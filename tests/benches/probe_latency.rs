//! How long a probe takes while the application is idle, and while its runtime is full.
//!
//! The application has a tokio runtime with a worker for each core. "Full" means that a task on each
//! worker computes without ever yielding. Beside MAD stands what most services have: a handler on
//! the application's own runtime. MAD has a check that hangs, one that panics, and one that blocks
//! inside a future, all at once, and is probed on its own port.
//!
//! Run it with `cargo xtask bench --probes`.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use mad_core::health_check;
use mad_exporter::Exporter;

const PROBES: usize = 2_000;

/// A probe that takes longer is given up, as the kubelet does.
const PATIENCE: Duration = Duration::from_secs(1);

#[health_check(liveness, every = "10ms")]
fn alive() {}

#[health_check(every = "10ms", timeout = "20ms")]
fn hangs() {
    loop {
        thread::park();
    }
}

#[health_check(every = "10ms")]
fn panics() {
    panic!("each time");
}

#[health_check(every = "10ms", timeout = "20ms")]
async fn blocks_in_poll() {
    thread::sleep(Duration::from_hours(1));
    std::future::pending::<()>().await;
}

fn main() {
    let workers = thread::available_parallelism().map_or(2, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_all()
        .build()
        .expect("a runtime");
    let (exporter, handler) = runtime.block_on(async {
        let exporter = Exporter::builder().listen(([127, 0, 0, 1], 0)).start();
        (exporter.expect("an exporter"), serve_handler().await)
    });
    let mad = exporter.local_addr().expect("it listens");
    // The check that hangs is stuck by now, and the one that panics has panicked often.
    thread::sleep(Duration::from_secs(1));

    println!("| {PROBES} probes of `/livez` | p50 | p99 | worst | over 5 ms | no answer in 1 s |");
    println!("|---|---|---|---|---|---|");
    row("MAD, application idle", mad);
    row("handler on the application's runtime, idle", handler);
    let is_over = Arc::new(AtomicBool::new(false));
    for _ in 0..workers {
        let is_over = Arc::clone(&is_over);
        runtime.spawn(async move { while !is_over.load(Ordering::Relaxed) {} });
    }
    thread::sleep(Duration::from_millis(100));
    row(&format!("MAD, all {workers} workers full"), mad);
    row("handler on the application's runtime, full", handler);
    is_over.store(true, Ordering::Relaxed);
    // The checks that hang would keep nobody: they are on threads that are never joined.
    runtime.shutdown_background();
}

async fn serve_handler() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = Router::new().route("/livez", get(async || "ok"));
    tokio::spawn(async { axum::serve(listener, router).await });
    address
}

fn row(what: &str, address: SocketAddr) {
    let mut times: Vec<Duration> = Vec::new();
    let mut lost = 0;
    let mut connection = None;
    while times.len() + lost < PROBES {
        match probe(&mut connection, address) {
            Ok(time) => times.push(time),
            Err(_) => lost += 1,
        }
        if lost == 5 {
            break; // It has stopped answering; more of the same would only take longer.
        }
    }
    times.sort_unstable();
    let slow = times
        .iter()
        .filter(|time| **time > Duration::from_millis(5))
        .count();
    let part = |parts: usize| match times.get(times.len() * parts / 1000) {
        Some(time) if times.len() > 10 => format!("{time:.1?}"),
        _ => "-".to_owned(),
    };
    let worst = times
        .last()
        .map_or("-".to_owned(), |time| format!("{time:.1?}"));
    println!(
        "| {what} | {} | {} | {worst} | {slow} | {lost} |",
        part(500),
        part(990)
    );
}

/// Asks once, on the connection of before if it still stands.
fn probe(connection: &mut Option<TcpStream>, address: SocketAddr) -> io::Result<Duration> {
    let started = Instant::now();
    let mut stream = match connection.take() {
        Some(stream) => stream,
        None => connect(address)?,
    };
    stream.write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
    let mut answer = [0; 2048];
    let n_read = stream.read(&mut answer)?;
    if !answer[..n_read].starts_with(b"HTTP/1.1 200") {
        return Err(io::Error::other("no 200"));
    }
    *connection = Some(stream);
    Ok(started.elapsed())
}

fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
