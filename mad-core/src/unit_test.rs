//! The unit-test life of a self-test.

use std::sync::Arc;

use crate::check::Check;
use crate::context::Context;
use crate::descriptor::Descriptor;
use crate::isolation;
use crate::journal::Journal;
use crate::outcome::OutcomeKind;
use crate::panics;
use crate::registry::Registry;
use crate::report::Report;
use crate::run::{Watched, run_watched};
use crate::runtime::Runtime;
use crate::supply::Supply;

/// Runs a self-test as `cargo test` does: its context from providers, its deadline and its retries
/// kept, on a thread of its own.
///
/// # Panics
///
/// If it fails, with the report as a tree of its steps; or if it cannot run, with everything that
/// is in the way.
#[track_caller]
pub fn run_unit_test(descriptor: &'static Descriptor) {
    panics::install_hook();
    let name = descriptor.name;
    let report = match run_with_providers(descriptor) {
        Ok(report) => report,
        Err(obstacles) => panic!("self-test `{name}` cannot run\n{obstacles}"),
    };
    let is_failure = report.outcome.kind() == OutcomeKind::Fail;
    assert!(!is_failure, "self-test `{name}` did not pass\n{report}");
    print(&report);
}

#[expect(
    clippy::print_stdout,
    reason = "the test harness captures it and shows it when asked"
)]
fn print(report: &Report) {
    println!("{report}");
}

fn run_with_providers(descriptor: &'static Descriptor) -> Result<Report, String> {
    let check = Check::from(descriptor);
    isolation::run_if_ordered(&check);
    if let Some(obstacle) = isolation::obstacle(&check) {
        return Err(obstacle.to_owned());
    }
    let retries = check
        .self_test_options()
        .map_or(0, |options| options.retries);
    let mut registry = Registry::new();
    registry
        .add(check.clone())
        .map_err(|error| error.to_string())?;
    let supply = Arc::new(Supply::linked(Context::new()));
    let problems = supply.problems(&registry);
    if !problems.is_empty() {
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        return Err(lines.join("\n"));
    }
    let runtime = Arc::new(Runtime::find_or_start().map_err(|error| error.to_string())?);
    Ok(run_with_retries(
        &Arc::new(check),
        retries,
        &supply,
        &runtime,
    ))
}

fn run_with_retries(
    check: &Arc<Check>,
    retries: u32,
    supply: &Arc<Supply>,
    runtime: &Arc<Runtime>,
) -> Report {
    let mut before = Vec::new();
    loop {
        let Watched { report, is_over } = run_watched(check, supply, runtime, &Journal::begin());
        if !is_over || !report.is_retried(&before, retries) {
            return report.after_attempts(&before);
        }
        before.push(report);
    }
}
