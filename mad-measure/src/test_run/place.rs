//! Where and how tests run.

use std::fs;

use mad_store::Environment;

use super::compiler::Compiler;
use super::{Plan, Runner};

/// What is known of a run beside what it ran.
pub(super) fn environment(plan: &Plan, runner: Runner, compiler: Compiler) -> Environment {
    Environment {
        host: host(),
        toolchain: compiler.version,
        target: compiler.target,
        runner: runner.word().to_owned(),
        profile: plan.profile.clone().unwrap_or_else(|| "dev".to_owned()),
        features: plan.features.label(),
        ..Environment::default()
    }
}

/// The name of this machine.
pub fn host() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}

/// The load of the machine over the last minute, where the system tells it.
pub(super) fn load() -> Option<f64> {
    let told = fs::read_to_string("/proc/loadavg").ok()?;
    told.split(' ').next()?.parse().ok()
}
