//! Running the tests of a Cargo project, and what they come to.
//!
//! A [`Plan`] says what is run, and how; [`run`] runs it and gives a [`Finished`] back, whatever became of it. The
//! runner is cargo-nextest when that is installed, and otherwise `cargo test`.
//!
//! ```no_run
//! use mad_measure::test_run::{Output, Plan, run};
//! use std::time::Duration;
//!
//! let mut plan = Plan::new("shop");
//! plan.output = Output::Captured;
//! plan.time_limit = Some(Duration::from_mins(10));
//! let finished = run(&plan)?;
//! println!("{}: {} numbers", finished.recording.status.word(), finished.recording.samples.len());
//! # Ok::<(), mad_measure::test_run::RunError>(())
//! ```

mod cargo;
mod command;
mod compiler;
mod error;
mod libtest;
mod nextest;
mod place;
mod plan;
mod priority;
mod process;
mod targets;

use std::thread;
use std::time::{Duration, SystemTime};

use mad_store::{Recording, Status, Subject};

pub use command::{CommandEnded, run_command};
pub use error::RunError;
pub use place::host;
pub use plan::{Features, Output, Plan, Runner};
pub use priority::give_way;

pub(crate) use targets::{Metadata, Target};

use crate::case::{self, TestCase};
use crate::metric;
use crate::project::Members;
use compiler::Compiler;
use process::Ended;
use targets::Asked;

/// A run that is over.
#[derive(Debug)]
pub struct Finished {
    /// What it measured, how it ended, and where it ran. Of which commit, the caller says.
    pub recording: Recording,
    /// The runner's exit code; nothing, if it was ended by a signal.
    pub exit_code: Option<i32>,
    /// The number of the signal that ended the runner.
    pub signal: Option<i32>,
    /// Whether it was ended by [`Plan::stop`]: then it says nothing about the tests.
    pub is_stopped: bool,
    /// The end of what the runner wrote, if that was captured.
    pub output: String,
    /// The tests, as they stand behind the numbers.
    pub cases: Vec<TestCase>,
    /// The packages of the project, as Cargo was asked for them while the tests ran; nothing, where there is no project.
    pub members: Option<Members>,
}

/// Who runs the tests of a plan. To find out whether nextest is there takes a moment, once in a process: whoever has
/// something else to do before the tests may do it meanwhile.
pub fn runner(plan: &Plan) -> Runner {
    plan.runner.unwrap_or_else(|| match nextest::version(plan) {
        Some(_) => Runner::Nextest,
        None => Runner::Libtest,
    })
}

/// Runs the tests.
///
/// That they fail, do not build or do not end is no error, but what became of the run: see
/// [`Recording::status`].
///
/// # Errors
///
/// If the runner cannot be started, and if there is no Cargo project.
pub fn run(plan: &Plan) -> Result<Finished, RunError> {
    let runner = runner(plan);
    let started_at = now();
    let load = place::load();
    let packages = Asked::of(plan);
    let before = SystemTime::now();
    let ran = thread::scope(|scope| {
        // Nobody waits for the answer.
        scope.spawn(|| {
            give_way();
            packages.told();
        });
        match runner {
            Runner::Nextest => nextest::run(plan, nextest::version(plan), &packages),
            Runner::Libtest => libtest::run(plan, &packages),
        }
    })?;
    let metadata = packages.into_told();
    let built = metadata.as_ref().filter(|_| ran.is_built());
    let kept = built.and_then(|metadata| Compiler::kept(plan, metadata, before));
    let compiler = kept.unwrap_or_else(|| Compiler::of(plan));
    let environment = place::environment(plan, runner, compiler);
    let mut recording = Recording::new(environment, started_at);
    recording.command = plan.command_line(runner);
    recording.load = load;
    recording.wall_ms = u64::try_from(ran.ended.wall.as_millis()).unwrap_or(u64::MAX);
    recording.status = ran.status();
    recording.reason = ran.reason();
    let measured = case::tell(&ran.cases);
    if recording.status == Status::Complete || !ran.cases.is_empty() {
        recording.samples = measured.samples;
        recording.notes = measured.notes;
    }
    recording.samples.extend(ran.times());
    Ok(Finished {
        recording,
        exit_code: ran.ended.exit_code,
        signal: ran.ended.signal,
        is_stopped: ran.ended.is_stopped,
        output: ran.ended.output,
        cases: ran.cases,
        members: metadata.map(Members::told),
    })
}

