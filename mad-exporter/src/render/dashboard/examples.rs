//! Snapshots written by hand.

use std::sync::Arc;
use std::time::SystemTime;

use mad_core::{Check, Health, HealthOptions, HealthSnapshot, Lifecycle, Probes, Snapshot};

pub(super) fn health_check(
    name: &'static str,
    after: &[&'static str],
    health: Health,
) -> HealthSnapshot {
    let options = HealthOptions {
        probes: Probes {
            readiness: true,
            ..Probes::NONE
        },
        ..HealthOptions::DEFAULT
    };
    let check = Check::health_check(name, options, |_| true).with_after(after.iter().copied());
    HealthSnapshot {
        check: Arc::new(check),
        health,
        age: None,
        is_new: false,
        stuck_since: None,
        maintenance: None,
        record: Arc::default(),
    }
}

pub(super) fn snapshot(health_checks: Vec<HealthSnapshot>) -> Snapshot {
    Snapshot {
        lifecycle: Lifecycle::Serving,
        has_come_up: true,
        taken_at: SystemTime::UNIX_EPOCH,
        health_checks,
        self_tests: Vec::new(),
        runtimes: Vec::new(),
    }
}
