//! Tests that cargo-nextest runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use super::process::{self, Ended};
use super::targets::Asked;
use super::{Plan, Ran, RunError, Runner, Verdict};
use crate::ingest;

/// From here on, ignored tests can be in the report.
const TELLS_SKIPPED: [u32; 3] = [0, 9, 143];

/// How nextest says that there was nothing to run.
const NO_TESTS: i32 = 4;
/// How it says that tests failed.
const TESTS_FAILED: i32 = 100;
/// How it says that Cargo could not build them, or could not even read the manifest.
const NOT_BUILT: [i32; 2] = [101, 102];

/// The version, if it is installed: asked once, as it is the same for every plan of a process.
pub(super) fn version(plan: &Plan) -> Option<[u32; 3]> {
    static VERSION: OnceLock<Option<[u32; 3]>> = OnceLock::new();
    *VERSION.get_or_init(|| ask_version(plan))
}

fn ask_version(plan: &Plan) -> Option<[u32; 3]> {
    // By itself, as far as it is found: the tests wait for this answer, and Cargo, with rustup before it, takes several
    // times as long.
    let mut itself = plan.command("cargo-nextest");
    let told = itself.args(["nextest", "--version"]).output();
    let told = told.or_else(|_| plan.cargo(&["nextest", "--version"]).output());
    let told = String::from_utf8(told.ok()?.stdout).ok()?;
    let version = told.strip_prefix("cargo-nextest ")?;
    let version = version.split([' ', '\n', '-', '+']).next()?;
    let mut parts = version.split('.').map(|part| part.parse().ok());
    Some([parts.next()??, parts.next()??, parts.next()??])
}

/// Runs the tests. nextest writes and ends as it always does; it is only told, by a file of settings that everything
/// else comes before, to leave a report behind.
pub(super) fn run(
    plan: &Plan,
    version: Option<[u32; 3]>,
    packages: &Asked<'_>,
) -> Result<Ran, RunError> {
    let folder = tempfile::tempdir().map_err(RunError::io("no temporary folder could be made"))?;
    let report = folder.path().join("report.xml");
    let settings = folder.path().join("mad.toml");
    fs::write(&settings, settings_for(&report, version)).map_err(RunError::io(
        "the settings for nextest could not be written",
    ))?;
    let mut command = plan.cargo(&["nextest", "run", "--tool-config-file"]);
    command.arg(format!("mad:{}", settings.display()));
    command.args(plan.selection());
    command.args(plan.profile_words(Runner::Nextest));
    command.args(&plan.arguments);
    let started = SystemTime::now();
    let ended = process::run(plan, command)?;
    Ok(read(packages, ended, &report, started))
}

fn settings_for(report: &Path, version: Option<[u32; 3]>) -> String {
    // A temporary folder has no quote in its name.
    let path = report.display();
    let skipped = if version.is_some_and(|version| version >= TELLS_SKIPPED) {
        "report-skipped = \"ignored\"\n"
    } else {
        ""
    };
    format!("[profile.default.junit]\npath = '{path}'\n{skipped}")
}

fn read(packages: &Asked<'_>, ended: Ended, report: &Path, started: SystemTime) -> Ran {
    let text = fs::read_to_string(report).ok();
    let text = text.or_else(|| fs::read_to_string(own_report(packages, started)?).ok());
    let report = text.and_then(|text| ingest::read_junit(&text).ok());
    let verdict = match (ended.exit_code, &report) {
        (Some(code), _) if NOT_BUILT.contains(&code) => Verdict::NotBuilt,
        (Some(NO_TESTS), _) => Verdict::NoTests,
        (Some(0), Some(report)) if report.cases.is_empty() => Verdict::NoTests,
        (Some(0 | TESTS_FAILED), Some(_)) => Verdict::Ran,
        _ => Verdict::Broken,
    };
    let report = report.unwrap_or_default();
    let begun = report.started_at.and_then(|at| u64::try_from(at).ok());
    let begun = begun.map(|at| SystemTime::UNIX_EPOCH + Duration::from_millis(at));
    Ran {
        build: begun.and_then(|begun| begun.duration_since(started).ok()),
        tests: report.seconds.map(Duration::from_secs_f64),
        ended,
        cases: report.cases,
        verdict,
    }
}

/// The report that a project's own settings ask for: those come before ours. It is where nextest keeps such things,
/// and newer than the run.
fn own_report(packages: &Asked<'_>, started: SystemTime) -> Option<PathBuf> {
    let target = &packages.told()?.target_directory;
    let profiles = fs::read_dir(target.join("nextest")).ok()?;
    let files = profiles
        .flatten()
        .filter_map(|profile| fs::read_dir(profile.path()).ok());
    let files = files.flat_map(Iterator::flatten).map(|file| file.path());
    let is_new = |path: &PathBuf| {
        let modified = fs::metadata(path).and_then(|data| data.modified());
        modified.is_ok_and(|at| at >= started)
    };
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "xml"))
        .find(is_new)
}
