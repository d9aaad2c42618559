//! Incidents on a line of commits, and what was measured along it.

use std::collections::HashMap;

use mad_analysis::{
    Backtest, Estimate, Finding, History, Incident, Judgement, News, Rule, Series, Shape, Step,
    Walk, judge_all, stretch,
};
use serde::Serialize;

use super::{OfIncident, Plan};
use crate::changes::{self, Change};
use crate::git::{GitError, Repository};
use crate::incidents::Incidents;
use crate::incidents::placing::Placed;
use crate::timeline::{Measured, Timeline};

/// How many commits before an incident are asked about where there is no release before it.
const WINDOW: u64 = 30;

/// How many points apart a finding may be that was first made with less known.
const SAME: u64 = 3;

/// What is known.
pub(super) struct Evidence<'a> {
    timeline: &'a Timeline,
    placed: Vec<OnLine<'a>>,
    pub(super) without_place: Vec<String>,
    pub(super) at_the_time: Side<'a>,
    pub(super) in_hindsight: Option<Side<'a>>,
}

/// One of two tables that are never added up.
pub(super) struct Side<'a> {
    measured: Vec<&'a Measured>,
    history: History,
    walk: Walk,
}

/// An incident that has a place.
struct OnLine<'a> {
    placed: Placed<'a>,
    incident: Incident,
}

/// Something that had changed before an incident.
#[derive(Debug, Serialize)]
pub(crate) struct Indicator {
    pub(crate) series: String,
    pub(crate) environment: String,
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

impl<'a> Evidence<'a> {
    pub(super) fn gather(
        repository: &Repository,
        timeline: &'a Timeline,
        incidents: &'a Incidents,
        plan: Plan,
    ) -> Result<Self, GitError> {
        let positions: HashMap<&str, u64> = (0..)
            .zip(&timeline.commits)
            .map(|(position, commit)| (commit.id.as_str(), position))
            .collect();
        let tags = repository.tags()?;
        let mut releases: Vec<u64> = tags
            .iter()
            .filter_map(|tag| positions.get(tag.commit.as_str()).copied())
            .collect();
        releases.sort_unstable();
        let mut placed = Vec::new();
        let mut without_place = Vec::new();
        for one in incidents.place(repository) {
            match position(repository, &one, &positions)? {
                Some(live) => placed.push(on_line(one, live, &releases, plan)),
                None => without_place.push(why_nowhere(&one)),
            }
        }
        let steps = steps(repository, timeline, &releases)?;
        let incidents: Vec<_> = placed.iter().map(|one| one.incident.clone()).collect();
        let side = |hindsight| {
            let measured = timeline.measured.iter();
            let measured: Vec<_> = measured
                .filter(|one| one.is_hindsight() == hindsight)
                .collect();
            Side::of(measured, &steps, &incidents)
        };
        let has_hindsight = timeline.measured.iter().any(Measured::is_hindsight);
        Ok(Self {
            at_the_time: side(false),
            in_hindsight: has_hindsight.then(|| side(true)),
            timeline,
            placed,
            without_place,
        })
    }

    /// Returns what had changed before each.
    pub(super) fn incidents(&self) -> Vec<OfIncident> {
        self.placed.iter().map(|one| self.incident(one)).collect()
    }

    fn incident(&self, one: &OnLine<'_>) -> OfIncident {
        let OnLine { placed, incident } = one;
        let commit = |position: u64| self.timeline.commits.get(usize::try_from(position).ok()?);
        let id = |position| commit(position).map(|commit| commit.id.clone());
        let measured = self
            .timeline
            .measured
            .iter()
            .filter(|one| !one.is_hindsight());
        let findings = measured.flat_map(|one| one.judgement.findings());
        let bad = findings.filter(|finding| finding.news != News::Better);
        let changed: Vec<u64> = bad.map(|finding| finding.suspects.through).collect();
        OfIncident {
            name: incident.name.clone(),
            title: placed.incident.title.clone(),
            began: placed.incident.began.to_string(),
            live: id(incident.live).unwrap_or_default(),
            after: (incident.after > 0).then(|| id(incident.after)).flatten(),
            stretch: stretch(
                &changed,
                incident.after,
                incident.live,
                self.timeline.commits.len() as u64,
            ),
            doubts: placed.doubts.iter().map(ToString::to_string).collect(),
            at_the_time: self.at_the_time.indicators(self.timeline, incident),
            in_hindsight: self
                .in_hindsight
                .as_ref()
                .map(|side| side.indicators(self.timeline, incident))
                .unwrap_or_default(),
        }
    }
}

impl<'a> Side<'a> {
    fn of(measured: Vec<&'a Measured>, steps: &[Step], incidents: &[Incident]) -> Self {
        let history = History {
            steps: steps.to_vec(),
            series: measured.iter().map(|one| one.series.clone()).collect(),
            incidents: incidents.to_vec(),
        };
        Self {
            walk: Walk::along(&history),
            measured,
            history,
        }
    }

    pub(super) fn backtest(&self, rules: &[Rule]) -> Backtest {
        Backtest::of(rules, &self.history, &self.walk)
    }

