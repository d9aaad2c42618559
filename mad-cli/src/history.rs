//! `mad history`: what would have been measured, measured now, at each commit.

mod alike;
mod attempts;
pub(crate) mod bisect;
mod dependencies;
mod done;
mod flags;
mod folder;
mod hindrance;
mod leftovers;
mod locks;
mod machine;
mod manifest;
mod measurement;
mod needed;
mod numbers;
mod order;
mod overlay;
mod plan;
mod probe;
mod progress;
mod queue;
mod selection;
mod slots;
mod source;
mod steadiness;
mod summary;
mod survey;
mod target;
mod tree;
mod walk;
mod words;
mod workshop;

use std::error::Error;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use mad_store::{Commit, Store};

use crate::exit::Exit;
use crate::git::Repository;
use crate::interrupt::Interrupt;
use crate::output::{complain, complain_of, print};
use crate::store_place::StoreArguments;
pub(crate) use plan::PlanArguments;

use alike::ToTests;
use dependencies::Dependencies;
use done::Done;
use plan::Plan;
use progress::Progress;
use queue::Shard;
use selection::SelectionArguments;
use slots::Slot;
use summary::Summary;
use walk::{Walk, Walked};
use workshop::Workshop;

const GIBIBYTE: u64 = 1 << 30;

/// So many series are named whose repeats differ.
const MOST_UNSTEADY: usize = 10;

/// Measures old commits as `mad test` measures the present one
///
/// Work trees of its own are moved from commit to commit, the newest and the oldest first, then the middle of each gap, so
/// that a picture stands early. The checkout is left alone. What their sources measure is known of all commits before the
/// first is built. What was measured is kept at once: a walk that was ended goes on where it was.
///
/// Exit codes: 0 all commits were tried; 1 somebody ended it before, or a full disk, want of memory or a network that is down
/// hindered five measurements in a row; 2 it could not be done.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct HistoryArguments {
    #[command(flatten)]
    which: SelectionArguments,
    #[command(flatten)]
    what: PlanArguments,
    /// Measures each commit so many times, all of them once before any again
    #[arg(long, default_value = "1", value_name = "N")]
    repeat: NonZeroU32,
    /// Tries also what is between commits that do not build for the same reason, and goes on where one after the other is hindered
    #[arg(long)]
    try_all: bool,
    /// Measures one part of several, for as many machines: `2/3`. `mad store merge` puts their stores together
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// How many commits are worked on at once, each in a folder of its own. More than one makes durations noisier
    #[arg(short, long, default_value = "1", value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,
    #[command(flatten)]
    how: HowArguments,
    #[command(flatten)]
    store: StoreArguments,
}

/// With what it is measured.
#[derive(Args, Debug)]
pub(crate) struct HowArguments {
    /// Where the work trees and what is built in them are, instead of in the user's cache folder
    #[arg(long, value_name = "FOLDER")]
    work_dir: Option<PathBuf>,
    /// How many GiB each worker may fill before what was built is thrown away
    #[arg(long, default_value = "10", value_name = "GIB")]
    disk: u32,
}

pub(crate) fn run(arguments: &HistoryArguments) -> Exit {
    match measure(arguments) {
        Ok(exit) => exit,
        Err(error) => {
            complain_of(&*error);
            Exit::Trouble
        }
    }
}

fn measure(arguments: &HistoryArguments) -> Result<Exit, Box<dyn Error>> {
    let interrupt = Interrupt::listen()?;
    let (repository, folder) = here()?;
    let selection = arguments.which.find(&repository)?;
    for remark in &selection.remarks {
        complain(remark);
    }
    let plan = arguments.what.plan(&repository, folder)?;
    let mut store = arguments.store.open_or_make()?;
    store.record_commits(&selection.line)?;
    let commits = selection.commits();
    let round = Round {
        commits: &commits,
        rounds: arguments.repeat.get(),
        shard: arguments.shard,
        tries_all: arguments.try_all,
        jobs: arguments.jobs.into(),
    };
    let walked = round.walk(&repository, &plan, &arguments.how, &mut store, &interrupt)?;
    print(Summary::new(&commits, &walked, store.path()));
    if arguments.repeat.get() > 1 {
        for unsteady in steadiness::unsteady(&store, &commits)?
            .iter()
            .take(MOST_UNSTEADY)
        {
            print(format_args!("unsteady: {unsteady}\n"));
        }
    }
    Ok(if interrupt.is_raised() {
        Exit::Failure
    } else {
        Exit::Success
    })
}

