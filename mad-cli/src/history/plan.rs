//! What is measured at each commit, and how.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use mad_store::{Commit, Recording, Run, Status};

use super::done::Done;
use super::machine::Machine;
use super::measurement::Measurement;
use super::overlay::{Overlay, OverlayError};
use super::probe::{Probe, ProbeError};
use crate::arguments::time;
use crate::fingerprint;
use crate::git::Repository;
use crate::test::RunnerName;
use crate::timeline::{OVERLAY, PROBE, VERSION};

/// So many letters tell one version of what is put into commits from others.
const VERSION_LETTERS: usize = 8;

/// What is measured at each commit.
#[derive(Args, Debug)]
pub(crate) struct PlanArguments {
    /// Measures a command, as the shell runs it: each number that it prints on a line of its own, or behind a name (`parse
    /// 1.5`), and whether it succeeds. Exit code 125 says that this commit cannot be measured
    #[arg(long = "cmd", value_name = "NAME=COMMAND")]
    commands: Vec<Named>,
    /// Counts the instructions that a command executes, with valgrind; what Cargo runs, if it is a command of Cargo's
    #[arg(long, value_name = "NAME=COMMAND")]
    instructions: Vec<Named>,
    /// Runs benchmarks and takes the results that criterion leaves: `cargo bench`
    #[arg(long, value_name = "COMMAND")]
    bench: Vec<String>,
    /// Does not run the tests
    #[arg(long)]
    no_tests: bool,
    /// Who runs the tests; otherwise nextest if it is installed. libtest is quicker, as all tests of a file run in one
    /// process, and tells no durations
    #[arg(long, value_name = "RUNNER", conflicts_with = "no_tests")]
    runner: Option<RunnerName>,
    /// Measures in a crate that depends on this repository by a path, instead of in the repository: for commits whose own
    /// tests no longer build
    #[arg(long, value_name = "FOLDER")]
    probe: Option<PathBuf>,
    /// Puts something of another commit (`tests/new.rs@HEAD`), or without `@` of the checkout, into each commit: the tests of
    /// today on the code of yesterday
    #[arg(long, value_name = "PATH@REVISION")]
    overlay: Vec<String>,
    /// How long a commit may take to build whose manifests or lock file differ from those before
    #[arg(long, default_value = "30m", value_parser = time, value_name = "TIME")]
    build_limit: Duration,
    /// How long the tests of a commit may take, and each command
    #[arg(long, default_value = "10m", value_parser = time, value_name = "TIME")]
    time_limit: Duration,
    /// What the runner of the tests is told
    #[arg(last = true, value_name = "ARGUMENTS")]
    arguments: Vec<OsString>,
}

/// A command with a name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Named {
    pub(super) name: String,
    pub(super) command: String,
}

impl FromStr for Named {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((name, command)) if !name.trim().is_empty() && !command.trim().is_empty() => {
                Ok(Self {
                    name: name.trim().to_owned(),
                    command: command.trim().to_owned(),
                })
            }
            _ => Err("write a name and a command: `NAME=COMMAND`"),
        }
    }
}

/// What is measured at each commit, and how.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) measurements: Vec<Measurement>,
    pub(super) overlays: Vec<Overlay>,
    pub(super) probe: Option<Probe>,
    pub(super) build_limit: Duration,
    pub(super) time_limit: Duration,
    /// Where commands are run, from the top of the work tree: where the user is.
    pub(super) folder: PathBuf,
    pub(super) machine: Machine,
}

impl PlanArguments {
    /// Whether anything is named that differs from a plain run of the tests.
    pub(crate) fn is_anything(&self) -> bool {
        let is_plain = self.commands.is_empty()
            && self.instructions.is_empty()
            && self.bench.is_empty()
            && self.overlay.is_empty()
            && self.arguments.is_empty()
            && self.probe.is_none()
            && self.runner.is_none()
            && !self.no_tests;
        !is_plain
    }

    /// The name of the command, if there is only one.
    pub(super) fn only_command(&self) -> Option<&str> {
        match (self.commands.as_slice(), self.instructions.as_slice()) {
            ([command], []) | ([], [command]) => Some(&command.name),
            _ => None,
        }
    }

    /// Makes the plan of somebody who is in a folder of the repository.
    pub(super) fn plan(&self, repository: &Repository, folder: PathBuf) -> Result<Plan, PlanError> {
        let mut measurements = Vec::new();
        if !self.no_tests {
            measurements.push(Measurement::Tests {
                runner: self.runner.map(RunnerName::runner),
                arguments: self.arguments.clone(),
            });
        }
        measurements.extend(self.commands.iter().cloned().map(Measurement::Command));
        measurements.extend(
            self.instructions
                .iter()
                .cloned()
                .map(Measurement::Instructions),
        );
        measurements.extend(self.bench.iter().cloned().map(Measurement::Benchmarks));
        let overlays = self
            .overlay
            .iter()
            .map(|text| Overlay::find(text, repository));
        let probe = self
            .probe
            .as_deref()
            .map(|folder| Probe::read(folder, repository));
        let machine = Machine::of(repository.root());
        if let Some(refusal) = machine.refusal.as_ref().filter(|_| !self.no_tests) {
            return Err(PlanError::NoCompiler(refusal.trim().to_owned()));
        }
        Ok(Plan {
            measurements,
            overlays: overlays.collect::<Result<_, _>>()?,
            probe: probe.transpose()?,
            build_limit: self.build_limit,
            time_limit: self.time_limit,
            machine,
            folder,
        })
    }
}

