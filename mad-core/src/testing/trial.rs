//! A self-test as the harness knows it.

use std::sync::Arc;

use libtest_mimic::{Completion, Failed, Trial};

use crate::check::Check;
use crate::outcome::Outcome;
use crate::report::Report;
use crate::unit_test;

/// Returns the trial of a self-test, with its check's name.
pub(super) fn trial(check: Arc<Check>, shows_pass: bool) -> Trial {
    let is_ignored = is_ignored(&check);
    let name = check.name().to_owned();
    let runner = move || completion(&check, shows_pass);
    Trial::ignorable_test(name, runner).with_ignored_flag(is_ignored)
}

/// Says whether a self-test runs only when it is asked for; the same ones as among unit tests.
fn is_ignored(check: &Check) -> bool {
    let options = check.self_test_options();
    options.is_none_or(|options| options.ignore.is_some() || !options.unit_test)
}

fn completion(check: &Arc<Check>, shows_pass: bool) -> Result<Completion, Failed> {
    let report = unit_test::run(check, Some(check.name()))?;
    match &report.outcome {
        Outcome::Skip(reason) => return Ok(Completion::ignored_with(reason)),
        Outcome::Warn(_) => tell(check.name(), "passed with a warning", &report),
        _ if shows_pass => tell(check.name(), "passed", &report),
        _ => {}
    }
    Ok(Completion::Completed)
}

#[expect(
    clippy::print_stderr,
    reason = "a test harness tells it there; standard output is the list of results"
)]
fn tell(name: &str, what: &str, report: &Report) {
    eprintln!("self-test `{name}` {what}\n{report}");
}
