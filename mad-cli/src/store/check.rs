//! `mad store check`: whether everything that the store holds can be read.

use clap::Args;

use super::Done;
use crate::exit::Exit;
use crate::output::print;
use crate::store_place::StoreArguments;

/// Examines the file, and every run in it
///
/// Exit codes: 0 all is well; 1 something is wrong; 2 it could not be opened.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    place: StoreArguments,
}

pub(super) fn run(arguments: &CheckArguments) -> Done {
    let store = arguments.place.open()?;
    let complaints = store.check()?;
    for complaint in &complaints {
        print(format_args!("{complaint}\n"));
    }
    if !complaints.is_empty() {
        return Ok(Exit::Failure);
    }
    let (runs, commits) = (
        store.runs(&mad_store::RunFilter::default())?.len(),
        store.commits()?.len(),
    );
    let series = store.series(&mad_store::SeriesFilter::default())?.len();
    print(format_args!(
        "{}: {runs} runs, {commits} commits, {series} series: all of it can be read\n",
        store.path().display()
    ));
    Ok(Exit::Success)
}
