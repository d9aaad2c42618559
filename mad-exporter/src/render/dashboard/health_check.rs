//! A health check on the page.

use std::time::SystemTime;

use askama::Template;
use mad_core::{Health, HealthOptions, HealthSnapshot, Probes, Snapshot};

use super::about::{About, InMaintenance};
use super::causes::{holds_up, waits_for};
use super::chart::Chart;
use super::moment::Moment;
use super::report::Report;
use super::span::span;
use crate::render::reason::reason;
use crate::render::since::Since;

/// A health check.
#[derive(Debug, Template)]
#[template(path = "health_check.html")]
pub(super) struct HealthCheck {
    pub(super) name: String,
    pub(super) health: Health,
    is_in_maintenance: bool,
    gates: String,
    /// For authorised eyes.
    details: Option<Details>,
}

#[derive(Debug)]
struct Details {
    about: About,
    every: String,
    cause: Option<String>,
    since: Option<Since>,
    waits_for: Vec<String>,
    holds_up: Vec<String>,
    last_result: Option<Moment>,
    stuck_since: Option<Moment>,
    maintenance: Option<InMaintenance>,
    chart: Option<Chart>,
    report: Option<Report>,
}

impl HealthCheck {
    pub(super) fn new(snapshot: &Snapshot, check: &HealthSnapshot, may_see: bool) -> Self {
        Self {
            name: check.check.name().to_owned(),
            health: check.health,
            is_in_maintenance: check.maintenance.is_some(),
            gates: gates(check),
            details: may_see.then(|| Details::new(snapshot, check)),
        }
    }

    /// Says in a line what is wrong, as far as that is for these eyes.
    pub(super) fn trouble(&self) -> String {
        let Some(details) = &self.details else {
            return String::new();
        };
        if let Some(root) = details.waits_for.last() {
            return format!("waits for {root}");
        }
        details.cause.clone().unwrap_or_default()
    }

    /// Says in a line what is wrong, or else what it is about.
    fn line(&self) -> String {
        let trouble = self.trouble();
        match &self.details {
            Some(details) if trouble.is_empty() => details.about.summary.clone(),
            _ => trouble,
        }
    }

    /// Says whether it waits for another one that is Down.
    pub(super) fn is_waiting(&self) -> bool {
        let details = self.details.as_ref();
        details.is_some_and(|details| !details.waits_for.is_empty())
    }

    pub(super) fn counts(&self) -> bool {
        !self.is_in_maintenance
    }

    fn state(&self) -> &'static str {
        self.health.as_str()
    }
}

impl Details {
    fn new(snapshot: &Snapshot, check: &HealthSnapshot) -> Self {
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        let record = &check.record;
        Self {
            about: (&*check.check).into(),
            every: every(check.check.health_options()),
            cause: reason(check),
            since: Since::of(check.health, record),
            waits_for: owned(waits_for(snapshot, &check.check)),
            holds_up: owned(holds_up(snapshot, check.check.name())),
            last_result: record.last.as_deref().map(|report| ended(report).into()),
            stuck_since: check.stuck_since.map(Moment::from),
            maintenance: check.maintenance.as_ref().map(InMaintenance::from),
            chart: Chart::of(record),
            report: record.last.as_deref().map(Report::from),
        }
    }
}

fn ended(report: &mad_core::Report) -> SystemTime {
    let ended = report.started_at.checked_add(report.duration);
    ended.unwrap_or(report.started_at)
}

fn every(options: Option<&HealthOptions>) -> String {
    options.map_or_else(String::new, |options| span(options.every))
}

fn gates(check: &HealthSnapshot) -> String {
    let options = check.check.health_options();
    let probes = options.map_or(Probes::NONE, |options| options.probes);
    let gates = [
        ("liveness", probes.liveness),
        ("readiness", probes.readiness),
        ("startup", probes.startup),
    ];
    let gates = gates.iter().filter(|(_, gates)| *gates);
    let names: Vec<_> = gates.map(|(name, _)| *name).collect();
    if names.is_empty() {
        "gates no probe".to_owned()
    } else {
        format!("gates {}", names.join(", "))
    }
}
