//! `mad bless`: a change is accepted.

use std::path::Path;

use clap::Args;
use mad_store::SeriesFilter;

use crate::blessed::{Blessed, Blessing};
use crate::exit::Exit;
use crate::git::Repository;
use crate::output::{complain, complain_of, print};
use crate::store_place::StoreArguments;

/// Accepts a change of a series, so that nobody is told of it again
///
/// It is written to `mad-blessed.toml` at the root of the repository, which is checked in, so that others review it.
///
/// Exit codes: 0 it is written; 2 it is not.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct BlessArguments {
    /// The commit that made the change, or another revision
    commit: String,
    /// The series, in quotes, as `mad changes` writes it: `test shop orders::are_placed test_duration_seconds`
    series: String,
    /// Why it is all right
    #[arg(long, short = 'm', value_name = "WHY")]
    message: String,
    /// It is the spread that changed, `spread 3.00 times as wide`, and not the level
    #[arg(long)]
    spread: bool,
    #[command(flatten)]
    place: StoreArguments,
}

pub(crate) fn run(arguments: &BlessArguments) -> Exit {
    match bless(arguments) {
        Ok(exit) => exit,
        Err(error) => {
            complain_of(&*error);
            Exit::Trouble
        }
    }
}

fn bless(arguments: &BlessArguments) -> Result<Exit, Box<dyn std::error::Error>> {
    if arguments.message.trim().is_empty() {
        complain("say why it is all right: the reason is all that others can review");
        return Ok(Exit::Trouble);
    }
    let repository = Repository::containing(Path::new("."))?;
    let commit = repository.commit(&arguments.commit)?;
    let store = arguments.place.open()?;
    let series = store.series(&SeriesFilter::default())?;
    let name = |one: &mad_store::Series| format!("{} {}", one.subject, one.metric.name);
    if !series.iter().any(|one| name(one) == arguments.series) {
        complain(format_args!(
            "there is no series `{}`; `mad changes` and `mad store series` list them",
            arguments.series
        ));
        return Ok(Exit::Trouble);
    }
    let blessing = Blessing {
        commit: commit.id,
        series: arguments.series.clone(),
        why: arguments.message.clone(),
        spread: arguments.spread,
    };
    let path = Blessed::add(repository.root(), blessing)?;
    print(format_args!("written to {}\n", path.display()));
    Ok(Exit::Success)
}
