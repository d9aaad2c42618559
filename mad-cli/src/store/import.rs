//! `mad store import`: what `mad store export` wrote comes back.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use clap::Args;
use mad_store::Recording;

use super::Done;
use crate::exit::Exit;
use crate::output::print;
use crate::store_place::StoreArguments;

/// Takes in what `mad store export --format json` wrote; all of it or, if a line cannot be read, nothing
///
/// What is there already is known by its key.
/// Exit codes: 0 it is done; 2 a line could not be read, or the store not be written.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct ImportArguments {
    /// The file; `-` is the standard input
    file: PathBuf,
    #[command(flatten)]
    place: StoreArguments,
}

pub(super) fn run(arguments: &ImportArguments) -> Done {
    let file: Box<dyn BufRead> = if arguments.file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        let file =
            File::open(&arguments.file).map_err(|error| super::of_file(&arguments.file, error))?;
        Box::new(BufReader::new(file))
    };
    let mut recordings = Vec::new();
    for (number, line) in (1..).zip(file.lines()) {
        let line =
            line.map_err(|error| format!("{}:{number}: {error}", arguments.file.display()))?;
        let recording: Recording = serde_json::from_str(&line).map_err(|error| {
            format!(
                "{}:{number}: {error}; nothing was taken in",
                arguments.file.display()
            )
        })?;
        recordings.push(recording);
    }
    let mut store = arguments.place.open_or_make()?;
    let runs = store.record_all(&recordings)?;
    print(format_args!(
        "{} runs are in {}\n",
        runs.len(),
        store.path().display()
    ));
    Ok(Exit::Success)
}
