//! What a process of its own costs a self-test, beside a thread, in a small program and in a large one.
//!
//! Run it with `cargo xtask bench --runs`.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use mad_core::{Effects, Engine, Selection, Trigger, self_test};

const RUNS: usize = 300;

/// How much memory the large program has.
const LARGE: usize = 1 << 30;

#[self_test(effects = pure, unit_test = false)]
fn on_a_thread() {}

#[self_test(effects = pure, isolate = process, unit_test = false)]
fn in_a_process() {}

fn main() {
    mad_core::init();
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime");
    let engine = Engine::builder().start().expect("an engine");
    let measure = |name: &str| {
        let mut durations: Vec<Duration> = (0..RUNS)
            .map(|_| runtime.block_on(run(&engine, name)))
            .collect();
        durations.sort_unstable();
        durations
    };

    println!("| one run, from the trigger to the report | p50 | p99 | worst |");
    println!("|---|---|---|---|");
    row("on a thread", &measure("on_a_thread"));
    row("in a process", &measure("in_a_process"));
    let memory = black_box(vec![1_u8; LARGE]);
    row(
        "on a thread of a program with 1 GiB",
        &measure("on_a_thread"),
    );
    row(
        "in a process of a program with 1 GiB",
        &measure("in_a_process"),
    );
    drop(black_box(memory));
}

async fn run(engine: &Engine, name: &str) -> Duration {
    let started = Instant::now();
    let trigger = Trigger {
        selection: Selection::parse([name]).expect("a name"),
        effects: Effects::Pure,
        requested_by: "bench".to_owned(),
        deadline: None,
    };
    let id = engine.trigger(trigger).expect("a run");
    let run = engine.self_test_finished(&id).await.expect("its report");
    let report = run.results[0].report().expect("its report");
    assert!(report.outcome.failure().is_none(), "{report}");
    started.elapsed()
}

fn row(what: &str, sorted: &[Duration]) {
    let p50 = sorted[sorted.len() / 2];
    let p99 = sorted[sorted.len() * 99 / 100];
    let worst = sorted[sorted.len() - 1];
    println!("| {what} | {p50:.1?} | {p99:.1?} | {worst:.1?} |");
}
