//! Where it is measured: what numbers of two machines do not have in common.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use mad_store::Environment;

/// This machine and its toolchain. Old commits are built with the toolchain of today, whatever they ask for: numbers
/// of two toolchains are not comparable.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    pub(super) host: String,
    pub(super) toolchain: String,
    pub(super) target: String,
    /// Why there is no compiler, if one is meant to be there: what rustup says of a toolchain that the folder asks for.
    pub(super) refusal: Option<String>,
    /// What rustup calls the toolchain, where it is rustup that chooses.
    pub(super) chosen: Option<String>,
}

impl Machine {
    /// The machine, with the toolchain that a folder uses.
    pub(super) fn of(folder: &Path) -> Self {
        let (rustc, refusal) = match asked("rustc", &["-vV"], folder) {
            Some(output) if output.status.success() => (text(&output.stdout), None),
            Some(output) => (String::new(), Some(text(&output.stderr))),
            None => <_>::default(),
        };
        let after = |name: &str| {
            let line = rustc.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_default().trim().to_owned()
        };
        let active = asked("rustup", &["show", "active-toolchain"], folder);
        let active = active.filter(|output| output.status.success());
        let active = active.map(|output| text(&output.stdout));
        Self {
            host: mad_measure::test_run::host(),
            toolchain: after("release:"),
            target: after("host:"),
            refusal,
            chosen: active.and_then(|active| Some(active.split_whitespace().next()?.to_owned())),
        }
    }

    pub(super) fn environment(&self, runner: &str) -> Environment {
        Environment {
            host: self.host.clone(),
            toolchain: self.toolchain.clone(),
            target: self.target.clone(),
            runner: runner.to_owned(),
            ..Environment::default()
        }
    }
}

/// A variable of the environment, if it is there.
#[expect(
    clippy::disallowed_methods,
    reason = "where caches are and with which flags is built is settled by the environment"
)]
pub(super) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// The load of the last minute, where the system tells it.
pub(super) fn load() -> Option<f64> {
    let said = fs::read_to_string("/proc/loadavg").ok()?;
    said.split(' ').next()?.parse().ok()
}

/// What a program answers, if it can be started.
fn asked(program: &str, arguments: &[&str], folder: &Path) -> Option<Output> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null());
    command.output().ok()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
