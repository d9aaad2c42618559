//! What each test costs in instructions and calls, by valgrind's callgrind, and how deep it goes.
//!
//! Instructions repeat where times do not: they tell a change of a thousandth on a machine that is busy with other things. It
//! takes a test some sixty times as long, and counts what runs on the test's own thread. What tests tell of themselves, how
//! deep their steps and spans stand in each other, costs nothing: that are [`Shapes`].

mod call_graph;
mod shapes;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use mad_store::Note;

pub use shapes::Shapes;

use crate::Measured;
use crate::metric;
use crate::project::{self, Executable};
use crate::test_run::{Plan, run_command};
use call_graph::CallGraph;

/// No test runs longer than this under callgrind.
const LONGEST: Duration = Duration::from_mins(2);

/// Runs each test by itself under callgrind.
///
/// A test that takes more than two minutes, or that cannot be found again in what callgrind tells, has a note instead of numbers.
///
/// # Errors
///
/// If valgrind is not installed.
pub fn measure(plan: &Plan) -> Result<Measured, NoValgrind> {
    let version = Command::new("valgrind").arg("--version").output();
    version.map_err(NoValgrind)?;
    let mut plan = plan.clone();
    plan.time_limit = Some(LONGEST);
    let mut measured = Measured::default();
    for executable in project::executables(&plan) {
        if executable.is_test {
            for test in tests_of(&executable) {
                measured.extend(one(&plan, &executable, &test));
            }
        }
    }
    Ok(measured)
}

/// valgrind is not installed.
#[derive(Debug, thiserror::Error)]
#[error("instructions and calls are counted by valgrind, which is not installed")]
pub struct NoValgrind(#[source] std::io::Error);

/// Those that are not ignored. One that brings a harness of its own may have none.
fn tests_of(executable: &Executable) -> Vec<String> {
    let list = |flag: Option<&str>| {
        let mut command = Command::new(&executable.path);
        command
            .current_dir(&executable.folder)
            .args(["--list", "--format", "terse"])
            .args(flag);
        let told = command.output().map(|told| told.stdout).unwrap_or_default();
        let told = String::from_utf8_lossy(&told).into_owned();
        let names = told.lines().filter_map(|line| line.strip_suffix(": test"));
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    let ignored = list(Some("--ignored"));
    let mut tests = list(None);
    tests.retain(|test| !ignored.contains(test));
    tests
}

fn one(plan: &Plan, executable: &Executable, test: &str) -> Measured {
    let subject = executable.test(test);
    let mut measured = Measured::default();
    match counted(plan, executable, test) {
        Ok(counts) => measured.samples.extend([
            metric::TEST_INSTRUCTIONS.count(&subject, counts.instructions),
            metric::TEST_CALLS.count(&subject, counts.calls),
            metric::TEST_CALL_DEPTH.count(&subject, counts.depth),
            metric::TEST_FAN_OUT.count(&subject, counts.fan_out),
        ]),
        Err(why) => measured.notes.push(Note {
            subject,
            text: format!("not counted by callgrind: {why}"),
        }),
    }
    measured
}

/// What a test came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counts {
    instructions: u64,
    calls: u64,
    depth: u64,
    fan_out: u64,
}

fn counted(plan: &Plan, executable: &Executable, test: &str) -> Result<Counts, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let file = folder.path().join("callgrind.out");
    let mut plan = plan.clone();
    plan.folder.clone_from(&executable.folder);
    let output = format!("--callgrind-out-file={}", file.display());
    let program = executable.path.to_string_lossy();
    let arguments = [
        "--tool=callgrind",
        "--quiet",
        &output,
        &program,
        test,
        "--exact",
        "--test-threads=1",
    ];
    let ended = run_command(&plan, "valgrind", &arguments).map_err(|error| error.to_string())?;
    if ended.is_timed_out {
        return Err(format!("it took more than {} s", LONGEST.as_secs()));
    }
    let told = read(&file)?;
    let graph = CallGraph::of(&told);
    let function = format!("{}::{test}", executable.crate_name());
    graph
        .counts(&function)
        .ok_or_else(|| format!("there is no function {function} in what it tells"))
}

fn read(file: &Path) -> Result<String, String> {
    let bytes = fs::read(file).map_err(|_| "it left nothing behind".to_owned())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