    /// Returns what had changed, by what was known when the commit was made that was live; the nearest comes first.
    fn indicators(&self, timeline: &Timeline, incident: &Incident) -> Vec<Indicator> {
        let known: Vec<Series> = self
            .measured
            .iter()
            .map(|one| one.series.up_to(incident.live))
            .collect();
        let judgements = judge_all(&known);
        let each = self.measured.iter().zip(&judgements).enumerate();
        let mut found: Vec<(u64, Indicator)> = each
            .flat_map(|(index, (measured, judgement))| {
                let findings = concerned(judgement, incident);
                findings.map(move |finding| {
                    let indicator = self.indicator(timeline, incident, index, measured, finding);
                    (finding.suspects.through, indicator)
                })
            })
            .collect();
        found.sort_by_key(|(through, _)| std::cmp::Reverse(*through));
        found.into_iter().map(|(_, indicator)| indicator).collect()
    }

    fn indicator(
        &self,
        timeline: &Timeline,
        incident: &Incident,
        index: usize,
        measured: &Measured,
        finding: &Finding,
    ) -> Indicator {
        let date = |position: u64| {
            let index = usize::try_from(position).unwrap_or(usize::MAX);
            timeline
                .commits
                .get(index)
                .map_or(0, |commit| commit.committed_at)
        };
        let through = finding.suspects.through;
        let raised = self.walk.raised.iter().find(|raised| {
            raised.series == index
                && raised.at <= incident.live
                && raised.finding.suspects.through.abs_diff(through) <= SAME
        });
        let change = Change::of(timeline, measured, finding, None);
        Indicator {
            amount: changes::amount(&change),
            place: changes::place(finding.shape, change.commits),
            series: change.series,
            environment: measured.environment.to_string(),
            relative: finding.relative,
            news: finding.news,
            shape: finding.shape,
            p: finding.p,
            q: finding.q,
            commits_ahead: incident.live - through,
            hours_before_live: (date(incident.live) - date(through)) / 3_600,
            hours_before_incident: (incident.began - date(through)) / 3_600,
            first_found: raised
                .map(|raised| crate::moment::Moment::of_seconds(date(raised.at)).to_string()),
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

/// Returns where the live commit is on the line, or the last one before it that is.
fn position(
    repository: &Repository,
    placed: &Placed<'_>,
    positions: &HashMap<&str, u64>,
) -> Result<Option<u64>, GitError> {
    let Some(commit) = &placed.commit else {
        return Ok(None);
    };
    if let Some(position) = positions.get(commit.id.as_str()) {
        return Ok(Some(*position));
    }
    let before = repository.line(&commit.id, None)?;
    let on_line = before
        .iter()
        .rev()
        .find_map(|commit| positions.get(commit.id.as_str()));
    Ok(on_line.copied())
}

fn on_line<'a>(placed: Placed<'a>, live: u64, releases: &[u64], plan: Plan) -> OnLine<'a> {
    let release = releases.iter().rev().find(|release| **release < live);
    let after = match (plan.window, release) {
        (Some(window), _) => live.saturating_sub(window),
        (None, Some(release)) => *release,
        (None, None) => live.saturating_sub(WINDOW),
    };
    let incident = Incident {
        name: placed.incident.id.clone(),
        after,
        live,
        began: placed.incident.began.seconds(),
    };
    OnLine { placed, incident }
}

fn why_nowhere(placed: &Placed<'_>) -> String {
    let doubts: Vec<_> = placed.doubts.iter().map(ToString::to_string).collect();
    let why = if doubts.is_empty() {
        "its commit has no ancestor on this line".to_owned()
    } else {
        doubts.join("; ")
    };
    format!("{}: {why}", placed.incident.id)
}

/// Returns what the cheap rules look at.
fn steps(
    repository: &Repository,
    timeline: &Timeline,
    releases: &[u64],
) -> Result<Vec<Step>, GitError> {
    let Some(newest) = timeline.commits.last() else {
        return Ok(Vec::new());
    };
    let sizes = sizes(repository, &newest.id)?;
    let step = |(position, commit): (u64, &mad_store::Commit)| {
        let size = sizes.get(&commit.id);
        Step {
            committed_at: commit.committed_at,
            added: size.map(|(added, _)| *added),
            removed: size.map(|(_, removed)| *removed),
            is_release: releases.binary_search(&position).is_ok(),
        }
    };
    Ok((0..).zip(&timeline.commits).map(step).collect())
}

/// Returns how many lines each commit added and took away, against its first parent. Binary files have no lines.
fn sizes(repository: &Repository, newest: &str) -> Result<HashMap<String, (u64, u64)>, GitError> {
    let said = repository.ask([
        "log",
        "--first-parent",
        "--diff-merges=first-parent",
        "--numstat",
        "--format=%x1e%H",
        newest,
        "--",
    ])?;
    let commits = said.split('\u{1e}').filter_map(|commit| {
        let mut lines = commit.lines();
        let id = lines.next()?.to_owned();
        let size = lines.fold((0, 0), |(added, removed), line| {
            let mut numbers = line.split('\t').map_while(|word| word.parse::<u64>().ok());
            (
                added + numbers.next().unwrap_or(0),
                removed + numbers.next().unwrap_or(0),
            )
        });
        Some((id, size))
    });
    Ok(commits.collect())
}
