//! Snapshots of all kinds, for the tests.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use mad_core::{
    Check, Health, HealthOptions, HealthSnapshot, Lifecycle, Maintenance, Probe, Probes, Record,
    Snapshot,
};
use proptest::prelude::*;

pub(super) const NAMES: [&str; 3] = ["a", "b", "c/d"];

pub(super) const PROBES: [Probe; 4] = [
    Probe::Liveness,
    Probe::Readiness,
    Probe::Startup,
    Probe::Any,
];

const LIFECYCLES: [Lifecycle; 4] = [
    Lifecycle::Starting,
    Lifecycle::Serving,
    Lifecycle::Draining,
    Lifecycle::Stopped,
];

fn check(
    name: &'static str,
    probes: Probes,
    health: Health,
    [has_run, is_in_maintenance]: [bool; 2],
) -> HealthSnapshot {
    let options = HealthOptions {
        probes,
        ..HealthOptions::DEFAULT
    };
    HealthSnapshot {
        check: Arc::new(Check::health_check(name, options, |_| true)),
        health,
        age: has_run.then_some(Duration::ZERO),
        is_new: !has_run,
        stuck_since: None,
        maintenance: is_in_maintenance.then(|| Maintenance {
            reason: "new disk".to_owned(),
            until: SystemTime::UNIX_EPOCH,
        }),
        record: Arc::new(Record::default()),
    }
}

fn probes() -> impl Strategy<Value = Probes> {
    any::<[bool; 3]>().prop_map(|[liveness, readiness, startup]| Probes {
        liveness,
        readiness,
        startup,
    })
}

pub(super) fn snapshots() -> impl Strategy<Value = Snapshot> {
    let states = (
        probes(),
        prop::sample::select(&Health::ALL[..]),
        any::<[bool; 2]>(),
    );
    let checks = prop::collection::vec(states, 1..=NAMES.len());
    (prop::sample::select(&LIFECYCLES[..]), checks).prop_map(|(lifecycle, states)| {
        let checks = NAMES.into_iter().zip(states);
        let checks =
            checks.map(|(name, (probes, health, facts))| check(name, probes, health, facts));
        Snapshot {
            lifecycle,
            has_come_up: lifecycle != Lifecycle::Starting,
            taken_at: SystemTime::UNIX_EPOCH,
            health_checks: checks.collect(),
            self_tests: Vec::new(),
            runtimes: Vec::new(),
        }
    })
}
