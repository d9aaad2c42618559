//! Which compiler built the tests.
//!
//! Cargo asks it before it builds, and keeps the answer beside what it built: whoever runs the tests of a project has no
//! need to ask a second time. How Cargo keeps it is Cargo's own affair, so that in any doubt the compiler is asked.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use serde::Deserialize;

use super::Plan;
use super::targets::Metadata;

/// Where Cargo keeps what compilers answered.
const KEPT: &str = ".rustc_info.json";

/// The variable that has Cargo keep nothing, and believe nothing that it kept.
const KEEPS: &str = "CARGO_CACHE_RUSTC_INFO";

/// So much later than a file is written its time may be, by the clock of its file system.
const COARSE: Duration = Duration::from_secs(2);

/// What sends Cargo to another folder or compiler than those that it names, and what has it build nothing.
const ELSEWHERE: [&str; 7] = [
    "--archive-file",
    "--binaries-metadata",
    "--cargo-metadata",
    "--config",
    "--manifest-path",
    "--target-dir",
    "-Z",
];

/// A compiler; empty where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Compiler {
    pub(super) version: String,
    /// What it compiles for.
    pub(super) target: String,
}

impl Compiler {
    /// That of a plan. A toolchain with a name is the same in all folders, and asked once.
    pub(super) fn of(plan: &Plan) -> Self {
        static KNOWN: Mutex<BTreeMap<String, Compiler>> = Mutex::new(BTreeMap::new());
        let Some(toolchain) = &plan.toolchain else {
            return Self::asked(plan);
        };
        let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(compiler) = known().get(toolchain) {
            return compiler.clone();
        }
        let compiler = Self::asked(plan);
        known().insert(toolchain.clone(), compiler.clone());
        compiler
    }

    fn asked(plan: &Plan) -> Self {
        let told = plan.command("rustc").arg("-vV").output();
        let told = told.map(|told| String::from_utf8_lossy(&told.stdout).into_owned());
        Self::told(&told.unwrap_or_default()).unwrap_or_default()
    }

    /// The one that Cargo has just built with, if that is sure.
    ///
    /// Cargo writes the file anew whenever it finds another compiler than the one in it. So one that is older than a
    /// build is about the compiler of that build, whoever else builds there meanwhile.
    pub(super) fn kept(plan: &Plan, metadata: &Metadata, before: SystemTime) -> Option<Self> {
        if is_elsewhere(plan) {
            return None;
        }
        let folder = metadata.build_directory.as_ref();
        let file = folder.unwrap_or(&metadata.target_directory).join(KEPT);
        let text = fs::read_to_string(&file).ok()?;
        let written = modified(&file)?;
        (written + COARSE < before).then(|| Self::in_file(&text))?
    }

    fn in_file(text: &str) -> Option<Self> {
        let kept: Kept = serde_json::from_str(text).ok()?;
        let said = kept.outputs.values().filter(|answer| answer.success);
        let mut compilers = said.filter_map(|answer| Self::told(&answer.stdout));
        let compiler = compilers.next()?;
        compilers.all(|other| other == compiler).then_some(compiler)
    }

    /// What `rustc -vV` prints.
    fn told(text: &str) -> Option<Self> {
        let after = |begin: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(begin));
            line.map(str::to_owned)
        };
        Some(Self {
            version: after("release: ")?,
            target: after("host: ")?,
        })
    }
}

/// What is used here of the file.
#[derive(Deserialize)]
struct Kept {
    outputs: BTreeMap<String, Answer>,
}

#[derive(Deserialize)]
struct Answer {
    success: bool,
    stdout: String,
}

/// Whether Cargo may have built in another place, with another compiler, or without a look at the file.
fn is_elsewhere(plan: &Plan) -> bool {
    let told = plan.arguments.iter().any(|word| {
        let word = word.to_string_lossy();
        ELSEWHERE.iter().any(|begin| word.starts_with(begin))
    });
    told || plan.variables.iter().any(|(name, _)| name == KEEPS) || is_set(KEEPS)
}

#[expect(
    clippy::disallowed_methods,
    reason = "Cargo is told there, and says it to nobody"
)]
fn is_set(name: impl AsRef<OsStr>) -> bool {
    std::env::var_os(name).is_some()
}

fn modified(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).ok()?.modified().ok()
}
