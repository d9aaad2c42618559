//! `mad bisect`: which commit changed a number.

mod meter;
mod search;

use std::error::Error;

use clap::Args;
use mad_store::{Commit, Direction, MetricKind, Subject, SubjectKind};

use super::plan::PlanArguments;
use super::progress::Progress;
use super::walk::WalkError;
use super::{HowArguments, here, survey};
use crate::changes::short;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::moment::Moment;
use crate::output::{complain, complain_of, line, print};
use crate::store_place::StoreArguments;
use meter::{Meter, Wanted};
use search::{Beginning, Found, Reading, Search, Step};

/// So many letters of a reason are told.
const REASON_LETTERS: usize = 120;

/// Finds the commit that changed a number, be it a noisy one
///
/// What is noisy is measured again where noise could decide, and the commits on both sides of the change in any case. Commits
/// that cannot be measured, or whose command ends with exit code 125, widen what is found. Numbers that the store has
/// already are not measured again, so that a search that was ended goes on where it was.
///
/// Exit codes: 0 it is found; 1 the two ends do not differ, or somebody ended it; 2 it could not be done.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct BisectArguments {
    /// What changed: `test shop orders::are_placed`, in quotes; otherwise the only command that is named
    subject: Option<Subject>,
    /// Which number of it; otherwise whether a test passed, or what a command printed
    #[arg(long)]
    metric: Option<String>,
    /// A commit at which all was well
    #[arg(long, value_name = "REVISION")]
    good: String,
    /// A commit at which it no longer was
    #[arg(long, value_name = "REVISION", default_value = "HEAD")]
    bad: String,
    #[command(flatten)]
    what: PlanArguments,
    #[command(flatten)]
    how: HowArguments,
    #[command(flatten)]
    store: StoreArguments,
}

pub(crate) fn run(arguments: &BisectArguments) -> Exit {
    match bisect(arguments) {
        Ok(exit) => exit,
        Err(error) => {
            complain_of(&*error);
            Exit::Trouble
        }
    }
}

fn bisect(arguments: &BisectArguments) -> Result<Exit, Box<dyn Error>> {
    let interrupt = Interrupt::listen()?;
    let (repository, folder) = here()?;
    let subject = arguments.subject()?;
    let mut plan = arguments.what.plan(&repository, folder)?;
    if matches!(subject.kind, SubjectKind::Command | SubjectKind::Benchmark) {
        plan.leave_tests_out();
    }
    let (good, bad) = (
        repository.commit(&arguments.good)?,
        repository.commit(&arguments.bad)?,
    );
    let line = repository.line(&bad.id, None)?;
    let place = line.iter().position(|commit| commit.id == good.id);
    let Some(place) = place else {
        return Err(elsewhere(&repository.line(&good.id, None)?, &line).into());
    };
    let commits = &line[place..];
    let mut store = arguments.store.open_or_make()?;
    store.record_commits(&line)?;
    let progress = Progress::new(false);
    let contents = survey::survey(&repository, commits, &mut store, &progress, &interrupt)?;
    if interrupt.is_raised() {
        return Ok(Exit::Failure);
    }
    let workshop = arguments
        .how
        .workshops(1, &repository, &plan, commits, &interrupt)?
        .pop();
    let mut meter = Meter {
        plan: &plan,
        workshop: workshop.ok_or("there is no place to work at")?,
        store: &mut store,
        wanted: Wanted {
            subject: subject.clone(),
            metric: arguments.metric.clone(),
        },
        contents: &contents,
        n_measured: 0,
    };
    let exit = find(&mut meter, commits)?;
    meter.workshop.close()?;
    Ok(exit)
}

/// Why nobody can search from there, and from where instead.
fn elsewhere(before: &[Commit], line: &[Commit]) -> String {
    let mut before = before.iter().rev();
    let common = before.find(|commit| line.iter().any(|other| other.id == commit.id));
    let instead = match common {
        None => "one that is".to_owned(),
        Some(commit) if Some(commit) == line.last() => {
            "the older of the two, be it the worse one".to_owned()
        }
        Some(commit) => format!("`{}`, where its line left theirs", short(&commit.id)),
    };
    format!("the good commit is not among the first parents of the bad one; begin at {instead}")
}

impl BisectArguments {
    fn subject(&self) -> Result<Subject, &'static str> {
        match (&self.subject, self.what.only_command()) {
            (Some(subject), _) => Ok(subject.clone()),
            (None, Some(name)) => Ok(Subject::new(SubjectKind::Command, "", name)),
            (None, None) => {
                Err("name what changed, such as `test shop orders::are_placed`, or one --cmd")
            }
        }
    }
}

/// Searches, and says what was found.
fn find(meter: &mut Meter<'_>, commits: &[Commit]) -> Result<Exit, Box<dyn Error>> {
    let bad = commits.len() - 1;
    let Some(metric) = meter.metric([&commits[0], &commits[bad]])? else {
        return Err(format!(
            "nothing is known of `{}` at either end",
            meter.wanted.subject
        )
        .into());
    };
    let Some(beginning) = beginning(meter, commits, &metric.name)? else {
        return Ok(Exit::Failure);
    };
    let (commits, before) = (&commits[beginning.first..], beginning.before);
    let Some((found, search)) = search(meter, commits, &metric.name, times_at_ends(metric.kind))?
    else {
        return Ok(Exit::Failure);
    };
    let what = format!("{} of {}", metric.name, meter.wanted.subject);
    match (&found, before) {
        (Found::Alike, Some(before)) => {
            let value = search.median(0).unwrap_or(f64::NAN);
            let before = line(&before, REASON_LETTERS);
            let is_well = metric.kind == MetricKind::Outcome && value > 0.5;
            if is_well {
                print(format_args!(
                    "{what} is {value} at the bad commit and wherever it can be measured, first at {}: nothing is wrong there; \
                     before it, nothing can be measured: {before}\n",
                    words(&commits[0])
                ));
                return Ok(Exit::Failure);
            }
            print(format_args!(
                "the first bad commit is {}\n",
                words(&commits[0])
            ));
            print(format_args!(
                "{what}: {value}; before it, nothing can be measured: {before}\n"
            ));
            Ok(Exit::Success)
        }
        _ => Ok(tell(
            &found,
            &search,
            commits,
            metric.direction,
            &what,
            meter.n_measured,
        )),
    }
}

