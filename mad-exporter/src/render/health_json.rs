//! One snapshot as `application/health+json`, draft-inadarei-api-health-check-06.

use std::collections::BTreeMap;
use std::time::Duration;

use mad_core::{
    Health, HealthSnapshot, Lifecycle, Observation, Probe, Report, RuntimeSnapshot, Snapshot, Unit,
};
use serde::Serialize;
use serde_json::Value;

use super::maintenance_json::{Maintenance, maintenance};
use super::reason::reason;
use super::timestamp::rfc3339;
use crate::program::Program;

/// The media type.
pub(crate) const MEDIA_TYPE: &str = "application/health+json";

/// Under which the lags of the runtimes stand, one entry each.
const LAG: &str = "runtime:lag";

/// The whole document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Document {
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    release_id: Option<String>,
    /// By `component:measurement`.
    checks: BTreeMap<String, Vec<Entry>>,
}

impl Document {
    pub(crate) fn is_failing(&self) -> bool {
        self.status == Status::Fail
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Pass,
    Warn,
    Fail,
}

impl From<Health> for Status {
    fn from(health: Health) -> Self {
        match health {
            Health::Up => Self::Pass,
            Health::Degraded => Self::Warn,
            Health::Unknown | Health::Down => Self::Fail,
        }
    }
}

/// One measurement of one component.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    component_id: String,
    component_type: &'static str,
    /// Nothing for a number that nobody judges.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    /// Only if it is: its status is true, and does not count.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    in_maintenance: bool,
    #[serde(flatten)]
    details: Option<Details>,
}

/// What was measured, and more that only authorised callers see.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    #[serde(skip_serializing_if = "Option::is_none")]
    observed_value: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    observed_unit: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maintenance: Option<Maintenance>,
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<Links>,
}

#[derive(Debug, Serialize)]
struct Links {
    runbook: String,
}

/// Makes the document. Without `may_see` it has statuses and names only.
pub(crate) fn document(snapshot: &Snapshot, program: &Program, may_see: bool) -> Document {
    let mut checks = BTreeMap::new();
    checks.insert("lifecycle".to_owned(), vec![lifecycle_entry(snapshot)]);
    if may_see && !snapshot.runtimes.is_empty() {
        checks.insert(LAG.to_owned(), lag_entries(snapshot));
    }
    for check in &snapshot.health_checks {
        let key = format!("{}:responseTime", check.check.name());
        checks.insert(key, vec![run_entry(check, may_see)]);
        if may_see {
            checks.extend(observation_entries(check));
        }
    }
    Document {
        status: status(snapshot),
        version: program.version.clone().filter(|_| may_see),
        release_id: program.commit.clone().filter(|_| may_see),
        checks,
    }
}

/// An instance that does not answer its probes fails, also for its lifecycle alone.
fn status(snapshot: &Snapshot) -> Status {
    if snapshot.answers(Probe::Any) {
        snapshot.health().into()
    } else {
        Status::Fail
    }
}

fn lifecycle_entry(snapshot: &Snapshot) -> Entry {
    let lifecycle = snapshot.lifecycle;
    let is_serving = lifecycle == Lifecycle::Serving;
    Entry {
        component_id: "lifecycle".to_owned(),
        component_type: "system",
        status: Some(if is_serving {
            Status::Pass
        } else {
            Status::Fail
        }),
        in_maintenance: false,
        details: Some(Details {
            observed_value: Some(lifecycle.as_str().into()),
            ..Details::default()
        }),
    }
}

fn lag_entries(snapshot: &Snapshot) -> Vec<Entry> {
    let runtimes = snapshot.runtimes.iter();
    let entry = |runtime: &RuntimeSnapshot| Entry {
        component_id: runtime.name.to_owned(),
        component_type: "system",
        status: None,
        in_maintenance: false,
        details: Some(Details {
            observed_value: Some(runtime.lag.as_secs_f64().into()),
            observed_unit: Some(unit(Unit::Seconds)),
            time: Some(rfc3339(snapshot.taken_at)),
            ..Details::default()
        }),
    };
    runtimes.map(entry).collect()
}

fn run_entry(snapshot: &HealthSnapshot, may_see: bool) -> Entry {
    Entry {
        details: may_see.then(|| run_details(snapshot)),
        ..entry(snapshot)
    }
}

fn entry(snapshot: &HealthSnapshot) -> Entry {
    Entry {
        component_id: snapshot.check.name().to_owned(),
        component_type: "component",
        status: Some(snapshot.health.into()),
        in_maintenance: snapshot.maintenance.is_some(),
        details: None,
    }
}

fn run_details(snapshot: &HealthSnapshot) -> Details {
    let last = snapshot.record.last.as_deref();
    let runbook = snapshot.check.runbook();
    Details {
        observed_value: last.map(|report| milliseconds(report.duration).into()),
        observed_unit: last.map(|_| "ms"),
        time: last.map(ended_at),
        output: reason(snapshot),
        notes: last.map(notes).unwrap_or_default(),
        maintenance: snapshot.maintenance.as_ref().map(maintenance),
        links: runbook.map(|runbook| Links {
            runbook: runbook.to_owned(),
        }),
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn ended_at(report: &Report) -> String {
    let ended_at = report.started_at.checked_add(report.duration);
    rfc3339(ended_at.unwrap_or(report.started_at))
}

fn notes(report: &Report) -> Vec<String> {
    report.notes.iter().map(|note| note.text.clone()).collect()
}

fn observation_entries(snapshot: &HealthSnapshot) -> impl Iterator<Item = (String, Vec<Entry>)> {
    let reports = snapshot.record.last.iter();
    let observations = reports.flat_map(|report| {
        let observations = report.observations.iter();
        observations.map(|observation| (&**report, observation))
    });
    observations.map(|(report, observation)| {
        let key = format!("{}:{}", snapshot.check.name(), observation.name);
        let details = Some(observation_details(report, observation));
        (
            key,
            vec![Entry {
                details,
                ..entry(snapshot)
            }],
        )
    })
}

fn observation_details(report: &Report, observation: &Observation) -> Details {
    Details {
        observed_value: Some(observation.value.into()),
        observed_unit: Some(unit(observation.unit)),
        time: Some(ended_at(report)),
        ..Details::default()
    }
}

/// The draft writes units as they are abbreviated.
fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Seconds => "s",
        Unit::Bytes => "B",
        other => other.as_str(),
    }
}
