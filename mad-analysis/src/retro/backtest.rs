//! What a rule would have come to.

use serde::{Deserialize, Serialize};

use super::chance::{Met, by_shuffling, expected_recall};
use super::ground::Ground;
use super::history::{History, Incident, seconds};
use super::proportion::Proportion;
use super::rule::Rule;
use super::verdict::{Verdict, is_few};
use super::walk::Walk;
use crate::{benjamini_hochberg, float};

/// What all rules would have come to along a history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backtest {
    /// The rules, as they were asked about.
    pub rules: Vec<Tested>,
    /// The share of measured commits that incidents concern: what a rule has for its precision that knows nothing.
    pub base_rate: f64,
    /// How many incidents there were with a measured commit among those that they concern; those that happened to one commit are
    /// one.
    pub incidents: usize,
    /// The other incidents, by name: no rule could have met them.
    pub unmeasured: Vec<String>,
    /// Whether that is too few to learn anything general.
    pub few_incidents: bool,
    /// How many commits were measured.
    pub commits: usize,
    /// How many months of thirty days they took.
    pub months: f64,
}

/// What one rule would have come to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tested {
    /// The rule.
    pub rule: Rule,
    /// At which positions it would have given an alarm.
    pub alarms: Vec<u64>,
    /// How many of its alarms came before an incident, among the commits that it concerns.
    pub precision: Proportion,
    /// Before how many of the incidents an alarm came.
    pub recall: Proportion,
    /// Before how many of them one comes on average if as many alarms are given by lot.
    pub recall_by_lot: f64,
    /// How many alarms there were for each hundred commits.
    pub alarms_per_hundred_commits: f64,
    /// How many false ones in a month, if the history has a length.
    pub false_alarms_per_month: Option<f64>,
    /// How far ahead, incident by incident, the first alarm came.
    pub leads: Vec<Lead>,
    /// The incidents before which no alarm came, by name.
    pub misses: Vec<String>,
    /// How often chance does as well.
    pub p: f64,
    /// The same, corrected for the number of rules that were asked about.
    pub q: f64,
    /// What may be said of it.
    pub verdict: Verdict,
    /// The same rule at thresholds below and above.
    pub neighbours: Vec<Neighbour>,
}

/// A rule at another threshold, in brief.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Neighbour {
    /// The rule.
    pub rule: Rule,
    /// How many of its alarms came before an incident.
    pub precision: Proportion,
    /// Before how many of the incidents an alarm came.
    pub recall: Proportion,
}

/// How far ahead of an incident a rule gave its first alarm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lead {
    /// The incident's name.
    pub incident: String,
    /// The position of the alarm.
    pub alarm: u64,
    /// When it would have been given: the date of the commit there.
    pub given_at: i64,
    /// How many commits before the one that was live.
    pub commits: u64,
    /// How many hours before that was committed.
    pub hours_before_live: f64,
    /// How many hours before it began.
    pub hours_before_incident: f64,
}

impl Backtest {
    /// Asks of each rule what it would have come to along a history that was walked.
    pub fn of(rules: &[Rule], history: &History, walk: &Walk) -> Self {
        let ground = Ground::of(history);
        let mut tested: Vec<_> = rules
            .iter()
            .map(|rule| test(*rule, history, walk, &ground))
            .collect();
        // A rule that is silent has not been tried out, and is in the family all the same.
        let p: Vec<f64> = tested.iter().map(|tested| tested.p).collect();
        for (tested, q) in tested.iter_mut().zip(benjamini_hochberg(&p)) {
            tested.q = q;
            let (alarms, met) = (tested.alarms.len(), tested.recall.count);
            tested.verdict = Verdict::of(ground.incidents.len(), alarms, met, q);
        }
        Self {
            rules: tested,
            base_rate: ground.base_rate(),
            incidents: ground.incidents.len(),
            unmeasured: ground
                .unmeasured
                .iter()
                .map(|one| one.name.clone())
                .collect(),
            few_incidents: is_few(ground.incidents.len()),
            commits: ground.measured.len(),
            months: ground.months,
        }
    }
}

fn test(rule: Rule, history: &History, walk: &Walk, ground: &Ground<'_>) -> Tested {
    let alarms = ground.only(rule.alarms(history, walk));
    let brief = brief(rule, &alarms, ground);
    let incidents = ground.incidents.iter();
    let first = |incident: &Incident| alarms.iter().find(|alarm| incident.concerns(**alarm));
    let leads = incidents
        .clone()
        .filter_map(|incident| lead(incident, *first(incident)?, history));
    let missed = incidents.filter(|incident| first(incident).is_none());
    let false_alarms = float(brief.precision.total - brief.precision.count);
    let neighbours = rule.neighbours().into_iter().map(|rule| {
        let alarms = ground.only(rule.alarms(history, walk));
        self::brief(rule, &alarms, ground)
    });
    Tested {
        rule,
        precision: brief.precision,
        recall: brief.recall,
        recall_by_lot: expected_recall(alarms.len(), ground),
        alarms_per_hundred_commits: 100.0 * float(alarms.len())
            / float(ground.measured.len().max(1)),
        false_alarms_per_month: (ground.months > 0.0).then(|| false_alarms / ground.months),
        leads: leads.collect(),
        misses: missed.map(|incident| incident.name.clone()).collect(),
        p: by_shuffling(&alarms, ground),
        q: 1.0,
        verdict: Verdict::NothingToTell,
        neighbours: neighbours.collect(),
        alarms,
    }
}

fn brief(rule: Rule, alarms: &[u64], ground: &Ground<'_>) -> Neighbour {
    let met = Met::by(alarms, &ground.incidents);
    Neighbour {
        rule,
        precision: Proportion::of(met.alarms, alarms.len()),
        recall: Proportion::of(met.incidents, ground.incidents.len()),
    }
}

fn lead(incident: &Incident, alarm: u64, history: &History) -> Option<Lead> {
    let given_at = history.committed_at(alarm)?;
    let hours = |later: i64| seconds(later - given_at) / 3600.0;
    Some(Lead {
        incident: incident.name.clone(),
        alarm,
        given_at,
        commits: incident.live - alarm,
        hours_before_live: hours(history.committed_at(incident.live)?),
        hours_before_incident: hours(incident.began),
    })
}
