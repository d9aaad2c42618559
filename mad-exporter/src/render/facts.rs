//! What there is to say about the lifecycle or a check beside its state: names and plain values, which is
//! all that most dialects have room for.

use mad_core::{HealthSnapshot, Report, Unit};
use serde_json::{Map, Value};

use super::reason::reason;
use super::state::State;
use super::timestamp::{ended_at, rfc3339};
use super::view::{Row, View};

/// Texts, numbers and truths by name.
pub(crate) type Facts = Map<String, Value>;

/// Tells what dialects without a word for it could not say otherwise; and, to eyes that may see it, all else.
pub(crate) fn facts(view: &View<'_>, row: &Row<'_>) -> Facts {
    let mut facts = Facts::new();
    let Some(check) = row.check else {
        tell(&mut facts, "lifecycle", view.snapshot.lifecycle.as_str());
        tell_if_truncated(&mut facts, view);
        return facts;
    };
    if row.is_in_maintenance() {
        tell(&mut facts, "maintenance", true);
    } else if row.state == State::Degraded {
        tell(&mut facts, "degraded", true);
    }
    if row.has_details {
        tell_more(&mut facts, check);
    }
    if view.is_component {
        tell_if_truncated(&mut facts, view);
    }
    facts
}

/// It stands where one looks first: these dialects have no room beside the checks.
fn tell_if_truncated(facts: &mut Facts, view: &View<'_>) {
    if view.is_truncated {
        tell(facts, "truncated", true);
    }
}

fn tell(facts: &mut Facts, name: &str, value: impl Into<Value>) {
    facts.insert(name.to_owned(), value.into());
}

fn tell_more(facts: &mut Facts, check: &HealthSnapshot) {
    if let Some(maintenance) = &check.maintenance {
        tell(facts, "health", check.health.as_str());
        tell(facts, "maintenanceReason", maintenance.reason.as_str());
        tell(facts, "maintenanceUntil", rfc3339(maintenance.until));
    }
    if let Some(reason) = reason(check) {
        tell(facts, "reason", reason);
    }
    if let Some(runbook) = check.check.runbook() {
        tell(facts, "runbook", runbook);
    }
    if let Some(report) = &check.record.last {
        tell_run(facts, report);
    }
}

fn tell_run(facts: &mut Facts, report: &Report) {
    tell(facts, "durationSeconds", report.duration.as_secs_f64());
    tell(facts, "time", rfc3339(ended_at(report)));
    if !report.notes.is_empty() {
        let notes: Vec<_> = report.notes.iter().map(|note| note.text.as_str()).collect();
        tell(facts, "notes", notes.join("; "));
    }
    for observation in &report.observations {
        let name = match observation.unit {
            Unit::Count => format!("observed.{}", observation.name),
            unit => format!("observed.{}_{}", observation.name, unit.as_str()),
        };
        tell(facts, &name, observation.value);
    }
}
