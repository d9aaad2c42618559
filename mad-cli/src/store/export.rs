//! `mad store export`: what was measured, for other programs.

mod columns;
mod csv;
mod json;
#[cfg(feature = "parquet")]
mod parquet;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use mad_store::sink::{BackfillError, PushOptions, write_open_metrics};
use mad_store::{Recording, RunFilter, Store};

use super::Done;
use crate::exit::Exit;
use crate::push::At;
use crate::store_place::StoreArguments;

/// Writes everything that was measured in a format for other programs
///
/// Exit codes: 0 it is written; 2 the store could not be read or the file not be written.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct ExportArguments {
    /// `json` has a run on each line, whole: `mad store import` reads it. `csv` and `parquet` are tables with a sample in
    /// each row. `openmetrics` is for `promtool tsdb create-blocks-from openmetrics`
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// The time that numbers have in `openmetrics`: when they were measured, or when their commit was made
    #[arg(long = "time", value_enum, default_value_t = At::Run)]
    at: At,
    /// Writes to a file rather than to the standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    place: StoreArguments,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Json,
    Csv,
    #[cfg(feature = "parquet")]
    Parquet,
    #[value(name = "openmetrics")]
    OpenMetrics,
}

/// What is written run by run.
trait Writer {
    /// Writes a run.
    fn write(&mut self, recording: &Recording) -> io::Result<()>;

    /// Writes what comes last.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

pub(super) fn run(arguments: &ExportArguments) -> Done {
    let store = arguments.place.open()?;
    let sink: Box<dyn Write + Send> = match &arguments.output {
        Some(path) => Box::new(File::create(path).map_err(|error| super::of_file(path, error))?),
        None => Box::new(io::stdout()),
    };
    let sink = BufWriter::new(sink);
    let mut writer: Box<dyn Writer> = match arguments.format {
        Format::Json => Box::new(json::Lines(sink)),
        Format::Csv => Box::new(csv::Lines::new(sink)?),
        #[cfg(feature = "parquet")]
        Format::Parquet => Box::new(parquet::Table::new(sink)?),
        // It is by series, and not by run.
        Format::OpenMetrics => return open_metrics(&store, arguments.at, sink),
    };
    for run in store.runs(&RunFilter::default())? {
        let recording = store.recording(&run)?;
        match writer.write(&recording) {
            // Whoever reads has enough, as `head` has.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Exit::Success),
            written => written?,
        }
    }
    writer.finish()?;
    Ok(Exit::Success)
}

fn open_metrics(store: &Store, at: At, mut sink: impl Write) -> Done {
    let options = PushOptions {
        time: at.into(),
        ..PushOptions::default()
    };
    match write_open_metrics(store, &options, &mut sink) {
        Err(BackfillError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {}
        written => {
            written?;
            sink.flush()?;
        }
    }
    Ok(Exit::Success)
}
