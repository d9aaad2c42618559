//! What is known of the instance as a whole.

use mad_core::{Kind, Lifecycle, Snapshot};

use super::families::{BUILD_INFO, CHECKS_REGISTERED, LIFECYCLE, RUNTIME_LAG};
use super::writer::FamilyWriter;
use crate::program::{Program, RUSTC};

pub(super) fn write(page: &mut String, snapshot: &Snapshot, program: &Program) {
    write_registered(&mut FamilyWriter::new(page, &CHECKS_REGISTERED), snapshot);
    write_lags(&mut FamilyWriter::new(page, &RUNTIME_LAG), snapshot);
    write_lifecycle(&mut FamilyWriter::new(page, &LIFECYCLE), snapshot.lifecycle);
    let labels = [
        ("version", program.version.as_deref().unwrap_or_default()),
        ("commit", program.commit.as_deref().unwrap_or_default()),
        ("rustc", RUSTC),
    ];
    FamilyWriter::new(page, &BUILD_INFO).count(&labels, 1);
}

fn write_registered(family: &mut FamilyWriter<'_>, snapshot: &Snapshot) {
    let counts = [
        (Kind::HealthCheck, snapshot.health_checks.len()),
        (Kind::SelfTest, snapshot.self_tests.len()),
    ];
    for (kind, count) in counts {
        family.count(&[("kind", kind.as_str())], count as u64);
    }
}

fn write_lags(family: &mut FamilyWriter<'_>, snapshot: &Snapshot) {
    for runtime in &snapshot.runtimes {
        family.gauge(&[("runtime", runtime.name)], runtime.lag.as_secs_f64());
    }
}

fn write_lifecycle(family: &mut FamilyWriter<'_>, lifecycle: Lifecycle) {
    let states = [
        Lifecycle::Starting,
        Lifecycle::Serving,
        Lifecycle::Draining,
        Lifecycle::Stopped,
    ];
    for state in states {
        family.count(&[("state", state.as_str())], u64::from(state == lifecycle));
    }
}
