//! Every document of one instance, beside files that people have read.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use mad_core::{
    Check, Health, HealthOptions, HealthSnapshot, Lifecycle, Maintenance, Note, Observation,
    Outcome, Probe, Probes, Record, Report, RuntimeSnapshot, Snapshot, Unit,
};

use super::format::{Format, document};
use super::golden_file::check as check_file;
use super::view::View;
use crate::program::Program;

/// 2026-11-22T19:02:00Z.
fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_mins(29_922_902)
}

fn report(outcome: Outcome) -> Report {
    Report {
        duration: Duration::from_micros(12_500),
        ..Report::without_run(outcome, noon())
    }
}

fn check(name: &'static str, probes: Probes, health: Health, report: Report) -> HealthSnapshot {
    let options = HealthOptions {
        probes,
        ..HealthOptions::DEFAULT
    };
    let check = Check::health_check(name, options, |_| true).with_tags(["smoke"]);
    HealthSnapshot {
        check: Arc::new(check.with_runbook("https://wiki.example.com/runbook")),
        health,
        age: Some(Duration::from_secs(1)),
        is_new: false,
        stuck_since: None,
        maintenance: None,
        record: Arc::new(Record {
            last: Some(Arc::new(report)),
            ..Record::default()
        }),
    }
}

/// An instance with a check of each kind.
fn instance(lifecycle: Lifecycle, database: Health, outcome: Outcome) -> Snapshot {
    let gating = Probes {
        readiness: true,
        ..Probes::NONE
    };
    let observed = |name: &str, value, unit| Observation {
        name: name.to_owned(),
        value,
        unit,
    };
    let with_numbers = Report {
        observations: vec![
            observed("connections", 7.0, Unit::Count),
            observed("used", 0.25, Unit::Ratio),
            observed("free", 1024.0, Unit::Bytes),
            observed("lag", 1.5, Unit::Seconds),
        ],
        notes: vec![Note {
            offset: Duration::ZERO,
            text: "primary is db-3.internal".to_owned(),
            is_warning: false,
        }],
        ..report(outcome)
    };
    let slow = Outcome::warn("slow | very\nslow");
    let full = Outcome::fail("disk \"a\" is full");
    Snapshot {
        lifecycle,
        has_come_up: true,
        taken_at: noon(),
        health_checks: vec![
            check("cache", gating, Health::Degraded, report(slow)),
            check("database", gating, database, with_numbers),
            HealthSnapshot {
                maintenance: Some(Maintenance {
                    reason: "new disk".to_owned(),
                    until: noon() + Duration::from_mins(30),
                }),
                ..check("disk", gating, Health::Down, report(full))
            },
            check(
                "reports/nightly",
                Probes::NONE,
                Health::Down,
                report(Outcome::fail("nobody ran it")),
            ),
        ],
        self_tests: Vec::new(),
        runtimes: vec![RuntimeSnapshot {
            name: "application",
            lag: Duration::from_micros(20),
            workers: 2,
            alive_tasks: 5,
            queued_tasks: 0,
            busy: None,
        }],
    }
}

fn serving() -> Snapshot {
    instance(Lifecycle::Serving, Health::Up, Outcome::Pass)
}

fn failing() -> Snapshot {
    let gone = Outcome::fail("connection refused");
    instance(Lifecycle::Draining, Health::Down, gone)
}

/// Compares every document with its file.
#[track_caller]
fn judge(folder: &str, snapshot: &Snapshot, may_see: bool) {
    let program = Program {
        version: Some("1.2.3".to_owned()),
        commit: Some("3f2c1ab".to_owned()),
    };
    let view = View::new(snapshot, &program, Probe::Any, may_see);
    for representation in Format::ALL
        .iter()
        .flat_map(|format| format.representations())
    {
        let document = document(&view, representation.shape).expect("it can be written");
        let shape = format!("{:?}", representation.shape);
        let shape: String = shape
            .chars()
            .filter(|letter| letter.is_alphanumeric())
            .collect();
        let ending = if representation.media_type.contains("json") {
            "json"
        } else {
            "txt"
        };
        check_file(&document, &format!("golden/{folder}/{shape}.{ending}"));
    }
}

#[test]
fn an_instance_that_serves_is_shown_to_those_who_may_see() {
    judge("serving", &serving(), true);
}

#[test]
fn an_instance_that_fails_is_shown_to_those_who_may_see() {
    judge("failing", &failing(), true);
}

#[test]
fn everybody_is_shown_names_and_states() {
    judge("anonymous", &failing(), false);
}