/// Where something can be measured first, and why not before.
struct FirstPlace {
    first: usize,
    before: Option<String>,
}

/// Finds where something can be measured first, be it not at the good end: what a commit brings may be broken from
/// the beginning. Nothing, if somebody wants no more of it.
fn beginning(
    meter: &mut Meter<'_>,
    commits: &[Commit],
    metric: &str,
) -> Result<Option<FirstPlace>, WalkError> {
    let bad = commits.len() - 1;
    let mut read = |place: usize| meter.reading(&commits[place], 0, metric);
    let before = match (read(0)?, read(bad)?) {
        (Some(Reading::Nothing(reason)), Some(Reading::Value(_))) => reason,
        (Some(_), Some(_)) => {
            return Ok(Some(FirstPlace {
                first: 0,
                before: None,
            }));
        }
        _ => return Ok(None),
    };
    let mut beginning = Beginning::between(0, bad);
    while let Some(place) = beginning.next() {
        let Some(reading) = read(place)? else {
            return Ok(None);
        };
        complain(format_args!("{}: {reading}", &commits[place].id[..12]));
        beginning.add(place, matches!(reading, Reading::Value(_)));
    }
    Ok(Some(FirstPlace {
        first: beginning.first(),
        before: Some(before),
    }))
}

/// Asks for one number after another, until it is plain where they change. Nothing, if somebody wants no more of it.
fn search(
    meter: &mut Meter<'_>,
    commits: &[Commit],
    metric: &str,
    times_at_ends: usize,
) -> Result<Option<(Found, Search)>, WalkError> {
    let mut search = Search::new(commits.len() - 1, times_at_ends);
    loop {
        match search.next() {
            Step::Done(found) => return Ok(Some((found, search))),
            Step::Measure(place) => {
                let round = u32::try_from(search.n_readings(place)).unwrap_or(u32::MAX);
                let Some(reading) = meter.reading(&commits[place], round, metric)? else {
                    return Ok(None);
                };
                complain(format_args!("{}: {reading}", &commits[place].id[..12]));
                search.add(place, reading);
            }
        }
    }
}

/// How often each end is measured: a test may fail now and then, a duration is another one each time.
fn times_at_ends(kind: MetricKind) -> usize {
    match kind {
        MetricKind::Exact | MetricKind::Ratio => 1,
        MetricKind::Outcome => 2,
        MetricKind::Noisy => 5,
    }
}

fn tell(
    found: &Found,
    search: &Search,
    commits: &[Commit],
    direction: Direction,
    what: &str,
    n_measured: usize,
) -> Exit {
    let (last_good, first_bad) = match found {
        Found::Change {
            last_good,
            first_bad,
        } => (*last_good, *first_bad),
        Found::Alike => {
            let value = |place| search.median(place).unwrap_or(f64::NAN);
            let (good, bad) = (value(0), value(commits.len() - 1));
            print(format_args!(
                "{what} does not differ between the two commits: {good} and {bad}\n"
            ));
            return Exit::Failure;
        }
        Found::NoEnd(place, reason) => {
            print(format_args!(
                "{} cannot be measured: {}\n",
                commits[*place].id,
                line(reason, REASON_LETTERS)
            ));
            return Exit::Trouble;
        }
    };
    let suspects = &commits[last_good + 1..=first_bad];
    let by =
        search.median(first_bad).unwrap_or(f64::NAN) - search.median(last_good).unwrap_or(f64::NAN);
    // Who takes the ends the wrong way round gets the commit that mended it.
    let is_better = match direction {
        Direction::Higher => by > 0.0,
        Direction::Lower => by < 0.0,
        Direction::Neither => false,
    };
    let word = if is_better { "good" } else { "bad" };
    if let [commit] = suspects {
        print(format_args!(
            "the first {word} commit is {}\n",
            words(commit)
        ));
    } else {
        print(format_args!(
            "the first {word} commit is one of {}:\n",
            suspects.len()
        ));
        for (index, commit) in suspects.iter().enumerate() {
            let reason = search.nothing_at(last_good + 1 + index);
            let reason = reason.map_or_else(String::new, |reason| {
                format!(": {}", line(reason, REASON_LETTERS))
            });
            print(format_args!("  {}{reason}\n", words(commit)));
        }
    }
    let value = |place| {
        let n = search.n_readings(place);
        format!("{} (of {n})", search.median(place).unwrap_or(f64::NAN))
    };
    print(format_args!(
        "{what}: {} at {}, {} at {}; {n_measured} measurements for {} commits\n",
        value(last_good),
        &commits[last_good].id[..12],
        value(first_bad),
        &commits[first_bad].id[..12],
        commits.len(),
    ));
    Exit::Success
}

fn words(commit: &Commit) -> String {
    format!(
        "{} of {}: {}",
        commit.id,
        Moment::of_seconds(commit.committed_at),
        line(&commit.summary, REASON_LETTERS)
    )
}

impl std::fmt::Display for Reading {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Value(value) => write!(formatter, "{value}"),
            Self::Nothing(reason) => formatter.write_str(&line(reason, REASON_LETTERS)),
        }
    }
}
