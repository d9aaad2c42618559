//! One of two tables that are never added up: what could have been measured at the time, or what hindsight measures.

use mad_analysis::{
    Backtest, Estimate, Finding, History, Incident, Judgement, Kind, News, Raised, Rule, Series,
    Shape, Step, Stretch, Walk, judge_all, stretch,
};
use mad_store::Environment;
use serde::Serialize;

use super::failing::Failing;
use super::reach::Reach;
use crate::changes::{self, Change};
use crate::moment::Moment;
use crate::timeline::{Measured, Timeline};

/// How many points apart a finding may be that was first made with less known.
const SAME: u64 = 3;

/// What was measured, and what would have been said of it.
pub(super) struct Side<'a> {
    measured: Vec<&'a Measured>,
    reach: Reach<'a>,
    history: History,
    walk: Walk,
}

/// Something that had changed before an incident.
#[derive(Debug, Serialize)]
pub(crate) struct Indicator {
    pub(crate) series: String,
    pub(crate) environment: String,
    /// Whether a crate measured it that is younger than the commits.
    pub(crate) by_probe: bool,
    /// By how much, in words.
    pub(crate) amount: String,
    /// The commits that may have done it, in words.
    pub(crate) place: String,
    pub(crate) relative: Option<Estimate>,
    pub(crate) news: News,
    pub(crate) shape: Shape,
    pub(crate) p: Option<f64>,
    pub(crate) q: Option<f64>,
    /// How many commits before the one that was live.
    pub(crate) commits_ahead: u64,
    /// How many hours before that was committed, and before the incident began.
    pub(crate) hours_before_live: i64,
    pub(crate) hours_before_incident: i64,
    /// The date of the commit at which it would first have been found, if it would.
    pub(crate) first_found: Option<String>,
}

/// What would have been said at a commit.
#[derive(Debug, Serialize)]
pub(crate) struct Alarm {
    /// The commit at which it would have been said, and its date.
    pub(crate) commit: String,
    pub(crate) given_at: String,
    pub(crate) series: String,
    pub(crate) by_probe: bool,
    /// Whether it is among those that rules are tried with.
    pub(crate) counts: bool,
    pub(crate) amount: String,
    pub(crate) place: String,
    pub(crate) p: Option<f64>,
    /// The incidents that it came before.
    pub(crate) before: Vec<String>,
}

/// Where and how was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Place {
    pub(crate) environment: String,
    pub(crate) series: usize,
    pub(crate) commits: usize,
    /// Whether that is enough for rules to be tried with it.
    pub(crate) counts: bool,
}

impl<'a> Side<'a> {
    pub(super) fn of(measured: Vec<&'a Measured>, steps: &[Step], incidents: &[Incident]) -> Self {
        let history = History {
            steps: steps.to_vec(),
            series: measured.iter().map(|one| one.series.clone()).collect(),
            incidents: incidents.to_vec(),
        };
        Self {
            walk: Walk::along(&history),
            reach: Reach::of(&measured),
            measured,
            history,
        }
    }

    /// Tries rules along the history, with what was measured widely enough.
    pub(super) fn backtest(&self, rules: &[Rule]) -> Backtest {
        let is_wide = |index: &usize| self.reach.is_wide(&self.measured[*index].environment);
        let series = self.history.series.iter().enumerate();
        let wide = series.filter(|(index, _)| is_wide(index));
        let history = History {
            series: wide.map(|(_, series)| series.clone()).collect(),
            steps: self.history.steps.clone(),
            incidents: self.history.incidents.clone(),
        };
        let raised = self.walk.raised.iter().filter(|one| is_wide(&one.series));
        let walk = Walk {
            raised: raised.cloned().collect(),
        };
        Backtest::of(rules, &history, &walk)
    }

    /// Returns how much was found in the commits before an incident, and how much is usual.
    pub(super) fn stretch(&self, incident: &Incident) -> Stretch {
        let (environments, measured) = self.reach.alike(incident);
        let raised = self.walk.raised.iter();
        let alike =
            raised.filter(|one| environments.contains(&&self.measured[one.series].environment));
        let found: Vec<u64> = alike.map(|one| one.at).collect();
        stretch(&found, &measured, &self.history.incidents, incident)
    }

    /// Returns all that a rule would have said along the way, whether anything came of it or not.
    pub(super) fn alarms(&self, timeline: &Timeline, least: f64) -> Vec<Alarm> {
        let raised = self.walk.raised.iter();
        // No rule is about spreads.
        let large = raised.filter(|one| {
            let finding = &one.finding;
            let is_large = finding
                .relative
                .is_none_or(|part| part.value.abs() >= least);
            finding.shape != Shape::Spread && is_large
        });
        let alarm = |one: &Raised| {
            let measured = self.measured[one.series];
            let at = usize::try_from(one.at).ok();
            let commit = at.and_then(|at| timeline.commits.get(at));
            let change = Change::of(timeline, measured, &one.finding, None);
            let incidents = self.history.incidents.iter();
            let before = incidents.filter(|incident| incident.concerns(one.at));
            Alarm {
                commit: commit.map(|commit| commit.id.clone()).unwrap_or_default(),
                given_at: Moment::of_seconds(date(timeline, one.at)).to_string(),
                amount: changes::amount(&change),
                place: changes::place(one.finding.shape, change.commits),
                series: change.series,
                by_probe: is_by_probe(measured),
                counts: self.reach.is_wide(&measured.environment),
                p: one.finding.p,
                before: before.map(|incident| incident.name.clone()).collect(),
            }
        };
        let mut large: Vec<&Raised> = large.collect();
        let measured = self.measured.iter().copied();
        changes::without_twins(&mut large, measured, |one| {
            (self.measured[one.series], &one.finding)
        });
        large.into_iter().map(alarm).collect()
    }

