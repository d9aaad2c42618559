//! `mad store merge`: several stores become one.

use std::path::PathBuf;

use clap::Args;
use mad_store::Store;

use super::Done;
use crate::exit::Exit;
use crate::output::print;
use crate::store_place::StoreArguments;

/// Takes in what other stores have, such as those of `mad history --shard`
///
/// What is there already is known by its key: a merge can be done again, and after an interruption.
/// The others stay as they are.
/// Exit codes: 0 it is done; 2 a store could not be read or written.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct MergeArguments {
    /// The files of the other stores
    #[arg(required = true, value_name = "FILE")]
    others: Vec<PathBuf>,
    #[command(flatten)]
    place: StoreArguments,
}

pub(super) fn run(arguments: &MergeArguments) -> Done {
    // A name that was mistyped must not become an empty store.
    if let Some(missing) = arguments.others.iter().find(|other| !other.exists()) {
        return Err(format!("there is no store at {}", missing.display()).into());
    }
    let mut store = arguments.place.open_or_make()?;
    for path in &arguments.others {
        let other = Store::open(path).map_err(|error| super::of_file(path, error))?;
        let merged = store
            .merge(&other)
            .map_err(|error| super::of_file(path, error))?;
        print(format_args!(
            "{}: {} new runs, {} were there already\n",
            path.display(),
            merged.new,
            merged.known
        ));
    }
    Ok(Exit::Success)
}
