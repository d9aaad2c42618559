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
        profile: plan
            .profile
            .clone()
            .or_else(|| told(plan, runner))
            .unwrap_or_else(|| "dev".to_owned()),
        features: plan.features.label(),
        ..Environment::default()
    }
}

/// The profile that the runner is told, among what is passed on to it as it is.
fn told(plan: &Plan, runner: Runner) -> Option<String> {
    let flag = runner.profile_flag();
    let words = plan.arguments.iter().map(|word| word.to_string_lossy());
    // What comes behind is for the tests themselves.
    let mut words = words.take_while(|word| word != "--");
    while let Some(word) = words.next() {
        if word == "--release" || word == "-r" {
            return Some("release".to_owned());
        }
        if word == flag {
            return words.next().map(Into::into);
        }
        let value = word.strip_prefix(flag);
        if let Some(profile) = value.and_then(|rest| rest.strip_prefix('=')) {
            return Some(profile.to_owned());
        }
    }
    None
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
