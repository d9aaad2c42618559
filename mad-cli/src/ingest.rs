//! `mad ingest`: what other tools measured is kept beside what MAD measures.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::SystemTime;

use clap::Args;
use mad_measure::ingest::{self, Format, Report};
use mad_measure::test_run::host;
use mad_store::{Environment, Recording};

use crate::exit::Exit;
use crate::head::Head;
use crate::output::{complain, complain_of, print};
use crate::store_place::StoreArguments;

/// Larger reports are no reports.
const MOST_BYTES: u64 = 256 << 20;

/// Takes reports of other tools into the store
///
/// Either all of the reports are taken, or none: one that is malformed or cut off is refused with the line and the
/// reason, and nothing changes. The exit code is 0, or 2 if something was refused.
#[derive(Args, Debug)]
pub(crate) struct IngestArguments {
    /// What the reports are in: `junit`, `tap`, `libtest`, `libtest-json`, `nextest`, `cargo` (clippy's too), `lcov`,
    /// `cobertura`, `criterion` (a folder), `cucumber`, `pytest`, `go-test`; or `auto`, by what is in them
    format: FormatName,
    /// The reports; `-` is the standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What ran the tests, instead of what the reports say
    #[arg(long, value_name = "NAME")]
    runner: Option<String>,
    /// The revision that was measured, instead of the one that is checked out
    #[arg(long, value_name = "REVISION")]
    commit: Option<String>,
    /// What else tells these numbers from others, such as `browser=firefox`; may be given more than once
    #[arg(long = "cell", value_name = "NAME=VALUE", value_parser = cell)]
    cells: Vec<(String, String)>,
    #[command(flatten)]
    store: StoreArguments,
}

#[derive(Clone, Copy, Debug)]
enum FormatName {
    Auto,
    Criterion,
    Of(Format),
}

impl FromStr for FormatName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "auto" => Ok(Self::Auto),
            "criterion" => Ok(Self::Criterion),
            _ => {
                let mut known = Format::ALL.into_iter();
                let format = known.find(|(other, _)| *other == name);
                let format = format.map(|(_, format)| Self::Of(format));
                format.ok_or_else(|| {
                    let names = Format::ALL.map(|(name, _)| name).join(", ");
                    format!("it is one of auto, criterion, {names}")
                })
            }
        }
    }
}

fn cell(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write `name=value`".to_owned()),
    }
}

pub(crate) fn run(arguments: &IngestArguments) -> Exit {
    match ingest(arguments) {
        Ok(said) => {
            print(said);
            Exit::Success
        }
        Err(error) => {
            complain_of(&*error);
            Exit::Trouble
        }
    }
}

fn ingest(arguments: &IngestArguments) -> Result<String, Box<dyn Error>> {
    let head = Head::of(Path::new("."), arguments.commit.as_deref())?;
    let mut recordings = Vec::new();
    for file in &arguments.files {
        let mut report =
            read(arguments.format, file).map_err(|error| format!("{}: {error}", file.display()))?;
        if let Ok(root) = fs::canonicalize(&head.root) {
            report.make_relative(&root);
        }
        if report.measured.samples.is_empty() {
            complain(format!(
                "{}: there is nothing to measure in it",
                file.display()
            ));
        }
        let mut recording = recording(report, file, arguments);
        head.describe(&mut recording);
        recordings.push(recording);
    }
    let mut store = arguments.store.open_or_make()?;
    store.record_all(&recordings)?;
    let n_samples: usize = recordings
        .iter()
        .map(|recording| recording.samples.len())
        .sum();
    let path = store.path().display();
    Ok(format!(
        "{n_samples} numbers of {} reports are kept in {path}\n",
        recordings.len()
    ))
}

fn read(format: FormatName, file: &Path) -> Result<Report, Box<dyn Error>> {
    let is_folder = file.is_dir();
    match format {
        FormatName::Criterion => Ok(ingest::read_criterion(file)?),
        FormatName::Auto if is_folder => Ok(ingest::read_criterion(file)?),
        FormatName::Auto => {
            let bytes = bytes(file)?;
            let format = ingest::detect(&bytes)
                .ok_or("it is in no format that can be told; name the format instead of `auto`")?;
            Ok(ingest::read(format, &bytes)?)
        }
        FormatName::Of(format) => Ok(ingest::read(format, &bytes(file)?)?),
    }
}

fn bytes(file: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        io::stdin().take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    } else {
        File::open(file)?
            .take(MOST_BYTES + 1)
            .read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 > MOST_BYTES {
        return Err("it is larger than 256 MiB".into());
    }
    Ok(bytes)
}

fn recording(report: Report, file: &Path, arguments: &IngestArguments) -> Recording {
    let environment = Environment {
        host: host(),
        runner: arguments.runner.clone().unwrap_or(report.runner),
        cell: arguments.cells.iter().cloned().collect(),
        ..Environment::default()
    };
    let mut recording = Recording::new(
        environment,
        report.started_at.unwrap_or_else(|| changed_at(file)),
    );
    recording.command = format!("mad ingest {}", file.display());
    if let Some(seconds) = report.seconds {
        let time = std::time::Duration::try_from_secs_f64(seconds).unwrap_or_default();
        recording.wall_ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    }
    recording.samples = report.measured.samples;
    recording.notes = report.measured.notes;
    recording
}

/// When a report was written, for one that does not say; now, for what has come through a pipe.
fn changed_at(file: &Path) -> i64 {
    let modified = fs::metadata(file).and_then(|data| data.modified());
    let at = modified.unwrap_or_else(|_| SystemTime::now());
    let since = at
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
