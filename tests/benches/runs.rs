//! What the engine adds to a run: schedule, thread, deadline, panic guard, fold and record, beside a
//! task of tokio with a timeout that somebody joins.
//!
//! Run it with `cargo xtask bench --runs`.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mad_core::{Check, Context, Engine, HealthOptions, Registry};

const CHECKS: usize = 10_000;
const ROUNDS: usize = 5;

fn main() {
    let workers = thread::available_parallelism().map_or(2, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_all()
        .build()
        .expect("a runtime");
    let engine = median(|| runtime.block_on(async { all_due_at_once() }));
    let at_once = median(|| runtime.block_on(tasks_at_once()));
    let in_turn = median(|| runtime.block_on(tasks_in_turn()));
    let threads = median(threads_in_turn);

    println!(
        "| {CHECKS} runs of an `async` function that does nothing | in all | each | ratio to the engine |"
    );
    println!("|---|---|---|---|");
    let row = |what: &str, time: Duration| {
        let each = time / u32::try_from(CHECKS).unwrap_or(u32::MAX);
        let ratio = engine.as_secs_f64() / time.as_secs_f64();
        println!("| {what} | {time:.1?} | {each:.1?} | {ratio:.2} |");
    };
    row("the engine, all due at once", engine);
    row(
        "tokio: spawn with timeout one after the other, each joined",
        in_turn,
    );
    row("tokio: spawn with timeout all at once, then join", at_once);
    row("a thread for each, one after the other", threads);
}

fn median(measure: impl Fn() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS).map(|_| measure()).collect();
    times.sort_unstable();
    times[ROUNDS / 2]
}

/// Starts an engine whose checks are all due at once; returns how long they took, starting apart.
fn all_due_at_once() -> Duration {
    let ran = Arc::new(AtomicUsize::new(0));
    let options = HealthOptions {
        every: Duration::from_hours(1),
        initial_delay: Duration::from_millis(300),
        ..HealthOptions::DEFAULT
    };
    let mut registry = Registry::new();
    for number in 0..CHECKS {
        let ran = Arc::clone(&ran);
        let check = Check::health_check_async(
            format!("check{number}"),
            options,
            async move |_: &Context| {
                ran.fetch_add(1, Ordering::Relaxed);
            },
        );
        registry.add(check).expect("a name of its own");
    }
    let engine = Engine::builder()
        .registry(registry)
        .without_runtime_check()
        .start()
        .expect("an engine");
    while ran.load(Ordering::Relaxed) == 0 {
        thread::yield_now();
    }
    let started = Instant::now();
    while ran.load(Ordering::Relaxed) < CHECKS {
        thread::sleep(Duration::from_micros(200));
    }
    let time = started.elapsed();
    let snapshot = engine.snapshot();
    assert_eq!(snapshot.health_checks.len(), CHECKS);
    engine.shutdown(Duration::from_secs(5));
    time
}

async fn tasks_at_once() -> Duration {
    let started = Instant::now();
    let tasks: Vec<_> = (0..CHECKS).map(|_| tokio::spawn(with_timeout())).collect();
    for task in tasks {
        task.await.expect("it ends").expect("in time");
    }
    started.elapsed()
}

async fn tasks_in_turn() -> Duration {
    let started = Instant::now();
    for _ in 0..CHECKS {
        let task = tokio::spawn(with_timeout());
        task.await.expect("it ends").expect("in time");
    }
    started.elapsed()
}

async fn with_timeout() -> Result<(), tokio::time::error::Elapsed> {
    tokio::time::timeout(Duration::from_secs(5), async {}).await
}

fn threads_in_turn() -> Duration {
    let started = Instant::now();
    for _ in 0..CHECKS {
        thread::scope(|scope| scope.spawn(|| ()).join().expect("it ends"));
    }
    started.elapsed()
}
