//! `mad test`: the tests run as always, and what they come to is kept.
//!
//! The runner comes first: its output and its exit code are this command's. What can be measured around it is
//! measured, and whatever of that fails is a warning.

mod head;
mod plan;
mod summary;

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::thread;

use clap::Args;
use mad_measure::test_run::{self, Finished, Plan};
use mad_measure::{project, source};
use mad_store::{Environment, Recording, Sample, Store};

use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::output::{complain, complain_of};
use crate::store_place::StoreArguments;
use head::Head;
use plan::PlanArguments;

/// Runs the tests of a Cargo project, and keeps what they and the sources come to
///
/// The tests run with cargo-nextest if that is installed, and otherwise with `cargo test`. Output and exit code are the
/// runner's own. Afterwards a few lines on the standard error output compare with the last run of the same branch.
#[derive(Args, Debug)]
pub(crate) struct TestArguments {
    #[command(flatten)]
    plan: PlanArguments,
    #[command(flatten)]
    store: StoreArguments,
}

pub(crate) fn run(arguments: &TestArguments) -> Exit {
    let mut plan = arguments.plan.plan();
    let interrupt = match Interrupt::listen() {
        Ok(interrupt) => interrupt,
        Err(error) => {
            complain_of(&error);
            return Exit::Trouble;
        }
    };
    // A terminal tells the runner itself, and it knows best how to end.
    plan.stop = (!io::stdin().is_terminal()).then(|| interrupt.flag());
    // Before the tests, which may write to the work tree.
    let head = Head::of(&plan.folder);
    let sources = thread::Builder::new()
        .name("mad-sources".to_owned())
        .spawn({
            let folder = head.root.clone();
            move || measure_sources(&folder)
        });
    let finished = match test_run::run(&plan) {
        Ok(finished) => finished,
        Err(error) => {
            complain_of(&error);
            return Exit::Trouble;
        }
    };
    let exit = Exit::of_runner(finished.exit_code);
    if finished.is_stopped || interrupt.is_raised() {
        complain("the tests were interrupted: nothing is kept of this run");
        return exit;
    }
    let sources = sources.ok().and_then(|thread| thread.join().ok());
    let recordings = recordings(&plan, &head, finished, sources.unwrap_or_default());
    keep(&arguments.store, &recordings);
    exit
}

fn measure_sources(folder: &Path) -> Vec<Sample> {
    match source::read_folder(folder) {
        Ok(files) => source::measure(files),
        Err(error) => {
            complain(format!("the sources could not be measured: {error}"));
            Vec::new()
        }
    }
}

/// What is kept: of the sources what is the same everywhere, and of the tests what belongs to this machine.
fn recordings(
    plan: &Plan,
    head: &Head,
    finished: Finished,
    sources: Vec<Sample>,
) -> Vec<Recording> {
    let mut tests = finished.recording;
    tests.samples.extend(project::measure(plan));
    let mut recordings = Vec::new();
    if !sources.is_empty() {
        let mut of_sources = Recording::new(Environment::default(), tests.started_at);
        "mad test".clone_into(&mut of_sources.command);
        of_sources.samples = sources;
        recordings.push(of_sources);
    }
    recordings.push(tests);
    for recording in &mut recordings {
        head.describe(recording);
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
        Ok(_) => say(said, &store),
        Err(error) => warn(&error),
    }
}

fn say(said: Result<String, mad_store::StoreError>, store: &Store) {
    match said {
        Ok(said) => {
            let path = store.path().display();
            _ = writeln!(io::stderr(), "{said}mad: kept in {path}");
        }
        Err(error) => complain_of(&error),
    }
}

fn warn(error: &dyn std::error::Error) {
    complain("warning: the run could not be kept");
    complain_of(error);
}
