//! Alerts about health checks.

use crate::catalogue::{Catalogue, HealthCheck, seconds};

use super::expression::{of_check, select, unless_blamed, unless_maintained};
use super::trials::Trial;
use super::{Alert, Rule, Severity};

/// The worst state of a check among the probes that it gates, while it is not in maintenance.
const HEALTH: &str = "instance_check:mad_check_health:min";

/// So many changes of state are too many, in the time for as many runs as make twelve.
const MAX_TRANSITIONS: u32 = 6;

/// The shortest time, in seconds, in which changes are counted; some scrapes have to be in it.
const MIN_WINDOW: f64 = 600.0;

/// How long a check may not be shown by an instance that is, in seconds.
const MAX_ABSENCE: f64 = 120.0;

pub(super) fn rules(catalogue: &Catalogue, job: &str) -> (Vec<Rule>, Vec<Trial>) {
    let mut rules = Vec::new();
    let mut trials = Vec::new();
    if !catalogue.health_checks.is_empty() {
        rules.push(health(job));
    }
    for check in &catalogue.health_checks {
        let severity = if check.is_critical && !check.probes.is_empty() {
            Severity::Critical
        } else {
            Severity::Warning
        };
        let tried = [
            Some(down(check, job, severity)),
            Some(degraded(check, job)),
            stale(check, job, severity),
            Some(absent(check, job)),
            Some(stuck(check, job)),
            Some(flapping(check, job)),
        ];
        for (alert, trial) in tried.into_iter().flatten() {
            rules.push(Rule::Alert(alert));
            trials.push(trial);
        }
    }
    (rules, trials)
}

fn health(job: &str) -> Rule {
    let health = select("mad_check_health", job, &[]);
    let maintenance = select("mad_check_maintenance", job, &[]);
    Rule::Recording {
        record: HEALTH.to_owned(),
        expr: format!(
            "min by (job, instance, check) ({health}) \
             unless on (job, instance, check) ({maintenance} == 1)"
        ),
    }
}

/// The first run may take its time, and so may the one after a failure: a check that comes back in it alerts nobody.
fn settling(check: &HealthCheck) -> f64 {
    check.initial_delay_seconds + check.while_down_seconds + check.about.timeout_seconds
}

fn down(check: &HealthCheck, job: &str, severity: Severity) -> (Alert, Trial) {
    let name = &check.about.name;
    let is_down = format!("{} == 0", of_check(HEALTH, job, name));
    let alert = Alert::new(
        "MadCheckDown",
        unless_blamed(is_down, HEALTH, job, &check.about),
        severity,
        &format!("{name} is down, or nobody knows"),
    )
    .about(&check.about)
    .lasting(settling(check));
    let trial = Trial::of_instance(&alert, settling(check)).with(&shown(check, job), 0.0);
    (alert, trial)
}

fn degraded(check: &HealthCheck, job: &str) -> (Alert, Trial) {
    let name = &check.about.name;
    let alert = Alert::new(
        "MadCheckDegraded",
        format!("{} == 0.5", of_check(HEALTH, job, name)),
        Severity::Warning,
        &format!("{name} is degraded"),
    )
    .about(&check.about)
    .lasting(settling(check));
    let trial = Trial::of_instance(&alert, settling(check)).with(&shown(check, job), 0.5);
    (alert, trial)
}

fn stale(check: &HealthCheck, job: &str, severity: Severity) -> Option<(Alert, Trial)> {
    let max_age = check.max_age_seconds?;
    let name = &check.about.name;
    let age = of_check("mad_check_age_seconds", job, name);
    let is_old = unless_maintained(
        &format!("{age} > {max_age}"),
        "mad_check_maintenance",
        job,
        name,
    );
    let alert = Alert::new(
        "MadCheckStale",
        unless_blamed(is_old, HEALTH, job, &check.about),
        severity,
        &format!("{name} has no result younger than {}", seconds(max_age)),
    )
    .about(&check.about);
    let trial = Trial::of_instance(&alert, 0.0).with(&age, max_age + 1.0);
    Some((alert, trial))
}

fn absent(check: &HealthCheck, job: &str) -> (Alert, Trial) {
    let name = &check.about.name;
    let up = select("up", job, &[]);
    let health = of_check("mad_check_health", job, name);
    let alert = Alert::new(
        "MadCheckAbsent",
        format!("{up} == 1 unless on (job, instance) {health}"),
        Severity::Warning,
        &format!("{name} is not among the checks that an instance shows"),
    )
    .about(&check.about)
    .lasting(MAX_ABSENCE);
    let trial = Trial::of_instance(&alert, MAX_ABSENCE).without(&shown(check, job));
    (alert, trial)
}

fn stuck(check: &HealthCheck, job: &str) -> (Alert, Trial) {
    let name = &check.about.name;
    let stuck = of_check("mad_check_stuck", job, name);
    let alert = Alert::new(
        "MadCheckStuck",
        unless_maintained(&format!("{stuck} == 1"), "mad_check_maintenance", job, name),
        Severity::Warning,
        &format!("a run of {name} is over its deadline and does not end"),
    )
    .about(&check.about)
    .lasting(check.about.timeout_seconds);
    let trial = Trial::of_instance(&alert, check.about.timeout_seconds).with(&stuck, 1.0);
    (alert, trial)
}

fn flapping(check: &HealthCheck, job: &str) -> (Alert, Trial) {
    let name = &check.about.name;
    let runs_per_change = f64::from(check.fail_after.max(check.recover_after));
    let window = (check.every_seconds * runs_per_change * 12.0).max(MIN_WINDOW);
    let transitions = of_check("mad_check_transitions_total", job, name);
    let changes = format!(
        "increase({transitions}[{}]) >= {MAX_TRANSITIONS}",
        seconds(window)
    );
    let alert = Alert::new(
        "MadCheckFlaps",
        unless_maintained(&changes, "mad_check_maintenance", job, name),
        Severity::Warning,
        &format!("{name} comes and goes"),
    )
    .about(&check.about);
    let trial = Trial::of_instance(&alert, MIN_WINDOW).growing(&transitions);
    (alert, trial)
}

/// The series that shows its state: of the first probe that it gates.
pub(super) fn shown(check: &HealthCheck, job: &str) -> String {
    let kind = check.probes.first().map_or("informational", String::as_str);
    let labels = [("check", check.about.name.as_str()), ("kind", kind)];
    select("mad_check_health", job, &labels)
}
