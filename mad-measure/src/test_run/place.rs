//! Where and how tests run.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Mutex, PoisonError};

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

/// The version of the compiler, and what it compiles for; empty where there is none. A toolchain with a name is the same in
/// all folders, and asked once.
fn compiler(plan: &Plan) -> (String, String) {
    static KNOWN: Mutex<BTreeMap<String, (String, String)>> = Mutex::new(BTreeMap::new());
    let Some(toolchain) = &plan.toolchain else {
        return ask_compiler(plan);
    };
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(compiler) = known().get(toolchain) {
        return compiler.clone();
    }
    let compiler = ask_compiler(plan);
    known().insert(toolchain.clone(), compiler.clone());
    compiler
}

fn ask_compiler(plan: &Plan) -> (String, String) {
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
