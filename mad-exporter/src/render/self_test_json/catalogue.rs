//! What self-tests there are, and what may be done with them.

use std::time::Duration;

use mad_core::{Check, Effects, SelfTestSnapshot, Snapshot};
use serde::Serialize;

use super::VERSION;
use super::report::{Report, report};
use crate::render::maintenance_json::{Maintenance, maintenance};
use crate::render::place::Place;
use crate::render::timestamp::rfc3339;

/// Every self-test of the program.
#[derive(Debug, Serialize)]
pub(crate) struct Catalogue<'a> {
    version: u32,
    allowed_effects: &'static str,
    self_tests: Vec<Entry<'a>>,
    links: Links,
}

#[derive(Debug, Serialize)]
struct Entry<'a> {
    name: &'a str,
    summary: &'a str,
    description: &'a str,
    effects: &'static str,
    tags: Vec<&'a str>,
    owner: Option<&'a str>,
    runbook: Option<&'a str>,
    location: Place,
    timeout_seconds: f64,
    every_seconds: Option<f64>,
    retries: u32,
    flaky_runs: u64,
    may_run: bool,
    why_not: Option<String>,
    stuck_since: Option<String>,
    maintenance: Option<Maintenance>,
    last: Option<Report<'a>>,
    links: EntryLinks,
}

/// Relative to the catalogue's own address.
#[derive(Debug, Serialize)]
struct Links {
    run: &'static str,
    runs: &'static str,
}

#[derive(Debug, Serialize)]
struct EntryLinks {
    run: String,
}

/// Makes the catalogue. `why_left_out` says why a self-test would not run if it were asked for.
pub(crate) fn catalogue(
    snapshot: &Snapshot,
    allowed: Effects,
    why_left_out: impl Fn(&Check) -> Option<String>,
) -> Catalogue<'_> {
    let entry = |test| entry(test, &why_left_out);
    Catalogue {
        version: VERSION,
        allowed_effects: allowed.as_str(),
        self_tests: snapshot.self_tests.iter().filter_map(entry).collect(),
        links: Links {
            run: "selftest",
            runs: "selftest/runs",
        },
    }
}

fn entry(
    snapshot: &SelfTestSnapshot,
    why_left_out: impl Fn(&Check) -> Option<String>,
) -> Option<Entry<'_>> {
    let check = &*snapshot.check;
    let options = check.self_test_options()?;
    let why_not = why_left_out(check);
    Some(Entry {
        name: check.name(),
        summary: check.summary(),
        description: check.description(),
        effects: options.effects.as_str(),
        tags: check.tags().collect(),
        owner: check.owner(),
        runbook: check.runbook(),
        location: check.location().into(),
        timeout_seconds: check.timeout().as_secs_f64(),
        every_seconds: options.every.map(|every| Duration::as_secs_f64(&every)),
        retries: options.retries,
        flaky_runs: snapshot.record.flaky_runs,
        may_run: why_not.is_none(),
        why_not,
        stuck_since: snapshot.stuck_since.map(rfc3339),
        maintenance: snapshot.maintenance.as_ref().map(maintenance),
        last: snapshot.record.last.as_deref().map(report),
        links: EntryLinks {
            run: format!("selftest/{}", check.name()),
        },
    })
}
