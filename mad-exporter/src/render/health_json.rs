//! One snapshot as `application/health+json`, draft-inadarei-api-health-check-06.

use std::collections::BTreeMap;
use std::time::Duration;

use mad_core::{HealthSnapshot, Observation, Report, RuntimeSnapshot, Snapshot, Unit};
use serde::Serialize;
use serde_json::Value;

use super::maintenance_json::{Maintenance, maintenance};
use super::reason::reason;
use super::timestamp::{ended_at, rfc3339, to_the_second};
use super::view::{Row, View};

/// Under which the lags of the runtimes stand, one entry each.
const LAG: &str = "runtime:lag";

/// The whole document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Document {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    release_id: Option<String>,
    /// Only if it is: something was left out, as there was too much of it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
    /// By `component:measurement`.
    checks: BTreeMap<String, Vec<Entry>>,
}

/// One measurement of one component.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    component_id: String,
    component_type: &'static str,
    /// Nothing for a number that nobody judges.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
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

/// Makes the document. Who may not see more has statuses and names only.
pub(crate) fn document(view: &View<'_>) -> Document {
    let mut checks = BTreeMap::new();
    if view.may_see && !view.is_component && !view.snapshot.runtimes.is_empty() {
        checks.insert(LAG.to_owned(), lag_entries(view.snapshot));
    }
    for row in &view.rows {
        let Some(check) = row.check else {
            checks.insert("lifecycle".to_owned(), vec![lifecycle_entry(view, row)]);
            continue;
        };
        let key = format!("{}:responseTime", check.check.name());
        let details = row.has_details.then(|| run_details(check));
        checks.insert(key, vec![entry(row, check, details)]);
        if row.has_details {
            checks.extend(observation_entries(row, check));
        }
    }
    let program = Some(view.program).filter(|_| view.may_see);
    Document {
        status: view.state().words().health_json,
        version: program.and_then(|program| program.version.clone()),
        release_id: program.and_then(|program| program.commit.clone()),
        truncated: view.is_truncated,
        checks,
    }
}

fn lifecycle_entry(view: &View<'_>, row: &Row<'_>) -> Entry {
    Entry {
        component_id: "lifecycle".to_owned(),
        component_type: "system",
        status: Some(row.state.words().health_json),
        in_maintenance: false,
        details: Some(Details {
            observed_value: Some(view.snapshot.lifecycle.as_str().into()),
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
            // A heart beats once a second, and a document that says no more precisely when can be kept as long.
            time: Some(rfc3339(to_the_second(snapshot.taken_at))),
            ..Details::default()
        }),
    };
    runtimes.map(entry).collect()
}

fn entry(row: &Row<'_>, check: &HealthSnapshot, details: Option<Details>) -> Entry {
    Entry {
        component_id: check.check.name().to_owned(),
        component_type: "component",
        status: Some(row.true_state().words().health_json),
        in_maintenance: row.is_in_maintenance(),
        details,
    }
}

fn run_details(snapshot: &HealthSnapshot) -> Details {
    let last = snapshot.record.last.as_deref();
    let runbook = snapshot.check.runbook();
    Details {
        observed_value: last.map(|report| milliseconds(report.duration).into()),
        observed_unit: last.map(|_| "ms"),
        time: last.map(|report| rfc3339(ended_at(report))),
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

fn notes(report: &Report) -> Vec<String> {
    report.notes.iter().map(|note| note.text.clone()).collect()
}

fn observation_entries(
    row: &Row<'_>,
    check: &HealthSnapshot,
) -> impl Iterator<Item = (String, Vec<Entry>)> {
    let reports = check.record.last.iter();
    let observations = reports.flat_map(|report| {
        let observations = report.observations.iter();
        observations.map(|observation| (&**report, observation))
    });
    observations.map(|(report, observation)| {
        let key = format!("{}:{}", check.check.name(), observation.name);
        let details = observation_details(report, observation);
        (key, vec![entry(row, check, Some(details))])
    })
}

fn observation_details(report: &Report, observation: &Observation) -> Details {
    Details {
        observed_value: Some(observation.value.into()),
        observed_unit: Some(unit(observation.unit)),
        time: Some(rfc3339(ended_at(report))),
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
