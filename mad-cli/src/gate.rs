//! `mad gate`: what a pull request has changed, by the rules that have earned it.

mod sparkline;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use mad_analysis::{News, Rule, Shape, Tested};

use crate::blessed::Blessed;
use crate::changes::{self, Change, amount, place};
use crate::exit::Exit;
use crate::git::Repository;
use crate::incidents::{FILE, Incidents};
use crate::output::{complain_of, print};
use crate::retro::{Plan, Retro, rule_words};
use crate::store_place::StoreArguments;
use crate::test::add_to_summary;
use crate::timeline::Timeline;

/// Says whether the newest commits have changed what was measured, and whether that has come before incidents
///
/// A rule has earned it to stop somebody if, walked forward along the history, its alarms came before incidents more often
/// than chance would have it (`mad retro`). All else is advice. What is exact is told at once; what is noisy, some commits later.
/// In a job of GitHub the same stands in the job's summary.
///
/// Exit codes: 0 nothing is wrong, or it is advice; 1 with `--fail`, a rule that has earned it gave an alarm; 2 nobody could look.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct GateArguments {
    /// Which commit is to pass
    #[arg(default_value = "HEAD")]
    revision: String,
    /// What was there before: only what changed after it is told
    #[arg(long, value_name = "REVISION", default_value = "HEAD^")]
    base: String,
    /// Ends with 1 if a rule that has earned it gave an alarm
    #[arg(long)]
    fail: bool,
    /// A step or a drift is an alarm from so many per cent on
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0)]
    least: f64,
    /// The file of incidents; otherwise `incidents.toml` at the root of the repository, if there is one
    #[arg(long, value_name = "FILE")]
    incidents: Option<PathBuf>,
    #[command(flatten)]
    place: StoreArguments,
}

pub(crate) fn run(arguments: &GateArguments) -> Exit {
    match judge(arguments) {
        Ok(exit) => exit,
        Err(error) => {
            complain_of(&*error);
            Exit::Trouble
        }
    }
}

fn judge(arguments: &GateArguments) -> Result<Exit, Box<dyn std::error::Error>> {
    let repository = Repository::containing(Path::new("."))?;
    let store = arguments.place.open()?;
    let newest = repository.commit(&arguments.revision)?;
    let base = repository.commit(&arguments.base)?;
    let commits = repository.line(&newest.id, None)?;
    let new = repository.line(&newest.id, Some(&base.id))?;
    let timeline = Timeline::read(&store, commits, |one| !one.is_fine() && !one.is_hindsight())?;
    let plan = Plan {
        window: None,
        least: arguments.least / 100.0,
    };
    let default = repository.root().join(FILE);
    let incidents = match &arguments.incidents {
        Some(path) => Incidents::read(path)?,
        None if default.exists() => Incidents::read(&default)?,
        None => Incidents::default(),
    };
    let retro = Retro::of(&repository, &store, &timeline, &incidents, plan)?;
    let blessed = Blessed::read(repository.root())?;
    let mut changes = changes::of(&timeline, &blessed);
    changes::without_twins(&mut changes, timeline.measured.iter(), |change| {
        (change.measured, change.finding)
    });
    let is_new = |change: &&Change<'_>| {
        let newest = change.commits.last();
        newest.is_some_and(|newest| new.iter().any(|commit| commit.id == newest.id))
    };
    let is_told = |change: &&Change<'_>| {
        let size = change
            .finding
            .relative
            .map_or(f64::INFINITY, |part| part.value.abs());
        change.finding.news == News::Worse && change.accepted.is_none() && size >= plan.least
    };
    let told: Vec<_> = changes.iter().filter(is_new).filter(is_told).collect();
    let mut stopped = 0;
    let mut said = String::new();
    for change in &told {
        let tested = rule_of(&retro, change);
        let has_earned = tested.is_some_and(|tested| tested.verdict.is_earned());
        stopped += usize::from(has_earned);
        said += &words(change, &picture(&timeline, change), tested, has_earned);
    }
    _ = writeln!(
        said,
        "{} new commits; {} changes for the worse, {stopped} of them by a rule that has earned it",
        new.len(),
        told.len()
    );
    print(&said);
    add_to_summary(&format!("### Gate\n\n{}\n", indented(&said)));
    Ok(if arguments.fail && stopped > 0 {
        Exit::Failure
    } else {
        Exit::Success
    })
}

/// Returns what the rule has come to that a change is an alarm of.
fn rule_of<'retro>(retro: &'retro Retro, change: &Change<'_>) -> Option<&'retro Tested> {
    let rules = retro.at_the_time.rules.iter();
    rules.into_iter().find(|tested| match tested.rule {
        Rule::Step { .. } => change.finding.shape == Shape::Step,
        Rule::Drift { .. } => change.finding.shape == Shape::Drift,
        _ => false,
    })
}

/// Returns the series that changed, in a line.
fn picture(timeline: &Timeline, change: &Change<'_>) -> String {
    let mut measured = timeline.measured.iter();
    let of =
        measured.find(|one| one.environment == *change.environment && one.name() == change.series);
    of.map_or_else(String::new, |one| {
        sparkline::of(&one.series, change.finding.suspects.through)
    })
}

/// Makes text Markdown that is shown as it is: what is indented is code, whatever is in it.
fn indented(text: &str) -> String {
    text.lines().fold(String::new(), |mut indented, line| {
        _ = writeln!(indented, "    {line}");
        indented
    })
}

fn words(change: &Change<'_>, picture: &str, tested: Option<&Tested>, has_earned: bool) -> String {
    let word = if has_earned { "ALARM" } else { "advice" };
    let why = tested.map_or_else(String::new, |tested| {
        format!(
            "\n        the rule \"{}\" met {} of {} incidents, with {} of {} alarms: {}",
            rule_words(tested.rule),
            tested.recall.count,
            tested.recall.total,
            tested.precision.count,
            tested.precision.total,
            tested.verdict
        )
    });
    format!(
        "{word:7} {}  {}\n        {}\n        {picture}{why}\n        larger: mad report --svg '{}'\n",
        amount(change),
        change.series,
        place(change.finding.shape, change.commits),
        change.series.replace('\'', "'\\''")
    )
}
