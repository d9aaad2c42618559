//! A program whose self-tests have processes of their own: it runs those that are named, and prints
//! their reports.

#![expect(clippy::print_stdout, reason = "that is what it is for")]

use std::error::Error;
use std::thread;
use std::time::Duration;

use mad_core::{Engine, Selection, Trigger, note, self_test, step_sync};

#[self_test(effects = pure, isolate = process, unit_test = false)]
fn aborts() {
    step_sync("before", || note("still here"));
    step_sync("abort here", || std::process::abort());
}

#[self_test(effects = pure, isolate = process, unit_test = false)]
fn panics() {
    panic!("order {} lost", 7);
}

#[self_test(effects = pure, isolate = process)]
async fn passes() {
    // The runtime of `main` does not turn while `main` waits for this.
    tokio::time::sleep(Duration::from_millis(1)).await;
}

/// With this as the only argument, it comes late to the line that should be the first.
const LATE: &str = "late";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    // A process that runs one self-test is given no arguments.
    #[expect(
        clippy::disallowed_methods,
        reason = "only this program knows what it plays at"
    )]
    if words.is_empty() && std::env::var_os(LATE).is_some() {
        thread::sleep(Duration::from_mins(1));
    }
    mad_core::init();

    let engine = Engine::builder().start()?;
    let id = engine.trigger(Trigger {
        selection: Selection::parse(&words)?,
        effects: mad_core::Effects::Pure,
        requested_by: "main".to_owned(),
        deadline: None,
    })?;
    let run = engine
        .self_test_finished(&id)
        .await
        .ok_or("it is forgotten")?;
    for report in run.results.iter().filter_map(|result| result.report()) {
        println!("{report}");
    }
    Ok(())
}
