//! What is known of each check.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mad_core::{
    DurationHistogram, Health, HealthSnapshot, OutcomeKind, Probes, Record, SelfTestSnapshot,
};

use super::families::{
    CHECK_AGE, CHECK_DURATION, CHECK_HEALTH, CHECK_LAST_SUCCESS, CHECK_MAINTENANCE,
    CHECK_OBSERVATION, CHECK_RUNS, CHECK_STUCK, CHECK_TRANSITIONS, SELF_TEST_DURATION,
    SELF_TEST_FLAKY, SELF_TEST_HEALTH, SELF_TEST_LAST_SUCCESS, SELF_TEST_MAINTENANCE,
    SELF_TEST_OBSERVATION, SELF_TEST_RUNS, SELF_TEST_STUCK,
};
use super::writer::{Family, FamilyWriter};

pub(super) fn write_health_checks(page: &mut String, checks: &[HealthSnapshot]) {
    write_health(&mut FamilyWriter::new(page, &CHECK_HEALTH), checks);
    write_ages(&mut FamilyWriter::new(page, &CHECK_AGE), checks);
    write_transitions(&mut FamilyWriter::new(page, &CHECK_TRANSITIONS), checks);
    let rows: Vec<_> = checks.iter().map(Row::from).collect();
    write_records(page, &CHECK_FAMILIES, &rows);
}

fn write_health(family: &mut FamilyWriter<'_>, checks: &[HealthSnapshot]) {
    for snapshot in checks {
        let options = snapshot.check.health_options();
        for kind in kinds(options.map_or(Probes::NONE, |options| options.probes)) {
            let labels = [("check", snapshot.check.name()), ("kind", kind)];
            family.gauge(&labels, health_value(snapshot.health));
        }
    }
}

/// One word for each probe that a check gates, or the one for a check that gates none.
fn kinds(probes: Probes) -> impl Iterator<Item = &'static str> {
    let gated = [
        (probes.liveness, "liveness"),
        (probes.readiness, "readiness"),
        (probes.startup, "startup"),
        (probes == Probes::NONE, "informational"),
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

fn write_ages(family: &mut FamilyWriter<'_>, checks: &[HealthSnapshot]) {
    for snapshot in checks {
        if let Some(age) = snapshot.age {
            family.gauge(&[("check", snapshot.check.name())], age.as_secs_f64());
        }
    }
}

fn write_transitions(family: &mut FamilyWriter<'_>, checks: &[HealthSnapshot]) {
    for snapshot in checks {
        let labels = [("check", snapshot.check.name())];
        family.count(&labels, snapshot.record.transitions);
    }
}

pub(super) fn write_self_tests(page: &mut String, tests: &[SelfTestSnapshot]) {
    let mut family = FamilyWriter::new(page, &SELF_TEST_HEALTH);
    for snapshot in tests {
        if let Some(value) = last_outcome_value(&snapshot.record) {
            family.gauge(&[("check", snapshot.check.name())], value);
        }
    }
    let mut family = FamilyWriter::new(page, &SELF_TEST_FLAKY);
    for snapshot in tests {
        let labels = [("check", snapshot.check.name())];
        family.count(&labels, snapshot.record.flaky_runs);
    }
    let rows: Vec<_> = tests.iter().map(Row::from).collect();
    write_records(page, &SELF_TEST_FAMILIES, &rows);
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

/// The families that both kinds of check have.
struct RecordFamilies {
    runs: Family,
    duration: Family,
    last_success: Family,
    stuck: Family,
    maintenance: Family,
    observation: Family,
}

const CHECK_FAMILIES: RecordFamilies = RecordFamilies {
    runs: CHECK_RUNS,
    duration: CHECK_DURATION,
    last_success: CHECK_LAST_SUCCESS,
    stuck: CHECK_STUCK,
    maintenance: CHECK_MAINTENANCE,
    observation: CHECK_OBSERVATION,
};

const SELF_TEST_FAMILIES: RecordFamilies = RecordFamilies {
    runs: SELF_TEST_RUNS,
    duration: SELF_TEST_DURATION,
    last_success: SELF_TEST_LAST_SUCCESS,
    stuck: SELF_TEST_STUCK,
    maintenance: SELF_TEST_MAINTENANCE,
    observation: SELF_TEST_OBSERVATION,
};

/// What those families are filled from.
struct Row<'a> {
    name: &'a str,
    record: &'a Record,
    is_stuck: bool,
    is_in_maintenance: bool,
}

impl<'a> From<&'a HealthSnapshot> for Row<'a> {
    fn from(snapshot: &'a HealthSnapshot) -> Self {
        Self {
            name: snapshot.check.name(),
            record: &snapshot.record,
            is_stuck: snapshot.stuck_since.is_some(),
            is_in_maintenance: snapshot.maintenance.is_some(),
        }
    }
}

impl<'a> From<&'a SelfTestSnapshot> for Row<'a> {
    fn from(snapshot: &'a SelfTestSnapshot) -> Self {
        Self {
            name: snapshot.check.name(),
            record: &snapshot.record,
            is_stuck: snapshot.stuck_since.is_some(),
            is_in_maintenance: snapshot.maintenance.is_some(),
        }
    }
}

fn write_records(page: &mut String, families: &RecordFamilies, rows: &[Row<'_>]) {
    type Write = fn(&mut FamilyWriter<'_>, &Row<'_>);
    let writers: [(&Family, Write); 6] = [
        (&families.runs, write_runs),
        (&families.duration, write_durations),
        (&families.last_success, write_last_success),
        (&families.stuck, write_stuck),
        (&families.maintenance, write_maintenance),
        (&families.observation, write_observations),
    ];
    for (family, write) in writers {
        let mut family = FamilyWriter::new(page, family);
        for row in rows {
            write(&mut family, row);
        }
    }
}

/// Every outcome is there from the start, at 0: a rate of what is not there is no number.
fn write_runs(family: &mut FamilyWriter<'_>, row: &Row<'_>) {
    for kind in OutcomeKind::ALL {
        let labels = [("check", row.name), ("outcome", kind.as_str())];
        family.count(&labels, row.record.runs.of(kind));
    }
}

fn write_durations(family: &mut FamilyWriter<'_>, row: &Row<'_>) {
    let DurationHistogram { counts, sum } = &row.record.durations;
    let bounds = &DurationHistogram::BOUNDS;
    family.histogram(&[("check", row.name)], bounds, counts, sum.as_secs_f64());
}

fn write_last_success(family: &mut FamilyWriter<'_>, row: &Row<'_>) {
    if let Some(at) = row.record.last_success_at {
        family.gauge(&[("check", row.name)], since_epoch(at).as_secs_f64());
    }
}

fn write_stuck(family: &mut FamilyWriter<'_>, row: &Row<'_>) {
    family.count(&[("check", row.name)], u64::from(row.is_stuck));
}

fn write_maintenance(family: &mut FamilyWriter<'_>, row: &Row<'_>) {
    family.count(&[("check", row.name)], u64::from(row.is_in_maintenance));
}

fn write_observations(family: &mut FamilyWriter<'_>, row: &Row<'_>) {
    let reports = row.record.last.iter();
    for observation in reports.flat_map(|report| &report.observations) {
        let labels = [
            ("check", row.name),
            ("observation", &observation.name),
            ("unit", observation.unit.as_str()),
        ];
        family.gauge(&labels, observation.value);
    }
}

fn since_epoch(at: SystemTime) -> Duration {
    at.duration_since(UNIX_EPOCH).unwrap_or_default()
}