/// Runs the tests several times: a test that fails in some of the runs and passes in others is flaky.
///
/// The durations are medians with their spread, and so are the times of the run; what was built is that of the first.
/// It ends early if it is stopped, and if a run does not get as far as its tests.
///
/// # Errors
///
/// As [`run`].
pub fn run_repeatedly(plan: &Plan, times: usize) -> Result<Finished, RunError> {
    let mut first = run(plan)?;
    let mut cases = vec![std::mem::take(&mut first.cases)];
    let mut of_runs: Vec<_> = first.recording.samples.clone();
    for _ in 1..times {
        if first.is_stopped || first.recording.status != Status::Complete {
            break;
        }
        let next = run(plan)?;
        first.is_stopped |= next.is_stopped;
        if first.exit_code == Some(0) {
            (first.exit_code, first.signal) = (next.exit_code, next.signal);
        }
        first.recording.status = next.recording.status;
        first.recording.wall_ms += next.recording.wall_ms;
        of_runs.extend(next.recording.samples);
        cases.push(next.cases);
    }
    first.cases = case::merge(cases);
    let measured = case::tell(&first.cases);
    first.recording.samples = measured.samples;
    first.recording.notes = measured.notes;
    for definition in [
        metric::RUN_WALL_SECONDS,
        metric::RUN_CPU_SECONDS,
        metric::BUILD_SECONDS,
    ] {
        let of_it = of_runs
            .iter()
            .filter(|sample| sample.metric.name == definition.name);
        let mut values: Vec<_> = of_it.map(|sample| sample.value).collect();
        if definition == metric::BUILD_SECONDS {
            values.truncate(1);
        }
        first
            .recording
            .samples
            .extend(case::middle(definition, &Subject::run(), &values));
    }
    Ok(first)
}

/// What a runner did.
#[derive(Debug)]
struct Ran {
    ended: Ended,
    cases: Vec<TestCase>,
    /// How long it took until the first test began.
    build: Option<Duration>,
    /// How long the tests took.
    tests: Option<Duration>,
    /// What the runner says of it, beyond the outcome of tests.
    verdict: Verdict,
}

/// What a runner says of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Ran,
    NotBuilt,
    NoTests,
    Broken,
}

impl Ran {
    /// Whether Cargo has come to the end of the build.
    fn is_built(&self) -> bool {
        matches!(self.verdict, Verdict::Ran | Verdict::NoTests)
    }

    fn status(&self) -> Status {
        match self.verdict {
            _ if self.ended.is_stopped => Status::Partial,
            _ if self.ended.is_timed_out => Status::TimedOut,
            Verdict::NotBuilt => Status::BuildFailed,
            Verdict::NoTests => Status::NoTests,
            Verdict::Broken => Status::Crashed,
            Verdict::Ran => Status::Complete,
        }
    }

    fn reason(&self) -> Option<String> {
        match self.status() {
            Status::BuildFailed => cargo::first_error(&self.ended.output),
            Status::Crashed => cargo::why_broken(&self.ended.output),
            _ => None,
        }
    }

    fn times(&self) -> Vec<mad_store::Sample> {
        let run = Subject::run();
        let mut samples = Vec::new();
        if self.verdict == Verdict::Ran {
            let wall = self
                .tests
                .map(|tests| metric::RUN_WALL_SECONDS.sample(&run, tests.as_secs_f64()));
            samples.extend(wall);
            let build = self
                .build
                .map(|build| metric::BUILD_SECONDS.sample(&run, build.as_secs_f64()));
            samples.extend(build);
        }
        if !self.ended.is_stopped && !self.ended.is_timed_out {
            let cpu = self
                .ended
                .cpu
                .map(|cpu| metric::RUN_CPU_SECONDS.sample(&run, cpu.as_secs_f64()));
            samples.extend(cpu);
        }
        samples
    }
}

fn now() -> i64 {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
