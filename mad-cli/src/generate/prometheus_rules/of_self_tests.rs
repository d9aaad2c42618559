//! Alerts about self-tests.

use crate::catalogue::{Catalogue, SelfTest, seconds};

use super::expression::{of_check, select, unless_maintained};
use super::trials::{STEP, Trial};
use super::{Alert, Rule, Severity};

/// The shortest time, in seconds, in which runs are counted; some scrapes have to be in it.
const MIN_WINDOW: f64 = 300.0;

pub(super) fn rules(catalogue: &Catalogue, job: &str) -> (Vec<Rule>, Vec<Trial>) {
    let mut rules = Vec::new();
    let mut trials = Vec::new();
    for test in &catalogue.self_tests {
        let tried = [
            Some(failing(test, job)),
            not_run(test, job),
            Some(stuck(test, job)),
        ];
        for (alert, trial) in tried.into_iter().flatten() {
            rules.push(Rule::Alert(alert));
            trials.push(trial);
        }
    }
    (rules, trials)
}

fn failing(test: &SelfTest, job: &str) -> (Alert, Trial) {
    let name = &test.about.name;
    let health = of_check("mad_selftest_health", job, name);
    let fails = format!("{health} == 0");
    let alert = Alert::new(
        "MadSelfTestFails",
        unless_maintained(&fails, "mad_selftest_maintenance", job, name),
        Severity::Warning,
        &format!("the last run of {name} failed"),
    )
    .about(&test.about);
    let trial = Trial::of_instance(&alert, 0.0).with(&health, 0.0);
    (alert, trial)
}

/// One that runs by itself has not, for the time of two turns: one to be counted in, one to wait.
fn not_run(test: &SelfTest, job: &str) -> Option<(Alert, Trial)> {
    let every = test.every_seconds.filter(|_| test.ignored.is_none())?;
    let name = &test.about.name;
    let window = (every + test.about.timeout_seconds).max(MIN_WINDOW);
    let runs = of_check("mad_selftest_runs_total", job, name);
    let counted = seconds(window);
    let none = format!("sum by (job, instance) (increase({runs}[{counted}])) == 0");
    let alert = Alert::new(
        "MadSelfTestNotRun",
        unless_maintained(&none, "mad_selftest_maintenance", job, name),
        Severity::Warning,
        &format!("{name} is to run every {}, and does not", seconds(every)),
    )
    .about(&test.about)
    .lasting(window);
    // An increase needs a second sample, which the first evaluation has not.
    let trial = Trial::of_instance(&alert, window + STEP).with(&passed(name, job), 5.0);
    Some((alert, trial))
}

fn stuck(test: &SelfTest, job: &str) -> (Alert, Trial) {
    let name = &test.about.name;
    let stuck = of_check("mad_selftest_stuck", job, name);
    let alert = Alert::new(
        "MadSelfTestStuck",
        unless_maintained(
            &format!("{stuck} == 1"),
            "mad_selftest_maintenance",
            job,
            name,
        ),
        Severity::Warning,
        &format!("a run of {name} is over its deadline and does not end"),
    )
    .about(&test.about)
    .lasting(test.about.timeout_seconds);
    let trial = Trial::of_instance(&alert, test.about.timeout_seconds).with(&stuck, 1.0);
    (alert, trial)
}

/// The series that counts its runs that passed.
pub(super) fn passed(name: &str, job: &str) -> String {
    let labels = [("check", name), ("outcome", "pass")];
    select("mad_selftest_runs_total", job, &labels)
}
