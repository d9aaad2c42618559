//! `mad retro`: what had moved before something went wrong, and whether that could have warned of it.

pub(crate) mod conclusion;
mod controls;
mod coverage;
mod evidence;
mod failing;
pub(crate) mod markdown;
mod place;
mod question;
mod reach;
mod side;
mod sizes;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use mad_analysis::{Backtest, Rule, Stretch};
use mad_store::Store;
use serde::Serialize;

use crate::changes;
use crate::exit::Exit;
use crate::git::{Repository, Tag};
use crate::history::{HowArguments, PlanArguments};
use crate::incidents::{
    FILE, Incident, Incidents, incident_of_advisory, incident_of_version, incidents_of_tags,
};
use crate::output::{complain_of, print};
use crate::store_place::StoreArguments;
use crate::timeline::Timeline;

pub(crate) use failing::Failing;
pub(crate) use question::rule_words;
pub(crate) use side::{Alarm, Indicator};

use coverage::Coverage;
use evidence::Evidence;
use question::Question;
use side::Place;

/// Tells what had moved before each incident, how far ahead, and whether it could have warned of it
///
/// The incidents are those of `incidents.toml` (see `mad incident`), and any release that is named with `--tag`. Each rule of
/// alarm is walked forward along the history: an alarm at a commit uses nothing that came later. What was measured with the
/// tests of another day (`mad history --overlay`) is hindsight, and told apart.
///
/// Exit codes: 0 it is said, whatever it is; 1 somebody ended it before; 2 nobody could look.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct RetroArguments {
    /// Along the history of which commit
    #[arg(default_value = "HEAD")]
    revision: String,
    /// The file of incidents; otherwise `incidents.toml` at the root of the repository
    #[arg(long, value_name = "FILE")]
    incidents: Option<PathBuf>,
    /// A release that was an incident, from the day of its tag
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// A version that was withdrawn, from the day of its tag
    #[arg(long, value_name = "VERSION")]
    yanked: Vec<String>,
    /// An advisory, as RUSTSEC writes it: the newest tag of an affected version was live
    #[arg(long, value_name = "FILE")]
    advisory: Vec<PathBuf>,
    /// So many commits before an incident are asked about; otherwise those since the release before
    #[arg(long, value_name = "COMMITS")]
    window: Option<u64>,
    /// A step or a drift is an alarm from so many per cent on
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0)]
    least: f64,
    /// Only this metric
    #[arg(long)]
    metric: Option<String>,
    /// Files, functions and lints as well, of which most commits change some
    #[arg(long)]
    fine: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
    /// Measures so many stretches of commits that no incident concerns before it looks, each as long as what is asked about
    /// before an incident, and their ends twice: what is usual, and what the machine does by itself. What is measured at each is
    /// said as to `mad history`, and should be what was measured before the incidents
    #[arg(long, value_name = "STRETCHES")]
    controls: Option<usize>,
    #[command(flatten, next_help_heading = "What is measured at controls")]
    what: PlanArguments,
    #[command(flatten, next_help_heading = "How it is measured there")]
    how: HowArguments,
    #[command(flatten, next_help_heading = "Where it is kept")]
    place: StoreArguments,
}

/// All that is said.
#[derive(Debug, Serialize)]
pub(crate) struct Retro {
    pub(crate) question: Question,
    pub(crate) coverage: Coverage,
    pub(crate) incidents: Vec<OfIncident>,
    /// Incidents that have no place on the line, and why.
    pub(crate) without_place: Vec<String>,
    /// Where was measured what could have been measured at the time.
    pub(crate) places: Vec<Place>,
    /// All that would have been said at the time, whether anything came of it or not.
    pub(crate) alarms: Vec<Alarm>,
    /// What rules come to that look at what could have been measured at the time.
    pub(crate) at_the_time: Backtest,
    /// What they come to with the tests of another day, if there are any. Never to be added to the above.
    pub(crate) in_hindsight: Option<Backtest>,
    pub(crate) conclusion: Vec<String>,
}

/// What had moved before an incident.
#[derive(Debug, Serialize)]
pub(crate) struct OfIncident {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) began: String,
    /// The commit that was live.
    pub(crate) live: String,
    /// The commit after which commits are asked about, if there is one before them.
    pub(crate) after: Option<String>,
    /// How much was found among them, beside commits that no incident concerns.
    pub(crate) stretch: Stretch,
    /// What speaks against its place.
    pub(crate) doubts: Vec<String>,
    pub(crate) at_the_time: Vec<Indicator>,
    pub(crate) in_hindsight: Vec<Indicator>,
    /// Tests of another day that fail at the commit that was live.
    pub(crate) failing: Vec<Failing>,
}

impl OfIncident {
    /// What measures the commits that are asked about, as somebody would type it.
    pub(crate) fn walk(&self) -> String {
        let live = changes::short(&self.live);
        match &self.after {
            Some(after) => format!("`mad history {}..{live}`", changes::short(after)),
            None => format!("`mad history {live}`"),
        }
    }
}

pub(crate) fn run(arguments: &RetroArguments) -> Exit {
    match say(arguments) {
        Ok(exit) => exit,
        Err(error) => {
            complain_of(&*error);
            Exit::Trouble
        }
    }
}