impl Plan {
    /// A word for all that decides what a measurement comes to, beside the commit.
    pub(super) fn word(&self, measurement: &Measurement) -> String {
        let folder = self.folder.to_string_lossy();
        let measurement = measurement.words();
        let machine = &self.machine;
        let mut parts = vec![
            &*measurement,
            &*folder,
            &machine.host,
            &machine.toolchain,
            &machine.target,
        ];
        parts.extend(self.overlays.iter().map(Overlay::word));
        parts.extend(self.probe.iter().map(Probe::word));
        fingerprint::of(parts)
    }

    /// The key of a recording: the same for the same, so that it is measured once.
    fn key(&self, measurement: &Measurement, commit: &Commit, round: u32) -> String {
        fingerprint::of([&*self.word(measurement), &commit.id, &round.to_string()])
    }

    /// The run of a measurement, if the store has it. What took too long is only known for the time that it was given.
    pub(super) fn find<'done>(
        &self,
        done: &'done Done,
        measurement: &Measurement,
        commit: &Commit,
        round: u32,
    ) -> Option<&'done Run> {
        let key = self.key(measurement, commit, round);
        done.run(&key).or_else(|| done.run(&self.with_limits(&key)))
    }

    /// A run of a commit that is alike.
    pub(super) fn find_alike<'done>(
        &self,
        done: &'done Done,
        measurement: &Measurement,
        content: &str,
        round: u32,
    ) -> Option<&'done Run> {
        let content = self.content(measurement, content, round);
        done.alike(&content)
            .or_else(|| done.alike(&self.with_limits(&content)))
    }

    fn with_limits(&self, word: &str) -> String {
        let limits = [self.build_limit, self.time_limit].map(|limit| limit.as_millis().to_string());
        fingerprint::of([word, &limits[0], &limits[1]])
    }

    /// A recording as it is kept: with its key, commit and what it was built from.
    pub(super) fn signed(
        &self,
        measurement: &Measurement,
        recording: &Recording,
        commit: &Commit,
        content: &str,
        round: u32,
    ) -> Recording {
        let mut recording = recording.clone();
        recording.key = self.key(measurement, commit, round);
        recording.commit = Some(commit.clone());
        recording.command = measurement.words();
        let mut content = self.content(measurement, content, round);
        if recording.status == Status::TimedOut {
            recording.key = self.with_limits(&recording.key);
            content = self.with_limits(&content);
        }
        recording.content = Some(content);
        recording.environment.cell.extend(self.cell(measurement));
        recording
    }

    /// Whether nothing is measured but the tests that the commits have.
    pub(super) fn is_of_own_tests(&self) -> bool {
        let is_tests = |measurement: &Measurement| matches!(measurement, Measurement::Tests { .. });
        self.overlays.is_empty() && self.probe.is_none() && self.measurements.iter().all(is_tests)
    }

    /// Whether the tests are those that Cargo takes at the top of the repository when it is told nothing.
    pub(super) fn is_plain(&self) -> bool {
        let says_nothing = |measurement: &Measurement| matches!(measurement, Measurement::Tests { arguments, .. } if arguments.is_empty());
        self.folder.as_os_str().is_empty() && self.measurements.iter().all(says_nothing)
    }

    /// Leaves the tests out.
    pub(super) fn leave_tests_out(&mut self) {
        self.measurements
            .retain(|measurement| !matches!(measurement, Measurement::Tests { .. }));
    }

    /// What commits must have in common to be alike to a measurement.
    fn content(&self, measurement: &Measurement, content: &str, round: u32) -> String {
        fingerprint::of([&*self.word(measurement), content, &round.to_string()])
    }

    /// What tells its series from those of commits as they were, and from those of other tests: a part of the tests is no
    /// loss of the rest, and what was put into commits is something else once it is changed.
    fn cell(&self, measurement: &Measurement) -> BTreeMap<String, String> {
        let mut cell = BTreeMap::new();
        if let Some(arguments) = measurement.arguments() {
            cell.insert("arguments".to_owned(), arguments);
        }
        if !self.overlays.is_empty() {
            let overlays: Vec<String> = self.overlays.iter().map(Overlay::to_string).collect();
            cell.insert(OVERLAY.to_owned(), overlays.join(" "));
        }
        if let Some(probe) = &self.probe {
            cell.insert(PROBE.to_owned(), probe.to_string());
        }
        let overlays = self.overlays.iter().map(Overlay::word);
        let brought: Vec<&str> = overlays.chain(self.probe.iter().map(Probe::word)).collect();
        if !brought.is_empty() {
            let mut version = fingerprint::of(brought);
            version.truncate(VERSION_LETTERS);
            cell.insert(VERSION.to_owned(), version);
        }
        cell
    }
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlanError {
    #[error(transparent)]
    Overlay(#[from] OverlayError),
    #[error(transparent)]
    Probe(#[from] ProbeError),
    #[error(
        "all commits are built with the compiler that your checkout uses, and there is none: {0}; install it, or name another by RUSTUP_TOOLCHAIN"
    )]
    NoCompiler(String),
}
