//! One run of the tests, with all that is measured around it.

use clap::Args;
use mad_measure::coverage::{self, Instrumented};
use mad_measure::test_run::{self, Finished, Plan, RunError};
use mad_measure::{deep, lint, project};
use mad_store::{Recording, Status};

use crate::output::{complain, complain_of};

/// What is measured only when somebody asks for it, as it takes time.
#[derive(Args, Debug)]
pub(super) struct Extras {
    /// Measures which lines, functions and regions the tests run, by LLVM's tools. The tests are slower meanwhile, and
    /// their durations are kept apart
    #[arg(long)]
    coverage: bool,
    /// Counts the complaints of clippy, and the files that rustfmt would write in another way
    #[arg(long)]
    lints: bool,
    /// Counts instructions and calls of each test, and how deep it calls, by valgrind's callgrind: that takes some
    /// sixty times as long as the tests, and repeats where times do not
    #[arg(long)]
    deep: bool,
    /// Runs the tests so often: one that fails in some runs and passes in others is flaky, and durations get a spread
    #[arg(long, value_name = "TIMES", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    repeat: u16,
}

/// What a run came to.
pub(super) struct Measured {
    pub(super) recording: Recording,
    pub(super) exit_code: Option<i32>,
    pub(super) is_stopped: bool,
}

pub(super) fn measure(plan: &Plan, extras: &Extras) -> Result<Measured, RunError> {
    let instrumented = extras
        .coverage
        .then(|| Instrumented::of(plan, &compiler_flags()));
    let instrumented = instrumented.and_then(|instrumented| match instrumented {
        Ok(instrumented) => Some(instrumented),
        Err(error) => {
            complain_of(&error);
            None
        }
    });
    let plan = instrumented.as_ref().map_or(plan, Instrumented::plan);
    let finished = if extras.repeat > 1 {
        test_run::run_repeatedly(plan, extras.repeat.into())?
    } else {
        test_run::run(plan)?
    };
    let Finished {
        mut recording,
        exit_code,
        is_stopped,
        ..
    } = finished;
    if !is_stopped {
        if recording.status != Status::BuildFailed {
            let target = &recording.environment.target;
            recording.samples.extend(project::measure(plan, target));
        }
        if extras.deep {
            match deep::measure(plan) {
                Ok(measured) => {
                    recording.samples.extend(measured.samples);
                    recording.notes.extend(measured.notes);
                }
                Err(error) => complain_of(&error),
            }
        }
        if let Some(instrumented) = &instrumented {
            let cell = &mut recording.environment.cell;
            cell.insert("coverage".to_owned(), "on".to_owned());
            match instrumented.collect() {
                Ok(files) => recording.samples.extend(coverage::tell(&files)),
                Err(error) => complain_of(&error),
            }
        }
        if extras.lints {
            let (samples, failures) = lint::measure(plan);
            recording.samples.extend(samples);
            failures.iter().for_each(complain);
        }
    }
    Ok(Measured {
        recording,
        exit_code,
        is_stopped,
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "Cargo reads them there, and coverage adds one"
)]
fn compiler_flags() -> String {
    std::env::var("RUSTFLAGS").unwrap_or_default()
}
