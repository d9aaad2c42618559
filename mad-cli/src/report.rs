//! `mad report`: one page with everything on it.

mod chart;
mod each_test;
mod escape;
mod links;
mod looking_back;
mod markdown;
mod matrix;
mod page;
mod tests_table;
mod themes;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::blessed::Blessed;
use crate::changes::{self, Change};
use crate::exit::Exit;
use crate::git::Repository;
use crate::incidents::{FILE, Incidents};
use crate::output::{complain, complain_of, print};
use crate::retro::{Plan, Retro};
use crate::store_place::StoreArguments;
use crate::timeline::{Measured, Timeline};

use chart::{Chart, Mark};
use links::Links;

/// Writes one page with what was measured along the history, what changed, and what that had to do with incidents
///
/// The page is one file: it opens without a network, without a script, and prints.
///
/// Exit codes: 0 it is written; 1 there is no such series; 2 it is not written.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct ReportArguments {
    #[command(flatten)]
    what: What,
    /// Where to; `-` is the standard output
    #[arg(long, short, value_name = "FILE", default_value = "mad-report.html")]
    output: PathBuf,
    /// As Markdown, to the standard output
    #[arg(long, conflicts_with_all = ["output", "svg"])]
    markdown: bool,
    /// Only the picture of one series, as `mad changes` writes its name, to the standard output
    #[arg(long, value_name = "SERIES", conflicts_with = "output")]
    svg: Option<String>,
}

/// What is on the page.
#[derive(Args, Debug)]
pub(crate) struct What {
    /// Up to which commit
    #[arg(default_value = "HEAD")]
    revision: String,
    /// Files, functions and lints as well, of which most commits change some
    #[arg(long)]
    fine: bool,
    /// The file of incidents; otherwise `incidents.toml` at the root of the repository, if there is one
    #[arg(long, value_name = "FILE")]
    incidents: Option<PathBuf>,
    #[command(flatten)]
    place: StoreArguments,
}

/// All that a page shows.
pub(crate) struct Report<'a> {
    pub(crate) timeline: &'a Timeline,
    pub(crate) changes: Vec<Change<'a>>,
    /// What had moved before incidents, if any are known.
    pub(crate) retro: Option<Retro>,
    /// What is drawn into each picture.
    pub(crate) marks: Vec<Mark>,
    pub(crate) links: Links,
    pub(crate) title: String,
}

type Failure = Box<dyn std::error::Error>;

pub(crate) fn run(arguments: &ReportArguments) -> Exit {
    match write(arguments) {
        Ok(exit) => exit,
        Err(error) => {
            complain_of(&*error);
            Exit::Trouble
        }
    }
}

fn write(arguments: &ReportArguments) -> Result<Exit, Failure> {
    if let Some(series) = &arguments.svg {
        return arguments
            .what
            .report(Some(series), |report| picture(report, series));
    }
    if arguments.markdown {
        print(arguments.what.report(None, markdown::of)?);
        return Ok(Exit::Success);
    }
    let page = arguments.what.page()?;
    if arguments.output == Path::new("-") {
        print(page);
        return Ok(Exit::Success);
    }
    let refused = |error| format!("{} cannot be written: {error}", arguments.output.display());
    fs::write(&arguments.output, page).map_err(refused)?;
    print(format_args!("written to {}\n", arguments.output.display()));
    Ok(Exit::Success)
}

impl What {
    /// Returns the page as HTML, after what is in the store and in the repository at this moment.
    pub(crate) fn page(&self) -> Result<String, Failure> {
        self.report(None, page::of)
    }

    /// Puts everything together, one series among it however fine it is, and makes something of that.
    fn report<T>(
        &self,
        picture: Option<&str>,
        make: impl FnOnce(&Report<'_>) -> T,
    ) -> Result<T, Failure> {
        let repository = Repository::containing(Path::new("."))?;
        let store = self.place.open()?;
        let newest = repository.commit(&self.revision)?;
        let commits = repository.line(&newest.id, None)?;
        let means = |one: &Measured| {
            self.fine || !one.is_fine() || picture.is_some_and(|series| series == one.name())
        };
        let timeline = Timeline::read(&store, commits, means)?;
        let blessed = Blessed::read(repository.root())?;
        let default = repository.root().join(FILE);
        let incidents = match &self.incidents {
            Some(path) => Some(Incidents::read(path)?),
            None if default.exists() => Some(Incidents::read(&default)?),
            None => None,
        };
        let retro = incidents
            .map(|incidents| Retro::of(&repository, &store, &timeline, &incidents, Plan::USUAL));
        let retro = retro.transpose()?;
        let name = repository.root().file_name().unwrap_or_default();
        Ok(make(&Report {
            changes: changes::of(&timeline, &blessed),
            marks: marks(&repository, &timeline, retro.as_ref())?,
            retro,
            links: Links::of(&repository),
            title: name.to_string_lossy().into_owned(),
            timeline: &timeline,
        }))
    }
}

fn picture(report: &Report<'_>, series: &str) -> Exit {
    let meant = report
        .timeline
        .measured
        .iter()
        .find(|one| one.name() == series);
    let Some(measured) = meant else {
        complain(format_args!(
            "there is no series `{series}`; `mad store series` lists them"
        ));
        return Exit::Failure;
    };
    print(Chart::of(measured, report).alone());
    Exit::Success
}

/// Returns the incidents and releases that pictures show.
fn marks(
    repository: &Repository,
    timeline: &Timeline,
    retro: Option<&Retro>,
) -> Result<Vec<Mark>, Failure> {
    let position = |id: &str| timeline.commits.iter().position(|commit| commit.id == id);
    let incidents = retro
        .iter()
        .flat_map(|retro| &retro.incidents)
        .filter_map(|one| {
            Some(Mark {
                position: position(&one.live)?,
                name: format!("incident {}", one.name),
                is_incident: true,
            })
        });
    let tags = repository.tags()?;
    let releases = tags.iter().filter_map(|tag| {
        Some(Mark {
            position: position(&tag.commit)?,
            name: tag.name.clone(),
            is_incident: false,
        })
    });
    Ok(incidents.chain(releases).collect())
}
