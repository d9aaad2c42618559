//! Where and how tests run.

use std::fs;

use mad_store::Environment;

use super::{Plan, Runner};

/// What is known without running a test.
pub(super) fn environment(plan: &Plan, runner: Runner) -> Environment {
    let (toolchain, target) = compiler(plan);
    Environment {
        host: host(),
        toolchain,
        target,
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

/// Its version, and what it compiles for; empty where there is none.
fn compiler(plan: &Plan) -> (String, String) {
    let told = plan.command("rustc").arg("-vV").output();
    let told = told.map(|told| String::from_utf8_lossy(&told.stdout).into_owned());
    let told = told.unwrap_or_default();
    let after = |begin: &str| {
        let line = told.lines().find_map(|line| line.strip_prefix(begin));
        line.unwrap_or_default().to_owned()
    };
    (after("release: "), after("host: "))
}

/// The load of the machine over the last minute, where the system tells it.
pub(super) fn load() -> Option<f64> {
    let told = fs::read_to_string("/proc/loadavg").ok()?;
    told.split(' ').next()?.parse().ok()
}
