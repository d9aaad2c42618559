//! `mad changes`: what changed, where, and how much.

mod table;
mod twins;

pub(crate) use table::{amount, place, short};
pub(crate) use twins::without_twins;

use std::path::Path;

use clap::Args;
use mad_analysis::{Finding, News, Shape};
use serde::Serialize;

use crate::blessed::Blessed;
use crate::exit::Exit;
use crate::git::Repository;
use crate::output::{complain_of, print};
use crate::store_place::StoreArguments;
use crate::timeline::{Measured, Timeline};

/// Says which of the things that were measured have changed, at which commits, and by how much
///
/// Steps, drifts and changes of the spread are looked for along first parents. What is exact, such as lines, is told where it changed by more than
/// is usual for it; what is noisy, such as durations, where chance does not explain it, after correction for the search and for
/// the number of series. A change that is all right is accepted with `mad bless`.
///
/// Exit codes: 0 it is said, whatever it is; 2 nobody could look.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct ChangesArguments {
    /// Up to which commit
    #[arg(default_value = "HEAD")]
    revision: String,
    /// Only this metric
    #[arg(long)]
    metric: Option<String>,
    /// Only what is about this: the beginning of a subject, such as `test shop`
    #[arg(long)]
    subject: Option<String>,
    /// Only changes of at least so many per cent
    #[arg(long, value_name = "PERCENT", default_value_t = 0.0)]
    least: f64,
    /// Files, functions and lints as well, of which most commits change some
    #[arg(long)]
    fine: bool,
    /// Good news and accepted changes as well
    #[arg(long)]
    all: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: StoreArguments,
}

/// A change, and what is known about it.
#[derive(Debug, Serialize)]
pub(crate) struct Change<'timeline> {
    #[serde(skip)]
    pub(crate) measured: &'timeline Measured,
    /// The series, as `mad bless` wants it.
    pub(crate) series: String,
    pub(crate) environment: &'timeline mad_store::Environment,
    pub(crate) unit: &'timeline str,
    pub(crate) kind: mad_store::MetricKind,
    #[serde(flatten)]
    pub(crate) finding: &'timeline Finding,
    /// The commits that may have done it, the oldest first; of a drift, all that took part.
    pub(crate) commits: &'timeline [mad_store::Commit],
    /// Why it is all right, if somebody said so.
    pub(crate) accepted: Option<String>,
}

/// All that is said.
#[derive(Serialize)]
struct Document<'timeline> {
    commits: usize,
    series: usize,
    judged: usize,
    /// Of levels: steps and drifts.
    changes: Vec<Change<'timeline>>,
    /// Of the noise around them, apart: who reckons with levels need not know them.
    spreads: Vec<Change<'timeline>>,
}

pub(crate) fn run(arguments: &ChangesArguments) -> Exit {
    match say(arguments) {
        Ok(()) => Exit::Success,
        Err(error) => {
            complain_of(&*error);
            Exit::Trouble
        }
    }
}

fn say(arguments: &ChangesArguments) -> Result<(), Box<dyn std::error::Error>> {
    let repository = Repository::containing(Path::new("."))?;
    let store = arguments.place.open()?;
    let newest = repository.commit(&arguments.revision)?;
    let commits = repository.line(&newest.id, None)?;
    let timeline = Timeline::read(&store, commits, |one| arguments.means(one))?;
    let blessed = Blessed::read(repository.root())?;
    let mut all = of(&timeline, &blessed);
    let n_all = all.len();
    if !arguments.all && !arguments.json {
        let measured = timeline.measured.iter();
        without_twins(&mut all, measured, |change| {
            (change.measured, change.finding)
        });
    }
    let shown: Vec<_> = all.into_iter().filter(|one| arguments.shows(one)).collect();
    if arguments.json {
        let is_spread = |change: &Change<'_>| change.finding.shape == Shape::Spread;
        let (spreads, changes) = shown.into_iter().partition(is_spread);
        let document = Document {
            commits: timeline.commits.len(),
            series: timeline.measured.len(),
            judged: timeline.n_judged(),
            changes,
            spreads,
        };
        print(format_args!(
            "{}\n",
            serde_json::to_string_pretty(&document)?
        ));
    } else {
        print(table::of(&timeline, &shown, n_all));
    }
    Ok(())
}

impl ChangesArguments {
    fn means(&self, measured: &Measured) -> bool {
        let metric = self.metric.as_ref();
        let subject = self.subject.as_ref();
        (self.fine || subject.is_some() || !measured.is_fine())
            && metric.is_none_or(|metric| *metric == measured.metric.name)
            && subject.is_none_or(|subject| measured.subject.to_string().starts_with(subject))
    }

    fn shows(&self, change: &Change<'_>) -> bool {
        let relative = change.finding.relative;
        let is_large = relative.is_none_or(|part| part.value.abs() * 100.0 >= self.least);
        let is_news = change.finding.news != News::Better && change.accepted.is_none();
        is_large && (self.all || is_news)
    }
}

/// Returns all changes of a timeline, the newest first.
pub(crate) fn of<'timeline>(
    timeline: &'timeline Timeline,
    blessed: &Blessed,
) -> Vec<Change<'timeline>> {
    let of_one = |one: &'timeline Measured| {
        let findings = one.judgement.findings().iter();
        findings.map(|finding| Change::of(timeline, one, finding, Some(blessed)))
    };
    let mut changes: Vec<_> = timeline.measured.iter().flat_map(of_one).collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.finding.suspects.through));
    changes
}

impl<'timeline> Change<'timeline> {
    pub(crate) fn of(
        timeline: &'timeline Timeline,
        measured: &'timeline Measured,
        finding: &'timeline Finding,
        blessed: Option<&Blessed>,
    ) -> Self {
        let series = measured.name();
        let index = |position| usize::try_from(position).unwrap_or(usize::MAX);
        let suspects = finding.suspects;
        let commits = &timeline.commits[index(suspects.after) + 1..=index(suspects.through)];
        let accepted = blessed.and_then(|blessed| blessed.why(&series, finding.shape, commits));
        Self {
            measured,
            accepted: accepted.map(str::to_owned),
            series,
            environment: &measured.environment,
            unit: &measured.metric.unit,
            kind: measured.metric.kind,
            finding,
            commits,
        }
    }
}
