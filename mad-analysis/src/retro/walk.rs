//! A history that is walked forward: what would have been said at each commit by somebody who knew no later one.

use serde::{Deserialize, Serialize};

use super::history::History;
use crate::{Finding, Kind, News, Series, Shape, float, judge};

/// How many points somebody looks back.
const LOOK_BACK: usize = 120;

/// Of how many of the newest values the mean is held against all others, before anybody looks more closely.
const NEWEST: usize = 5;

/// A finding is believed if chance makes one as certain, in any of the series, less often than that.
const LEVEL: f64 = 0.05;

/// How many points apart two findings may be that are the same one, found anew as more is known.
const SAME: u64 = 3;

/// A finding, and when it was first made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Raised {
    /// The series, by its place in [`History::series`].
    pub series: usize,
    /// The position of the commit whose measurement brought it up.
    pub at: u64,
    /// What was known then.
    pub finding: Finding,
}

/// What would have been found along a history, commit by commit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Walk {
    /// The findings that are not good news, by the commit at which they were first certain enough for a walk along so many
    /// series.
    pub raised: Vec<Raised>,
}

impl Walk {
    /// Walks along all series of a history.
    ///
    /// At each commit no more is looked at than the last 120 points up to it, and nothing that came later.
    pub fn along(history: &History) -> Self {
        let certain = LEVEL / float(history.series.len().max(1));
        let each = history.series.iter().enumerate();
        let mut raised: Vec<Raised> = each
            .flat_map(|(index, series)| {
                let raised = along(series, certain).into_iter();
                raised.map(move |(at, finding)| Raised {
                    series: index,
                    at,
                    finding,
                })
            })
            .collect();
        raised.sort_by_key(|raised| (raised.at, raised.series));
        Self { raised }
    }
}

fn along(series: &Series, certain: f64) -> Vec<(u64, Finding)> {
    let points = series.points();
    let mut found: Vec<(u64, Finding)> = Vec::new();
    for end in 2..=points.len() {
        let window = &points[end.saturating_sub(LOOK_BACK)..end];
        let values: Vec<f64> = window.iter().map(|point| point.value).collect();
        if !is_worth_a_look(series.kind(), &values) {
            continue;
        }
        let positions = window.iter().map(|point| point.position);
        let known = Series::new(series.kind(), series.direction(), positions.zip(values));
        for finding in judge(&known).findings() {
            let is_same = |(_, other): &(u64, Finding)| is_same(series.kind(), other, finding);
            let is_certain = finding.p.is_none_or(|p| p <= certain);
            let is_news = is_news(series.kind(), finding, points[end - 1].position);
            if is_certain && is_news && finding.news != News::Better && !found.iter().any(is_same) {
                found.push((points[end - 1].position, finding.clone()));
            }
        }
    }
    found
}

/// Whether a finding says something of the newest commit. Of what is exact a step is seen at once: that an older one turns out to
/// be unusual, as less has happened since, is no reason to be alarmed by what came later.
fn is_news(kind: Kind, finding: &Finding, newest: u64) -> bool {
    !is_exact(kind) || finding.shape == Shape::Drift || finding.suspects.through == newest
}

fn is_exact(kind: Kind) -> bool {
    matches!(kind, Kind::Exact | Kind::Ratio)
}

fn is_same(kind: Kind, one: &Finding, other: &Finding) -> bool {
    // What a spread does is another matter than what its level does.
    if (one.shape == Shape::Spread) != (other.shape == Shape::Spread) {
        return false;
    }
    // What is exact stays where it was found: a step at the next commit is another one, and no part of a drift.
    if is_exact(kind) && one.shape != other.shape {
        return false;
    }
    if is_exact(kind) && one.shape == Shape::Step {
        return one.suspects == other.suspects;
    }
    let begins_near = one.suspects.after.abs_diff(other.suspects.after) <= SAME;
    let ends_near = one.suspects.through.abs_diff(other.suspects.through) <= SAME;
    match (one.shape, other.shape) {
        (Shape::Step, Shape::Step) => ends_near || begins_near,
        // Where a spread changed is known better with each commit. The last commit before is no suspect.
        (Shape::Spread, _) => {
            one.suspects.after < other.suspects.through
                && other.suspects.after < one.suspects.through
                && (one.change.value > 0.0) == (other.change.value > 0.0)
        }
        // A drift goes on, and is found again with each commit; a step may at first be seen as one.
        _ => {
            one.suspects.after <= other.suspects.through
                && other.suspects.after <= one.suspects.through
        }
    }
}

/// Whether the newest values could have brought up anything. It is asked of each point, and has to cost nothing.
#[expect(
    clippy::float_cmp,
    reason = "what is exact is the same to the last digit"
)]
fn is_worth_a_look(kind: Kind, values: &[f64]) -> bool {
    let [.., before, last] = values else {
        return false;
    };
    match kind {
        Kind::Exact | Kind::Ratio => before != last,
        // A turn is known to last one run later.
        Kind::Outcome => values.iter().rev().take(3).any(|value| value != last),
        Kind::Noisy => {
            let mean = |values: &[f64]| values.iter().sum::<f64>() / float(values.len());
            let (older, newest) = values.split_at(values.len().saturating_sub(NEWEST));
            if older.len() < NEWEST {
                return false;
            }
            let middle = mean(older);
            let squares = older.iter().map(|value| (value - middle).powi(2));
            let variance = squares.sum::<f64>() / float(older.len());
            (mean(newest) - middle).powi(2) > variance / float(NEWEST)
        }
    }
}
