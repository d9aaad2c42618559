//! What is known of the instance as a whole.

use mad_core::{Kind, Lifecycle};

use super::known::Known;
use super::samples::Samples;
use crate::program::RUSTC;

pub(super) fn application_missing(samples: &mut Samples<'_>, known: &Known<'_>) {
    samples.count(&[], known.is_application_missing);
}

pub(super) fn build_info(samples: &mut Samples<'_>, known: &Known<'_>) {
    let program = known.program;
    let labels = [
        ("version", program.version.as_deref().unwrap_or_default()),
        ("commit", program.commit.as_deref().unwrap_or_default()),
        ("rustc", RUSTC),
    ];
    samples.count(&labels, 1_u64);
}

pub(super) fn registered(samples: &mut Samples<'_>, known: &Known<'_>) {
    let counts = [
        (Kind::HealthCheck, known.health_checks.len()),
        (Kind::SelfTest, known.self_tests.len()),
    ];
    for (kind, count) in counts {
        samples.count(&[("kind", kind.as_str())], count as u64);
    }
}

pub(super) fn lags(samples: &mut Samples<'_>, known: &Known<'_>) {
    for runtime in &known.snapshot.runtimes {
        samples.gauge(&[("runtime", runtime.name)], runtime.lag.as_secs_f64());
    }
}

#[cfg(feature = "runtime-metrics")]
pub(super) fn workers(samples: &mut Samples<'_>, known: &Known<'_>) {
    of_runtimes(samples, known, |runtime| runtime.workers);
}

#[cfg(feature = "runtime-metrics")]
pub(super) fn alive_tasks(samples: &mut Samples<'_>, known: &Known<'_>) {
    of_runtimes(samples, known, |runtime| runtime.alive_tasks);
}

#[cfg(feature = "runtime-metrics")]
pub(super) fn queued_tasks(samples: &mut Samples<'_>, known: &Known<'_>) {
    of_runtimes(samples, known, |runtime| runtime.queued_tasks);
}

#[cfg(feature = "runtime-metrics")]
pub(super) fn busy(samples: &mut Samples<'_>, known: &Known<'_>) {
    for runtime in &known.snapshot.runtimes {
        if let Some(busy) = runtime.busy {
            samples.gauge(&[("runtime", runtime.name)], busy.as_secs_f64());
        }
    }
}

#[cfg(feature = "runtime-metrics")]
fn of_runtimes(
    samples: &mut Samples<'_>,
    known: &Known<'_>,
    count: impl Fn(&mad_core::RuntimeSnapshot) -> usize,
) {
    for runtime in &known.snapshot.runtimes {
        samples.count(&[("runtime", runtime.name)], count(runtime) as u64);
    }
}

pub(super) fn lifecycle(samples: &mut Samples<'_>, known: &Known<'_>) {
    let states = [
        Lifecycle::Starting,
        Lifecycle::Serving,
        Lifecycle::Draining,
        Lifecycle::Stopped,
    ];
    for state in states {
        let is_state = state == known.snapshot.lifecycle;
        samples.count(&[("state", state.as_str())], is_state);
    }
}
