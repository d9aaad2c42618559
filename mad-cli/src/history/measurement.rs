//! One thing that is measured at a commit.

use std::ffi::OsString;
use std::time::{Duration, SystemTime};

use mad_measure::ingest;
use mad_measure::test_run::{self, CommandEnded, RunError, Runner, run_command};
use mad_store::{Recording, Status};

use super::dependencies::Turn;
use super::hindrance;
use super::machine::Machine;
use super::numbers;
use super::plan::Named;
use crate::timeline::COMMAND;

/// How a command says that a commit cannot be measured, as to `git bisect run`.
const SKIP: i32 = 125;

/// What is said where a time limit ended it.
const TOOK_TOO_LONG: &str = "it took too long";

/// Runs a program and counts its instructions; what it would write otherwise is nobody's file.
const VALGRIND: &str = "valgrind --tool=callgrind --callgrind-out-file=/dev/null";

/// One thing that is measured at a commit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Measurement {
    /// The tests, with their runner and what it is told.
    Tests {
        runner: Option<Runner>,
        arguments: Vec<OsString>,
    },
    Command(Named),
    Instructions(Named),
    Benchmarks(String),
}

/// A place that has been made ready, and how long what is run there may take.
#[derive(Debug)]
pub(super) struct Bench<'plan, 'walk> {
    /// Folder, target folder and variables.
    pub(super) run: test_run::Plan,
    pub(super) build_limit: Duration,
    /// Whether the commit has a manifest where Cargo is run, or above: what is above the work tree is not meant.
    pub(super) has_manifest: bool,
    /// The turn to build dependencies, if there may be any to build: then it may take long.
    pub(super) turn: Option<Turn<'walk>>,
    pub(super) machine: &'plan Machine,
}

/// What a measurement came to.
#[derive(Debug)]
pub(super) enum CameTo {
    Recording(Box<Recording>),
    /// Something that is no fault of the commit was in the way.
    Hindered(String),
    /// Somebody wants no more of it.
    Nothing,
}

impl Measurement {
    /// What stands in the store as the command.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Tests { runner, .. } => {
                let runner = match runner {
                    Some(Runner::Nextest) => " --runner nextest",
                    Some(Runner::Libtest) => " --runner libtest",
                    None => "",
                };
                let arguments = self.arguments().map(|words| format!(" {words}"));
                format!(
                    "mad history: tests{runner}{}",
                    arguments.unwrap_or_default()
                )
            }
            Self::Command(Named { name, command }) => {
                format!("mad history: --cmd {name}={command}")
            }
            Self::Instructions(Named { name, command }) => {
                format!("mad history: --instructions {name}={command}")
            }
            Self::Benchmarks(command) => format!("mad history: --bench {command}"),
        }
    }

    /// What the runner of the tests is told, if anything.
    pub(super) fn arguments(&self) -> Option<String> {
        let Self::Tests { arguments, .. } = self else {
            return None;
        };
        let words: Vec<_> = arguments
            .iter()
            .map(|word| word.to_string_lossy())
            .collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// Measures it.
    pub(super) fn measure(&self, bench: Bench<'_, '_>) -> Result<CameTo, RunError> {
        match self {
            Self::Tests { arguments, .. } if !bench.has_manifest && !name_manifest(arguments) => {
                Ok(CameTo::Recording(Box::new(without_manifest(&bench))))
            }
            Self::Tests { runner, arguments } => tests(bench, *runner, arguments),
            Self::Command(Named { name, command }) => {
                let run = |run: &test_run::Plan| run_command(run, "sh", &["-c", command]);
                measured(&bench, run, |recording, ended| {
                    let has_succeeded = ended.exit_code == Some(0);
                    recording.samples = numbers::of_command(name, has_succeeded, &ended.printed);
                })
            }
            Self::Instructions(Named { name, command }) => instructions(&bench, name, command),
            Self::Benchmarks(command) => {
                let begun = SystemTime::now();
                let target = bench.run.target.clone().unwrap_or_default();
                let run = |run: &test_run::Plan| run_command(run, "sh", &["-c", command]);
                measured(&bench, run, |recording, ended| {
                    let report = ingest::read_criterion_since(&target.join("criterion"), begun);
                    let refused = report.as_ref().err().map(ToString::to_string);
                    if refused.is_some() || ended.exit_code != Some(0) {
                        recording.status = Status::Partial;
                        recording.reason = Some(last_words(ended, &refused.unwrap_or_default()));
                    }
                    recording.samples = report.unwrap_or_default().measured.samples;
                })
            }
        }
    }
}

