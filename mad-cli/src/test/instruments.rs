//! What measures while the tests run, each by a plan of its own around the plan.

use std::error::Error;

use mad_measure::coverage::{self, Instrumented};
use mad_measure::deep::Shapes;
use mad_measure::test_run::Plan;
use mad_measure::timings::Timed;
use mad_store::{Recording, Sample};

use super::cell::Extras;
use crate::output::complain_of;

/// Those that were asked for, and that can be had here.
pub(super) struct Instruments {
    plan: Plan,
    coverage: Option<Instrumented>,
    shapes: Option<Shapes>,
    timed: Option<Timed>,
}

impl Instruments {
    pub(super) fn of(plan: &Plan, extras: &Extras) -> Self {
        let mut plan = plan.clone();
        let coverage = extras
            .coverage
            .then(|| Instrumented::of(&plan, &compiler_flags()));
        let coverage = coverage.and_then(there);
        if let Some(coverage) = &coverage {
            plan.clone_from(coverage.plan());
        }
        let shapes = extras.deep.then(|| Shapes::of(&plan)).and_then(there);
        if let Some(shapes) = &shapes {
            plan.clone_from(shapes.plan());
        }
        let timed = extras.timings.then(|| Timed::of(&plan));
        if let Some(timed) = &timed {
            plan.clone_from(timed.plan());
        }
        Self {
            plan,
            coverage,
            shapes,
            timed,
        }
    }

    /// What is to be run.
    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Adds what was measured to the recording of the run. What could not be is said, and no failure.
    pub(super) fn collect(&self, recording: &mut Recording) {
        if let Some(timed) = &self.timed {
            add(recording, timed.collect());
        }
        if let Some(shapes) = &self.shapes {
            add(recording, shapes.collect());
        }
        if let Some(coverage) = &self.coverage {
            let cell = &mut recording.environment.cell;
            cell.insert("coverage".to_owned(), "on".to_owned());
            add(
                recording,
                coverage.collect().map(|files| coverage::tell(&files)),
            );
        }
    }
}

fn there<T>(instrument: Result<T, impl Error>) -> Option<T> {
    instrument.inspect_err(|error| complain_of(error)).ok()
}

fn add(recording: &mut Recording, measured: Result<Vec<Sample>, impl Error>) {
    match measured {
        Ok(samples) => recording.samples.extend(samples),
        Err(error) => complain_of(&error),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "Cargo reads them there, and coverage adds one"
)]
fn compiler_flags() -> String {
    std::env::var("RUSTFLAGS").unwrap_or_default()
}
