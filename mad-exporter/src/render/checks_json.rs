//! Which checks there are and what each asks for, as JSON: for whoever writes configurations that match.
//!
//! Nothing in it changes while the program runs, but for checks that come and go.

use std::time::Duration;

use mad_core::{Check, HealthOptions, Probes, SelfTestOptions};
use serde::Serialize;

use super::place::Place;

/// The version of the shapes; it changes when a reader of the old ones would be misled.
const VERSION: u32 = 1;

/// All checks, by name.
#[derive(Debug, Serialize)]
#[expect(
    clippy::struct_field_names,
    reason = "these are the names in the document"
)]
pub(crate) struct Checks<'a> {
    version: u32,
    health_checks: Vec<HealthCheck<'a>>,
    self_tests: Vec<SelfTest<'a>>,
}

#[derive(Debug, Serialize)]
struct HealthCheck<'a> {
    #[serde(flatten)]
    about: About<'a>,
    probes: Vec<&'static str>,
    every_seconds: f64,
    while_down_seconds: f64,
    initial_delay_seconds: f64,
    max_age_seconds: Option<f64>,
    fail_after: u32,
    recover_after: u32,
    is_critical: bool,
}

#[derive(Debug, Serialize)]
struct SelfTest<'a> {
    #[serde(flatten)]
    about: About<'a>,
    effects: &'static str,
    every_seconds: Option<f64>,
    retries: u32,
    is_once: bool,
    ignored: Option<&'a str>,
}

/// What a check of either kind says about itself.
#[derive(Debug, Serialize)]
struct About<'a> {
    name: &'a str,
    summary: &'a str,
    description: &'a str,
    tags: Vec<&'a str>,
    owner: Option<&'a str>,
    runbook: Option<&'a str>,
    after: Vec<&'a str>,
    serial: Option<&'a str>,
    timeout_seconds: f64,
    location: Place,
}

/// Makes the document from checks in the order of their names.
pub(crate) fn checks<'a>(checks: impl Iterator<Item = &'a Check> + Clone) -> Checks<'a> {
    Checks {
        version: VERSION,
        health_checks: checks.clone().filter_map(health_check).collect(),
        self_tests: checks.filter_map(self_test).collect(),
    }
}

fn health_check(check: &Check) -> Option<HealthCheck<'_>> {
    let options = check.health_options()?;
    let HealthOptions {
        every,
        while_down,
        initial_delay,
        fail_after,
        recover_after,
        critical,
        ..
    } = *options;
    Some(HealthCheck {
        about: about(check),
        probes: probes(options.probes),
        every_seconds: every.as_secs_f64(),
        while_down_seconds: while_down.unwrap_or(every).as_secs_f64(),
        initial_delay_seconds: initial_delay.as_secs_f64(),
        max_age_seconds: check.max_age().as_ref().map(Duration::as_secs_f64),
        fail_after,
        recover_after,
        is_critical: critical,
    })
}

fn self_test(check: &Check) -> Option<SelfTest<'_>> {
    let SelfTestOptions {
        effects,
        every,
        retries,
        once,
        ignore,
        ..
    } = *check.self_test_options()?;
    Some(SelfTest {
        about: about(check),
        effects: effects.as_str(),
        every_seconds: every.as_ref().map(Duration::as_secs_f64),
        retries,
        is_once: once,
        ignored: ignore,
    })
}

fn about(check: &Check) -> About<'_> {
    About {
        name: check.name(),
        summary: check.summary(),
        description: check.description(),
        tags: check.tags().collect(),
        owner: check.owner(),
        runbook: check.runbook(),
        after: check.after().collect(),
        serial: check.serial(),
        timeout_seconds: check.timeout().as_secs_f64(),
        location: check.location().into(),
    }
}

fn probes(probes: Probes) -> Vec<&'static str> {
    let gated = [
        ("liveness", probes.liveness),
        ("readiness", probes.readiness),
        ("startup", probes.startup),
    ];
    let gated = gated.into_iter().filter(|(_, gates)| *gates);
    gated.map(|(name, _)| name).collect()
}
