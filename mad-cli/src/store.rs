//! `mad store`: what was measured is examined, carried elsewhere, put together, made smaller.

mod alias;
mod check;
mod export;
mod import;
mod merge;
mod prune;
mod series;
mod show;

use std::error::Error;
use std::path::Path;

use clap::Subcommand;

use crate::exit::Exit;
use crate::output::{complain_of, with_causes};

/// Examines, exports, merges and prunes what was measured
#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
    Series(series::SeriesArguments),
    Show(show::ShowArguments),
    Check(check::CheckArguments),
    Export(export::ExportArguments),
    Import(import::ImportArguments),
    Merge(merge::MergeArguments),
    Alias(alias::AliasArguments),
    Prune(prune::PruneArguments),
}

pub(crate) fn run(command: &StoreCommand) -> Exit {
    let done = match command {
        StoreCommand::Series(arguments) => series::run(arguments),
        StoreCommand::Show(arguments) => show::run(arguments),
        StoreCommand::Check(arguments) => check::run(arguments),
        StoreCommand::Export(arguments) => export::run(arguments),
        StoreCommand::Import(arguments) => import::run(arguments),
        StoreCommand::Merge(arguments) => merge::run(arguments),
        StoreCommand::Alias(arguments) => alias::run(arguments),
        StoreCommand::Prune(arguments) => prune::run(arguments),
    };
    done.unwrap_or_else(|error| {
        complain_of(&*error);
        Exit::Trouble
    })
}

/// How a command ended, or why it could not be done.
type Done = Result<Exit, Box<dyn Error>>;

/// An error, and the file that it is about.
fn of_file(path: &Path, error: impl Error) -> Box<dyn Error> {
    format!("{}: {}", path.display(), with_causes(&error)).into()
}
