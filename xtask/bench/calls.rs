//! What a call costs that is measured, beside one that is not: a table of Markdown.

use std::error::Error;
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// How many calls a round has, and how many rounds there are; the quickest counts.
const CALLS: u32 = 2_000;
const ROUNDS: usize = 1_000;

#[inline(never)]
fn bare(number: u64) -> Result<u64, String> {
    black_box(Ok(number))
}

#[mad_core::measured]
#[inline(never)]
fn measured(number: u64) -> Result<u64, String> {
    black_box(Ok(number))
}

#[mad_core::measured(sample = 16)]
#[inline(never)]
fn sampled(number: u64) -> Result<u64, String> {
    black_box(Ok(number))
}

#[autometrics::autometrics(track_concurrency)]
#[inline(never)]
fn autometrics(number: u64) -> Result<u64, String> {
    black_box(Ok(number))
}

async fn bare_async(number: u64) -> Result<u64, String> {
    black_box(Ok(number))
}

#[mad_core::measured]
async fn measured_async(number: u64) -> Result<u64, String> {
    black_box(Ok(number))
}

#[autometrics::autometrics(track_concurrency)]
async fn autometrics_async(number: u64) -> Result<u64, String> {
    black_box(Ok(number))
}

fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("nothing is waited for"),
    }
}

/// Returns what a call takes.
fn time(call: impl Fn(u64) -> Result<u64, String>) -> Duration {
    let round = || {
        let started = Instant::now();
        for number in 0..u64::from(CALLS) {
            _ = black_box(call(black_box(number)));
        }
        started.elapsed()
    };
    let quickest = (0..ROUNDS).map(|_| round()).min().unwrap_or_default();
    quickest * 1_000 / CALLS
}

fn main() -> Result<(), Box<dyn Error>> {
    let without = time(measured);
    let handle = mad_metrics::Builder::new().install()?;
    autometrics::prometheus_exporter::init();
    let bare_call = time(bare);
    let rows = [
        ("a bare function", bare_call),
        ("`#[measured]`, no recorder", without),
        ("`#[measured(sample = 16)]`", time(sampled)),
        ("`#[measured]`", time(measured)),
        ("`#[autometrics]` with its prometheus-exporter", time(autometrics)),
        ("a bare `async` function", time(|number| now(bare_async(number)))),
        ("`#[measured]`, `async`", time(|number| now(measured_async(number)))),
        ("`#[autometrics]`, `async`", time(|number| now(autometrics_async(number)))),
    ];
    // A bench of what is not recorded would be easy to win.
    assert!(handle.render().contains("function_calls_total{function=\"measured_async\""));
    let theirs = autometrics::prometheus_exporter::encode_to_string()?;
    assert!(theirs.contains("function=\"autometrics_async\""));
    println!("| a call of | ns | more than a bare one |");
    println!("|---|---:|---:|");
    for (what, time) in rows {
        // They were measured in thousandths.
        let ns = |time: Duration| time.as_secs_f64() * 1e6;
        println!("| {what} | {:.1} | {:+.1} |", ns(time), ns(time) - ns(bare_call));
    }
    Ok(())
}