    /// Returns the tests that fail at the commit that was live, the earliest first.
    pub(super) fn failing(&self, timeline: &Timeline, incident: &Incident) -> Vec<Failing> {
        let outcomes = self
            .measured
            .iter()
            .filter(|one| one.series.kind() == Kind::Outcome);
        let mut failing: Vec<Failing> = outcomes
            .filter_map(|one| Failing::of(one, timeline, incident))
            .collect();
        failing.sort_by_key(|one| std::cmp::Reverse(one.commits_ahead));
        failing
    }

    /// Returns where was measured, and at how many commits.
    pub(super) fn places(&self) -> Vec<Place> {
        let place = |(environment, commits): (&Environment, usize)| Place {
            environment: environment.to_string(),
            series: self
                .measured
                .iter()
                .filter(|one| one.environment == *environment)
                .count(),
            commits,
            counts: self.reach.is_wide(environment),
        };
        self.reach.counts().map(place).collect()
    }

    /// Returns what had changed, by what was known when the commit was made that was live; the nearest comes first.
    pub(super) fn indicators(&self, timeline: &Timeline, incident: &Incident) -> Vec<Indicator> {
        let known: Vec<Series> = self
            .measured
            .iter()
            .map(|one| one.series.up_to(incident.live))
            .collect();
        let judgements = judge_all(&known);
        let each = judgements.iter().enumerate();
        let mut found: Vec<(usize, &Finding)> = each
            .flat_map(|(index, judgement)| {
                let findings = concerned(judgement, incident);
                findings.map(move |finding| (index, finding))
            })
            .collect();
        let measured = self.measured.iter().copied();
        changes::without_twins(&mut found, measured, |(index, finding)| {
            (self.measured[*index], finding)
        });
        found.sort_by_key(|(_, finding)| std::cmp::Reverse(finding.suspects.through));
        let indicator = |(index, finding)| self.indicator(timeline, incident, index, finding);
        found.into_iter().map(indicator).collect()
    }

    fn indicator(
        &self,
        timeline: &Timeline,
        incident: &Incident,
        index: usize,
        finding: &Finding,
    ) -> Indicator {
        let measured = self.measured[index];
        let date = |position| date(timeline, position);
        let through = finding.suspects.through;
        let near = if measured.series.kind() == Kind::Noisy {
            SAME
        } else {
            0
        };
        let distance = |one: &Raised| one.finding.suspects.through.abs_diff(through);
        let is_it = |one: &Raised| match (one.finding.shape, finding.shape) {
            // A drift was found when it was shorter.
            (Shape::Drift, Shape::Drift) => one.finding.suspects.through > finding.suspects.after,
            // And a spread when less was known of where it began.
            (Shape::Spread, Shape::Spread) => {
                let widens = |finding: &Finding| finding.change.value > 0.0;
                let (first, second) = (one.finding.suspects, finding.suspects);
                first.after < second.through
                    && second.after < first.through
                    && widens(&one.finding) == widens(finding)
            }
            (Shape::Spread, _) | (_, Shape::Spread) => false,
            _ => distance(one) <= near,
        };
        let raised = self
            .walk
            .raised
            .iter()
            .filter(|one| one.series == index && one.at <= incident.live && is_it(one))
            .min_by_key(|one| (distance(one), one.at));
        let change = Change::of(timeline, measured, finding, None);
        Indicator {
            amount: changes::amount(&change),
            place: changes::place(finding.shape, change.commits),
            series: change.series,
            environment: measured.environment.to_string(),
            by_probe: is_by_probe(measured),
            relative: finding.relative,
            news: finding.news,
            shape: finding.shape,
            p: finding.p,
            q: finding.q,
            commits_ahead: incident.live - through,
            hours_before_live: (date(incident.live) - date(through)) / 3_600,
            hours_before_incident: (incident.began - date(through)) / 3_600,
            first_found: raised.map(|raised| Moment::of_seconds(date(raised.at)).to_string()),
        }
    }
}

/// Returns what changed among the commits that are asked about, and is no good news.
fn concerned<'a>(
    judgement: &'a Judgement,
    incident: &'a Incident,
) -> impl Iterator<Item = &'a Finding> {
    judgement.findings().iter().filter(|finding| {
        finding.news != News::Better && incident.concerns(finding.suspects.through)
    })
}

/// Returns the date of a commit.
pub(super) fn date(timeline: &Timeline, position: u64) -> i64 {
    let index = usize::try_from(position).unwrap_or(usize::MAX);
    timeline
        .commits
        .get(index)
        .map_or(0, |commit| commit.committed_at)
}

fn is_by_probe(measured: &Measured) -> bool {
    measured.environment.cell.contains_key("probe")
}