/// Commits that somebody else has chosen, and how often each is to be measured.
pub(crate) struct Chosen {
    pub(crate) commits: Vec<Commit>,
    pub(crate) rounds: u32,
}

/// Measures commits of a line, one choice after the other; what the store knows is not measured again. Returns whether nobody
/// ended it before.
pub(crate) fn measure_chosen(
    line: &[Commit],
    choices: &[Chosen],
    what: &PlanArguments,
    how: &HowArguments,
    store: &mut Store,
) -> Result<bool, Box<dyn Error>> {
    let interrupt = Interrupt::listen()?;
    let (repository, folder) = here()?;
    let plan = what.plan(&repository, folder)?;
    store.record_commits(line)?;
    for Chosen { commits, rounds } in choices {
        let round = Round {
            commits,
            rounds: *rounds,
            shard: None,
            tries_all: false,
            jobs: 1,
        };
        let walked = round.walk(&repository, &plan, how, store, &interrupt)?;
        complain(
            Summary::new(commits, &walked, store.path())
                .to_string()
                .trim_end(),
        );
    }
    Ok(!interrupt.is_raised())
}

/// Commits that are walked through.
struct Round<'a> {
    commits: &'a [Commit],
    rounds: u32,
    shard: Option<Shard>,
    tries_all: bool,
    jobs: usize,
}

impl Round<'_> {
    fn walk(
        &self,
        repository: &Repository,
        plan: &Plan,
        how: &HowArguments,
        store: &mut Store,
        interrupt: &Interrupt,
    ) -> Result<Walked, Box<dyn Error>> {
        let commits = self.commits;
        let progress = Progress::new(false);
        let contents = survey::survey(repository, commits, store, &progress, interrupt)?;
        if interrupt.is_raised() {
            return Ok(Walked::default());
        }
        if plan.measurements.is_empty() {
            let mut walked = Walked::default();
            walked.counts.of_sources = commits.len();
            return Ok(walked);
        }
        let to_tests = if plan.is_of_own_tests() {
            alike::to_tests(repository, commits, &contents, plan.is_plain())?
        } else {
            ToTests::of(contents)
        };
        let of_commits: Vec<&str> = commits
            .iter()
            .map(|commit| to_tests.contents[&commit.id].as_str())
            .collect();
        let jobs = queue::jobs(&of_commits, self.rounds, self.shard);
        let done = Done::read(store)?;
        let walk = Walk {
            plan,
            commits,
            to_tests: &to_tests,
            store: store.path(),
            tries_all: self.tries_all,
            progress: &progress,
            interrupt,
        };
        let workshops = how.workshops(self.jobs, repository, plan, commits, interrupt)?;
        Ok(walk.walk(jobs, done, workshops)?)
    }
}

impl HowArguments {
    /// Makes so many work trees, or as many as there are commits.
    fn workshops<'plan>(
        &self,
        n: usize,
        repository: &Repository,
        plan: &'plan Plan,
        commits: &[Commit],
        interrupt: &Interrupt,
    ) -> Result<Vec<Workshop<'plan>>, Box<dyn Error>> {
        let n = n.min(commits.len());
        let newest = commits.last().ok_or("there is no commit to measure")?;
        let most_bytes = u64::from(self.disk) * GIBIBYTE;
        let slots = slots::take(repository, self.work_dir.as_deref(), n)?;
        let dependencies = Arc::new(Dependencies::of(slots.iter().map(Slot::target).collect()));
        slots
            .into_iter()
            .map(|slot| {
                let (dependencies, stop) = (Arc::clone(&dependencies), interrupt.flag());
                Workshop::open(plan, slot, most_bytes, newest, dependencies, stop)
                    .map_err(Into::into)
            })
            .collect()
    }
}

/// The repository, and where in it the user is.
fn here() -> Result<(Repository, PathBuf), Box<dyn Error>> {
    let here = std::env::current_dir()?.canonicalize()?;
    let repository = Repository::containing(&here)?;
    let root = repository.root().canonicalize()?;
    let folder = here.strip_prefix(root).unwrap_or(Path::new("")).to_owned();
    Ok((repository, folder))
}

pub(crate) fn milliseconds_now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