type Failure = Box<dyn std::error::Error>;

fn say(arguments: &RetroArguments) -> Result<Exit, Failure> {
    let repository = Repository::containing(Path::new("."))?;
    let newest = repository.commit(&arguments.revision)?;
    let commits = repository.line(&newest.id, None)?;
    let incidents = arguments.found(&repository)?;
    let store = if let Some(stretches) = arguments.controls {
        let mut store = arguments.place.open_or_make()?;
        if !controls::measure(
            arguments,
            stretches,
            &repository,
            &commits,
            &incidents,
            &mut store,
        )? {
            return Ok(Exit::Failure);
        }
        store
    } else if arguments.what.is_anything() {
        return Err(
            "what is to be measured belongs to `--controls`; without it nothing is measured".into(),
        );
    } else {
        arguments.place.open()?
    };
    let metric = arguments.metric.as_ref();
    let timeline = Timeline::read(&store, commits, |one| {
        (arguments.fine || !one.is_fine()) && metric.is_none_or(|metric| *metric == one.metric.name)
    })?;
    let retro = Retro::of(&repository, &store, &timeline, &incidents, arguments.plan())?;
    if arguments.json {
        print(format_args!("{}\n", serde_json::to_string_pretty(&retro)?));
    } else {
        print(markdown::of(&retro));
        print(format_args!("\nIt was asked by `{}`.\n", command()));
    }
    Ok(Exit::Success)
}

/// Returns what was typed, as a shell would read it.
fn command() -> String {
    let quoted = std::env::args().skip(1).map(|word| {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=:@,".contains(letter);
        if !word.is_empty() && word.chars().all(is_plain) {
            word
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    });
    ["mad".to_owned()]
        .into_iter()
        .chain(quoted)
        .collect::<Vec<_>>()
        .join(" ")
}

impl RetroArguments {
    fn plan(&self) -> Plan {
        Plan {
            window: self.window,
            least: self.least / 100.0,
        }
    }

    fn found(&self, repository: &Repository) -> Result<Incidents, Failure> {
        let tags = repository.tags()?;
        let named = self.named(&tags)?;
        let default = repository.root().join(FILE);
        let mut found = match &self.incidents {
            Some(path) => Incidents::read(path)?,
            None if default.exists() => Incidents::read(&default)?,
            None if named.is_empty() => {
                return Err(format!(
                    "there is no {}; `mad incident add` makes one, and `--tag` names a release that was an incident",
                    default.display()
                )
                .into());
            }
            None => Incidents::default(),
        };
        found.incidents.extend(named);
        Ok(found)
    }

    /// Returns the incidents that are named on the command line.
    fn named(&self, tags: &[Tag]) -> Result<Vec<Incident>, Failure> {
        let mut named = Vec::new();
        for name in &self.tag {
            let tag = tags.iter().find(|tag| tag.name == *name);
            let tag = tag.ok_or_else(|| {
                format!("there is no tag `{name}`; `git fetch --tags` may bring it")
            })?;
            named.extend(incidents_of_tags(std::slice::from_ref(tag)).incidents);
        }
        for version in &self.yanked {
            named.push(incident_of_version(version, tags)?);
        }
        for path in &self.advisory {
            let text = fs::read_to_string(path)
                .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
            named.push(incident_of_advisory(&text, tags)?);
        }
        Ok(named)
    }
}

/// What was decided before anybody looked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// How many commits before an incident are asked about; otherwise those since the release before.
    pub(crate) window: Option<u64>,
    /// From which part of its level on a step or a drift is an alarm.
    pub(crate) least: f64,
}

impl Plan {
    /// What is asked unless somebody says otherwise.
    pub(crate) const USUAL: Self = Self {
        window: None,
        least: 0.05,
    };

    /// Returns the rules that are asked about.
    pub(crate) fn rules(self) -> Vec<Rule> {
        let least = self.least;
        let at = |rule| match rule {
            Rule::Step { .. } => Rule::Step { least },
            Rule::Drift { .. } => Rule::Drift { least },
            rule => rule,
        };
        Rule::USUAL.map(at).to_vec()
    }
}

impl Retro {
    /// Looks back.
    pub(crate) fn of(
        repository: &Repository,
        store: &Store,
        timeline: &Timeline,
        incidents: &Incidents,
        plan: Plan,
    ) -> Result<Self, Failure> {
        let question = Question::of(timeline, incidents, plan);
        let evidence = Evidence::gather(repository, timeline, incidents, plan)?;
        let rules = plan.rules();
        let mut retro = Self {
            coverage: Coverage::of(store, timeline)?,
            incidents: evidence.incidents(),
            places: evidence.at_the_time.places(),
            alarms: evidence.at_the_time.alarms(timeline, plan.least),
            without_place: evidence.without_place.clone(),
            at_the_time: evidence.at_the_time.backtest(&rules),
            in_hindsight: evidence
                .in_hindsight
                .as_ref()
                .map(|one| one.backtest(&rules)),
            question,
            conclusion: Vec::new(),
        };
        retro.conclusion = conclusion::of(&retro);
        Ok(retro)
    }
}
