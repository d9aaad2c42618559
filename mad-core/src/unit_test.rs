//! The unit-test life of a self-test.

use std::sync::Arc;
use std::time::SystemTime;

use crate::check::Check;
use crate::context::Context;
use crate::descriptor::Descriptor;
use crate::isolation;
use crate::journal::Journal;
use crate::once;
use crate::outcome::OutcomeKind;
use crate::panics;
use crate::registry::Registry;
use crate::report::Report;
use crate::run::{Watched, judged_by_values, run_watched};
use crate::runtime::Runtime;
use crate::serial::Turn;
use crate::shape::{self, Place, Shape};
use crate::supply::Supply;

/// Runs a self-test as `cargo test` does: its context from providers, its deadline and its retries
/// kept, on a thread of its own.
///
/// # Panics
///
/// If it fails, with the report as a tree of its steps; or if it cannot run, with everything that
/// is in the way.
#[track_caller]
pub(crate) fn run_unit_test(descriptor: &'static Descriptor) {
    panics::install_hook();
    let test = shape::current_test();
    match run(&Arc::new(Check::from(descriptor)), test.as_deref()) {
        Ok(report) => print(&report),
        Err(refusal) => panic!("{refusal}"),
    }
}

#[expect(
    clippy::print_stdout,
    reason = "the test harness captures it and shows it when asked"
)]
fn print(report: &Report) {
    println!("{report}");
}

/// Runs a self-test as a unit test, as far as it is known of which name, and returns its report, unless it fails or
/// cannot run. The error is what a person is shown.
pub(crate) fn run(check: &Arc<Check>, test: Option<&str>) -> Result<Report, String> {
    let name = check.name();
    let report = run_with_providers(check)
        .map_err(|obstacles| format!("self-test `{name}` cannot run\n{obstacles}"))?;
    if let Some(test) = test {
        let place = Place::of_environment();
        Shape::of_steps(&report.steps).tell(place.as_ref(), "steps", test);
    }
    match report.outcome.kind() {
        OutcomeKind::Fail => Err(format!("self-test `{name}` did not pass\n{report}")),
        OutcomeKind::Pass | OutcomeKind::Warn | OutcomeKind::Skip => Ok(report),
    }
}

fn run_with_providers(check: &Arc<Check>) -> Result<Report, String> {
    isolation::run_if_ordered(check);
    if let Some(obstacle) = isolation::obstacle(check) {
        return Err(obstacle.to_owned());
    }
    let supply = Arc::new(supply_for(check)?);
    let runtime = Arc::new(Runtime::find_or_start().map_err(|error| error.to_string())?);
    // Before the run begins: who waits for a turn is not late.
    let turn = check.serial().map(Turn::wait).transpose();
    let turn = turn.map_err(|error| error.to_string())?;
    if let Err(skip) = once::begin(check) {
        return Ok(Report::without_run(skip, SystemTime::now()));
    }
    let watched = run_with_retries(check, &supply, &runtime);
    let watched = judged_by_values(watched, supply, &runtime);
    if !watched.is_over
        && let Some(turn) = turn
    {
        turn.leave_to(check.name());
    }
    Ok(watched.report)
}

/// Returns the linked providers, if they can make what the check borrows.
fn supply_for(check: &Check) -> Result<Supply, String> {
    let mut registry = Registry::new();
    registry
        .add(check.clone())
        .map_err(|error| error.to_string())?;
    let supply = Supply::linked(Context::new());
    let problems = supply.problems(&registry);
    if problems.is_empty() {
        return Ok(supply);
    }
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    Err(lines.join("\n"))
}

fn run_with_retries(check: &Arc<Check>, supply: &Arc<Supply>, runtime: &Arc<Runtime>) -> Watched {
    let retries = check
        .self_test_options()
        .map_or(0, |options| options.retries);
    let mut before = Vec::new();
    loop {
        let Watched { report, is_over } = run_watched(check, supply, runtime, &Journal::new());
        if !is_over || !report.is_retried(&before, retries) {
            return Watched {
                report: report.after_attempts(&before),
                is_over,
            };
        }
        before.push(report);
    }
}
