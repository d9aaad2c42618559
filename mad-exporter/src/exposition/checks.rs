//! What is known of each check.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mad_core::{DurationHistogram, Health, OutcomeKind, Probes, Record};

use super::known::{Known, Row};
use super::samples::Samples;

/// Shows a series for each probe that a check gates.
pub(super) fn gates(samples: &mut Samples<'_>, known: &Known<'_>) {
    for snapshot in &known.snapshot.health_checks {
        let options = snapshot.check.health_options();
        for kind in kinds(options.map_or(Probes::NONE, |options| options.probes)) {
            let labels = [("check", snapshot.check.name()), ("kind", kind)];
            samples.gauge(&labels, health_value(snapshot.health));
        }
    }
}

/// One word for each probe that a check gates, or the one for a check that gates none.
fn kinds(probes: Probes) -> impl Iterator<Item = &'static str> {
    let gated = [
        (probes == Probes::NONE, "informational"),
        (probes.liveness, "liveness"),
        (probes.readiness, "readiness"),
        (probes.startup, "startup"),
    ];
    gated
        .into_iter()
        .filter_map(|(applies, kind)| applies.then_some(kind))
}

fn health_value(health: Health) -> f64 {
    match health {
        Health::Up => 1.0,
        Health::Degraded => 0.5,
        Health::Unknown | Health::Down => 0.0,
    }
}

pub(super) fn ages(samples: &mut Samples<'_>, known: &Known<'_>) {
    for snapshot in &known.snapshot.health_checks {
        if let Some(age) = snapshot.age {
            samples.gauge(&[("check", snapshot.check.name())], age.as_secs_f64());
        }
    }
}

pub(super) fn transitions(samples: &mut Samples<'_>, known: &Known<'_>) {
    for row in &known.health_checks {
        samples.count(&[("check", row.name)], row.record.transitions);
    }
}

pub(super) fn last_outcomes(samples: &mut Samples<'_>, known: &Known<'_>) {
    for row in &known.self_tests {
        if let Some(value) = last_outcome_value(row.record) {
            samples.gauge(&[("check", row.name)], value);
        }
    }
}

/// The value of the last run; a skipped one says nothing, not even what the one before it said.
fn last_outcome_value(record: &Record) -> Option<f64> {
    match record.last.as_ref()?.outcome.kind() {
        OutcomeKind::Pass => Some(1.0),
        OutcomeKind::Warn => Some(0.5),
        OutcomeKind::Fail => Some(0.0),
        OutcomeKind::Skip => None,
    }
}

pub(super) fn flaky_runs(samples: &mut Samples<'_>, known: &Known<'_>) {
    for row in &known.self_tests {
        samples.count(&[("check", row.name)], row.record.flaky_runs);
    }
}

/// Every outcome is there from the start, at 0: a rate of what is not there is no number.
pub(super) fn runs(samples: &mut Samples<'_>, rows: &[Row<'_>]) {
    for row in rows {
        for kind in OutcomeKind::ALL {
            let labels = [("check", row.name), ("outcome", kind.as_str())];
            samples.count(&labels, row.record.runs.of(kind));
        }
    }
}

pub(super) fn durations(samples: &mut Samples<'_>, rows: &[Row<'_>]) {
    for row in rows {
        let DurationHistogram { counts, sum } = &row.record.durations;
        samples.histogram(&[("check", row.name)], counts, sum.as_secs_f64());
    }
}

pub(super) fn last_successes(samples: &mut Samples<'_>, rows: &[Row<'_>]) {
    for row in rows {
        if let Some(at) = row.record.last_success_at {
            samples.gauge(&[("check", row.name)], since_epoch(at).as_secs_f64());
        }
    }
}

pub(super) fn stuck(samples: &mut Samples<'_>, rows: &[Row<'_>]) {
    for row in rows {
        samples.count(&[("check", row.name)], row.is_stuck);
    }
}

pub(super) fn maintenance(samples: &mut Samples<'_>, rows: &[Row<'_>]) {
    for row in rows {
        samples.count(&[("check", row.name)], row.is_in_maintenance);
    }
}

pub(super) fn observations(samples: &mut Samples<'_>, rows: &[Row<'_>]) {
    for row in rows {
        let reports = row.record.last.iter();
        for observation in reports.flat_map(|report| &report.observations) {
            let labels = [
                ("check", row.name),
                ("observation", &observation.name),
                ("unit", observation.unit.as_str()),
            ];
            samples.gauge(&labels, observation.value);
        }
    }
}

fn since_epoch(at: SystemTime) -> Duration {
    at.duration_since(UNIX_EPOCH).unwrap_or_default()
}
