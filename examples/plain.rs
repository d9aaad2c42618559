//! MAD in a program without async: a loop that looks for prime numbers.
//!
//! ```sh
//! cargo run --example plain        # MAD_LISTEN=127.0.0.1:0 takes any free port
//! curl 'http://127.0.0.1:9464/readyz?verbose'
//! curl -X POST http://127.0.0.1:9464/selftest
//! ```
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it talks to who started it"
)]

use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, io};

use mad_core::{health_check, self_test};
use mad_exporter::Exporter;
use parking_lot::Mutex;

/// What the loop tells about itself: when it last found a prime number.
struct Search {
    found_at: Mutex<Instant>,
}

/// The search makes progress.
#[health_check(readiness, every = "2s", timeout = "1s")]
fn search_advances(search: &Search) -> bool {
    search.found_at.lock().elapsed() < Duration::from_secs(5)
}

/// The scratch folder can be written to. It gates no probe: the search goes on without.
#[health_check(every = "1m")]
fn scratch_folder() -> io::Result<()> {
    tempfile::tempfile().map(drop)
}

/// The first prime numbers are found, and nothing else.
#[self_test(effects = pure, tags("smoke"))]
fn first_primes() -> bool {
    let primes = (0..30).filter(|number| is_prime(*number));
    primes.eq([2, 3, 5, 7, 11, 13, 17, 19, 23, 29])
}

fn is_prime(number: u64) -> bool {
    let mut divisors = (2..).take_while(|divisor| divisor * divisor <= number);
    number >= 2 && !divisors.any(|divisor| number.is_multiple_of(divisor))
}

fn main() -> ExitCode {
    let Err(error) = run() else {
        return ExitCode::SUCCESS;
    };
    eprintln!("plain: {error}");
    ExitCode::FAILURE
}

fn run() -> Result<(), Box<dyn Error>> {
    let search = Arc::new(Search {
        found_at: Mutex::new(Instant::now()),
    });
    // MAD runs on threads of its own from here on.
    let exporter = Exporter::builder()
        .provide_shared(Arc::clone(&search)) // what `search_advances` borrows
        .expect(["search_advances"]) // refuses to start if it was not linked
        .token_from_env("MAD_TOKEN") // without one, only callers on this host start self-tests
        .version(env!("CARGO_PKG_VERSION"))
        .listen(address()?)
        .start()?;
    if let Some(address) = exporter.local_addr() {
        println!("mad   http://{address}");
    }
    // What is not as somebody might believe, such as an address that others reach and that has no token.
    for warning in exporter.warnings() {
        eprintln!("plain: {warning}");
    }
    // Not before: MAD's recorder receives what is said here.
    metrics::describe_counter!("plain_primes_found_total", "Primes found.");
    for _ in (0..).filter(|number| is_prime(*number)) {
        *search.found_at.lock() = Instant::now();
        metrics::counter!("plain_primes_found_total").increment(1);
        sleep(Duration::from_millis(10));
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is where the program is configured"
)]
fn address() -> Result<SocketAddr, Box<dyn Error>> {
    let text = env::var("MAD_LISTEN").unwrap_or("127.0.0.1:9464".to_owned());
    let address = text.parse();
    address.map_err(|_| format!("MAD_LISTEN is `{text}`, not an IP address and a port").into())
}
