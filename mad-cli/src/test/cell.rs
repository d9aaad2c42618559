//! One run of the tests, with all that is measured around it.

use clap::Args;
use mad_measure::test_run::{self, Finished, Plan, RunError};
use mad_measure::{deep, lint};
use mad_store::{Recording, Status};

use super::instruments::Instruments;
use super::packages::Packages;
use crate::exit::Exit;
use crate::output::{complain, complain_of};

/// What is measured only when somebody asks for it, as it takes time.
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub(super) struct Extras {
    /// Measures which lines, functions and regions the tests run, by LLVM's tools. The tests are slower meanwhile, and
    /// their durations are kept apart
    #[arg(long)]
    pub(super) coverage: bool,
    /// Counts the complaints of clippy, and the files that rustfmt would write in another way
    #[arg(long)]
    lints: bool,
    /// Counts instructions and calls of each test, and how deep it calls, by valgrind's callgrind: that takes some
    /// sixty times as long as the tests, and repeats where times do not. Counts MAD's steps and `tracing`'s spans, too
    #[arg(long)]
    pub(super) deep: bool,
    /// Measures how long each package took to build, of those that were not built already, by the page that Cargo
    /// writes about it
    #[arg(long, conflicts_with = "repeat")]
    pub(super) timings: bool,
    /// Runs the tests so often: one that fails in some runs and passes in others is flaky, and durations get a spread
    #[arg(long, value_name = "TIMES", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    repeat: u16,
}

/// What a run came to.
pub(super) struct Measured {
    pub(super) recording: Recording,
    /// Those of a run that was built.
    pub(super) packages: Option<Packages>,
    /// How the runner ended.
    pub(super) exit: Exit,
    pub(super) is_stopped: bool,
}

pub(super) fn measure(plan: &Plan, extras: &Extras) -> Result<Measured, RunError> {
    let instruments = Instruments::of(plan, extras);
    let plan = instruments.plan();
    let finished = if extras.repeat > 1 {
        test_run::run_repeatedly(plan, extras.repeat.into())?
    } else {
        test_run::run(plan)?
    };
    let Finished {
        mut recording,
        exit_code,
        signal,
        is_stopped,
        members,
        ..
    } = finished;
    if !is_stopped {
        instruments.collect(&mut recording);
        if extras.deep {
            match deep::measure(plan) {
                Ok(measured) => {
                    recording.samples.extend(measured.samples);
                    recording.notes.extend(measured.notes);
                }
                Err(error) => complain_of(&error),
            }
        }
        if extras.lints {
            let (samples, failures) = lint::measure(plan);
            recording.samples.extend(samples);
            failures.iter().for_each(complain);
        }
    }
    let members = members.filter(|_| recording.status != Status::BuildFailed);
    Ok(Measured {
        recording,
        packages: members.map(|members| Packages {
            plan: plan.clone(),
            members,
        }),
        exit: Exit::of_runner(exit_code, signal),
        is_stopped,
    })
}