/// Runs the tests. What may take long to build is built before, with a time limit of its own: a test that hangs is not
/// given the time of a build.
fn tests(
    bench: Bench<'_, '_>,
    runner: Option<Runner>,
    arguments: &[OsString],
) -> Result<CameTo, RunError> {
    let mut run = bench.run.clone();
    run.runner = runner;
    let with = |word: &str| {
        [word.into()]
            .into_iter()
            .chain(arguments.iter().cloned())
            .collect()
    };
    if let Some(turn) = bench.turn {
        run.time_limit = Some(bench.build_limit);
        run.arguments = with("--no-run");
        let built = test_run::run(&run)?;
        if built.is_stopped {
            return Ok(CameTo::Nothing);
        }
        if built.recording.status == Status::TimedOut || built.exit_code != Some(0) {
            return Ok(CameTo::of(unbuilt(built.recording), &built.output));
        }
        // Others may build theirs while these tests run.
        drop(turn);
    }
    run.time_limit = bench.run.time_limit;
    run.arguments = with("--no-fail-fast");
    let mut finished = test_run::run(&run)?;
    if finished.recording.status == Status::TimedOut {
        finished.recording.reason = Some(TOOK_TOO_LONG.to_owned());
    }
    if finished.is_stopped {
        return Ok(CameTo::Nothing);
    }
    Ok(CameTo::of(finished.recording, &finished.output))
}

impl CameTo {
    /// What a recording is, beside which something was written.
    fn of(recording: Recording, output: &str) -> Self {
        match hindrance::found(recording.status, output) {
            Some(hindrance) => Self::Hindered(hindrance.to_owned()),
            None => Self::Recording(Box::new(recording)),
        }
    }
}

fn name_manifest(arguments: &[OsString]) -> bool {
    let mut words = arguments.iter().map(|word| word.to_string_lossy());
    words.any(|word| word.starts_with("--manifest-path"))
}

/// Where Cargo is not even asked: it would look above the work tree.
fn without_manifest(bench: &Bench<'_, '_>) -> Recording {
    let mut recording = Recording::new(bench.machine.environment(""), super::milliseconds_now());
    recording.status = Status::BuildFailed;
    recording.reason = Some(
        "there is no Cargo.toml at the top of the commit, or where you are in it; go to the folder of the package"
            .to_owned(),
    );
    recording
}

/// A build without tests, as what it says of them.
fn unbuilt(mut recording: Recording) -> Recording {
    if recording.status == Status::TimedOut {
        recording.reason = Some("the build took too long".to_owned());
    } else {
        recording.status = Status::BuildFailed;
    }
    recording.samples.clear();
    recording
}

/// What Cargo runs is counted by way of a runner; anything else is run by valgrind itself.
fn instructions(bench: &Bench<'_, '_>, name: &str, command: &str) -> Result<CameTo, RunError> {
    let is_cargo = command.split_whitespace().next() == Some("cargo");
    let command = if is_cargo {
        command.to_owned()
    } else {
        format!("{VALGRIND} {command}")
    };
    let run = |run: &test_run::Plan| {
        let mut run = run.clone();
        let target = bench.machine.target.to_uppercase().replace(['-', '.'], "_");
        run.variables.push((
            format!("CARGO_TARGET_{target}_RUNNER").into(),
            VALGRIND.into(),
        ));
        run_command(&run, "sh", &["-c", &command])
    };
    measured(bench, run, |recording, ended| {
        let counted = numbers::of_callgrind(name, &ended.output);
        recording
            .samples
            .extend(counted.filter(|_| ended.exit_code == Some(0)));
        if recording.samples.is_empty() {
            recording.status = Status::Partial;
            recording.reason = Some(last_words(ended, "valgrind counted nothing"));
        }
    })
}

/// Runs a command, judges how it ended, and takes the numbers if it did so in order.
fn measured(
    bench: &Bench<'_, '_>,
    run: impl FnOnce(&test_run::Plan) -> Result<CommandEnded, RunError>,
    take: impl FnOnce(&mut Recording, &CommandEnded),
) -> Result<CameTo, RunError> {
    let mut recording = Recording::new(
        bench.machine.environment(COMMAND),
        super::milliseconds_now(),
    );
    recording.load = super::machine::load();
    let ended = run(&bench.run)?;
    if ended.is_stopped {
        return Ok(CameTo::Nothing);
    }
    recording.wall_ms = u64::try_from(ended.wall.as_millis()).unwrap_or(u64::MAX);
    match &ended {
        CommandEnded {
            is_timed_out: true, ..
        } => {
            recording.status = Status::TimedOut;
            recording.reason = Some(TOOK_TOO_LONG.to_owned());
        }
        CommandEnded {
            build_error: Some(error),
            ..
        } => {
            recording.status = Status::BuildFailed;
            recording.reason = Some(error.clone());
        }
        CommandEnded {
            exit_code: Some(SKIP),
            ..
        } => {
            recording.status = Status::BuildFailed;
            recording.reason = Some(format!("exit code {SKIP}: this commit cannot be measured"));
        }
        CommandEnded {
            exit_code: None, ..
        } => {
            recording.status = Status::Crashed;
            recording.reason = Some(last_words(&ended, "it was ended by a signal"));
        }
        _ => take(&mut recording, &ended),
    }
    Ok(CameTo::of(recording, &ended.output))
}

fn last_words(ended: &CommandEnded, otherwise: &str) -> String {
    let last = ended
        .output
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty());
    last.filter(|_| ended.exit_code != Some(0))
        .unwrap_or(otherwise)
        .to_owned()
}
