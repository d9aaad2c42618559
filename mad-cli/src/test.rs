//! `mad test`: the tests run as always, and what they come to is kept.
//!
//! The runner comes first: its output and its exit code are this command's. What can be measured around it is
//! measured, and whatever of that fails is a warning.

mod cell;
mod github;
mod instruments;
mod known;
mod packages;
mod plan;
mod sources;
mod summary;

pub(crate) use github::add_to_summary;

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::{fs, thread};

use clap::Args;
use mad_measure::matrix::{self, Cell, Dimension};
use mad_measure::test_run::{self, Plan};
use mad_store::{Recording, Status, Store, StoreError};

use crate::exit::Exit;
use crate::head::Head;
use crate::interrupt::Interrupt;
use crate::output::{complain, complain_of};
use crate::store_place::StoreArguments;
use cell::{Extras, Measured};
use plan::PlanArguments;
pub(crate) use plan::RunnerName;
use sources::Sources;

/// Runs the tests of a Cargo project, and keeps what they and the sources come to
///
/// The tests run with cargo-nextest if that is installed, and otherwise with `cargo test`. Output and exit code are the
/// runner's own. Afterwards a few lines on the standard error output compare with the last run of the same branch.
#[derive(Args, Debug)]
pub(crate) struct TestArguments {
    #[command(flatten)]
    plan: PlanArguments,
    #[command(flatten)]
    extras: Extras,
    /// Runs the tests once for each combination: `features=each,none,all profile=dev,release toolchain=stable,nightly`.
    /// What is not installed or does not build is reported, and no failure
    #[arg(long, value_name = "NAME=VALUES", num_args = 1..)]
    matrix: Vec<Dimension>,
    #[command(flatten)]
    store: StoreArguments,
}

pub(crate) fn run(arguments: &TestArguments) -> Exit {
    match test(arguments) {
        Ok(exit) => exit,
        Err(error) => {
            complain_of(&*error);
            Exit::Trouble
        }
    }
}

fn test(arguments: &TestArguments) -> Result<Exit, Box<dyn std::error::Error>> {
    let interrupt = Interrupt::listen()?;
    let mut plan = arguments.plan.plan();
    plan.stop = Some(interrupt.flag());
    plan.stops_by_itself = io::stdin().is_terminal();
    // Before the tests, which may write to the work tree.
    let head = thread::scope(|scope| {
        scope.spawn(|| test_run::runner(&plan));
        Head::of(&plan.folder, None)
    })?;
    let mut sources = Some(Sources::begin(&head, &arguments.store)?);
    let mut ends = Ends::default();
    for cell in cells(&plan, &arguments.matrix) {
        let is_of_matrix = !cell.name.is_empty();
        let plan = match cell.plan {
            Ok(plan) => plan,
            Err(why) => {
                complain(format!("{}: {why}", cell.name));
                continue;
            }
        };
        if is_of_matrix {
            complain(&cell.name);
        }
        let measured = cell::measure(&plan, &arguments.extras)?;
        if measured.is_stopped || interrupt.is_raised() {
            complain("the tests were interrupted: nothing is kept of this run");
            return Ok(measured.exit);
        }
        ends.add(&measured, is_of_matrix);
        if !is_project(&plan.folder) {
            complain("there is no Cargo project here: nothing is kept of this run");
            continue;
        }
        let of_sources = sources.take().and_then(Sources::end);
        let recordings = recordings(&head, of_sources, measured, &arguments.store);
        keep(&arguments.store, &recordings);
    }
    Ok(ends.exit())
}

/// Whether Cargo would find a manifest.
fn is_project(folder: &Path) -> bool {
    let folder = fs::canonicalize(folder).unwrap_or_default();
    folder
        .ancestors()
        .any(|folder| folder.join("Cargo.toml").exists())
}

fn cells(plan: &Plan, dimensions: &[Dimension]) -> Vec<Cell> {
    matrix::cells(plan, dimensions)
}

/// How the runs ended.
#[derive(Default)]
struct Ends {
    first_failure: Option<Exit>,
    n_run: usize,
}

impl Ends {
    /// A cell of a matrix that does not build fails nothing.
    fn add(&mut self, measured: &Measured, is_of_matrix: bool) {
        if is_of_matrix && measured.recording.status == Status::BuildFailed {
            return;
        }
        self.n_run += 1;
        if measured.exit != Exit::Of(0) && self.first_failure.is_none() {
            self.first_failure = Some(measured.exit);
        }
    }

    fn exit(self) -> Exit {
        match (self.first_failure, self.n_run) {
            (Some(failure), _) => failure,
            (None, 0) => Exit::Failure,
            (None, _) => Exit::Success,
        }
    }
}

/// What is kept: of the sources what is the same everywhere, and of the tests what belongs to this machine.
fn recordings(
    head: &Head,
    of_sources: Option<Recording>,
    measured: Measured,
    store: &StoreArguments,
) -> Vec<Recording> {
    let mut recordings = Vec::from_iter(of_sources);
    recordings.retain(|recording| !recording.samples.is_empty());
    recordings.push(measured.recording);
    for recording in &mut recordings {
        head.describe(recording);
    }
    if let (Some(packages), Some(of_tests)) = (measured.packages, recordings.last_mut()) {
        packages.add_to(of_tests, store);
    }
    recordings
}

/// Nothing that goes wrong here changes how the command ends.
fn keep(place: &StoreArguments, recordings: &[Recording]) {
    let mut store = match place.open_or_make() {
        Ok(store) => store,
        Err(error) => return warn(&error),
    };
    let said = summary::of(&store, recordings);
    match store.record_all(recordings) {
        Ok(_) => say(said, recordings, &store),
        Err(error) => warn(&error),
    }
}

fn say(said: Result<String, StoreError>, recordings: &[Recording], store: &Store) {
    match said {
        Ok(said) => {
            let path = store.path().display();
            _ = writeln!(io::stderr(), "{said}mad: kept in {path}");
            github::tell(recordings, &said);
        }
        Err(error) => complain_of(&error),
    }
}

fn warn(error: &dyn std::error::Error) {
    complain("warning: the run could not be kept");
    complain_of(error);
}
