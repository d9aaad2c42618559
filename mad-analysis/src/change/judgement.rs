//! A series that is judged, alone or among others.

use std::iter;

use serde::{Deserialize, Serialize};

use super::finding::{Estimate, Finding, News, Shape, Suspects};
use super::stretch::{FEWEST, Form};
use super::{exact, noisy};
use crate::{Direction, Kind, Series, benjamini_hochberg};

/// The share of false findings that is put up with.
const FALSE_DISCOVERIES: f64 = 0.05;

/// The fewest points of a series in which whatever differs has changed.
const FEWEST_EXACT: usize = 2;

/// What came of looking at a series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judgement {
    /// What was found, by position; nothing at all is a result, too.
    Judged(Vec<Finding>),
    /// Nothing can be said, which is not to say that nothing changed.
    NotJudged(Reason),
}

/// Why nothing can be said of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It is too short.
    TooFewPoints {
        /// How many there are.
        points: usize,
        /// How many it takes.
        needed: usize,
    },
}

impl Judgement {
    /// Returns what was found.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::Judged(findings) => findings,
            Self::NotJudged(_) => &[],
        }
    }

    /// Returns whether enough was known to look at all.
    pub fn is_judged(&self) -> bool {
        matches!(self, Self::Judged(_))
    }
}

/// Looks for changes in one series.
///
/// Who looks at many at once takes [`judge_all`], as chance finds something somewhere.
///
/// ```
/// use mad_analysis::{Direction, Kind, Series, judge};
///
/// let durations = [10.1, 9.9, 10.0, 10.2, 9.8, 10.0, 12.1, 11.9, 12.0, 12.2, 11.8, 12.0];
/// let series = Series::consecutive(Kind::Noisy, Direction::Lower, durations);
/// let judgement = judge(&series);
/// let [step] = judgement.findings() else { panic!("{judgement:?}") };
/// assert_eq!((step.suspects.after, step.suspects.through), (5, 6));
/// assert!(step.change.low > 1.5 && step.change.high < 2.5);
/// ```
pub fn judge(series: &Series) -> Judgement {
    let points = series.points().len();
    let needed = match series.kind() {
        Kind::Noisy => FEWEST,
        Kind::Exact | Kind::Ratio | Kind::Outcome => FEWEST_EXACT,
    };
    if points < needed {
        return Judgement::NotJudged(Reason::TooFewPoints { points, needed });
    }
    let mut findings = match series.kind() {
        Kind::Noisy => noisy_findings(series),
        Kind::Exact | Kind::Ratio => exact_findings(series),
        Kind::Outcome => {
            let turns = exact::turns(&series.values());
            turns.into_iter().map(|at| exact_step(series, at)).collect()
        }
    };
    findings.sort_by_key(|finding| finding.suspects.through);
    Judgement::Judged(findings)
}

/// Looks for changes in many series, and says of each finding how many such are false, over all series that were judged.
///
/// Of the noisy ones, findings stay so that one of twenty is false in the long run. Each of these is asked two questions: whether
/// its level has changed, and whether its spread has.
pub fn judge_all<'a, I: IntoIterator<Item = &'a Series>>(series: I) -> Vec<Judgement> {
    let series = series.into_iter();
    let judged = series.map(|series| (series.kind(), judge(series)));
    let (kinds, mut judgements): (Vec<Kind>, Vec<Judgement>) = judged.unzip();
    let findings = judgements.iter().flat_map(Judgement::findings);
    let mut family: Vec<f64> = findings.filter_map(|finding| finding.p).collect();
    let judged = kinds.into_iter().zip(&judgements);
    let in_vain: usize = judged.map(|(kind, one)| asked_in_vain(kind, one)).sum();
    // What came to nothing was asked all the same; its p is not known, and at most 1.
    family.extend(iter::repeat_n(1.0, in_vain));
    let mut rates = benjamini_hochberg(&family).into_iter();
    for judgement in &mut judgements {
        let Judgement::Judged(findings) = judgement else {
            continue;
        };
        for finding in findings.iter_mut().filter(|finding| finding.p.is_some()) {
            finding.q = rates.next();
        }
        findings.retain(|finding| finding.q.is_none_or(|q| q <= FALSE_DISCOVERIES));
    }
    judgements
}

/// Returns how many questions about a series came to nothing.
fn asked_in_vain(kind: Kind, judgement: &Judgement) -> usize {
    let Judgement::Judged(findings) = judgement else {
        return 0;
    };
    let is_spread = |finding: &Finding| finding.shape == Shape::Spread;
    match kind {
        Kind::Noisy => {
            let spread = findings.iter().any(is_spread);
            let level = findings.iter().any(|finding| !is_spread(finding));
            usize::from(!spread) + usize::from(!level)
        }
        Kind::Exact | Kind::Ratio | Kind::Outcome => usize::from(findings.is_empty()),
    }
}

fn noisy_findings(series: &Series) -> Vec<Finding> {
    let noisy::Changes { levels, spreads } = noisy::changes(&series.values());
    let levels = levels.into_iter().map(|change| {
        let (shape, indices) = match change.form {
            Form::Step { at } => (Shape::Step, (at - 1, at)),
            Form::Drift { begin, end } => (Shape::Drift, (begin, end)),
        };
        let levels = (change.difference.before, change.difference.after);
        let estimate = change.difference.estimate();
        finding(series, shape, indices, levels, estimate, Some(change.p))
    });
    let spreads = spreads.into_iter().map(|spread| {
        let deviations = (spread.before, spread.after);
        let (indices, p) = (spread.suspects, Some(spread.p));
        finding(series, Shape::Spread, indices, deviations, spread.change, p)
    });
    levels.chain(spreads).collect()
}

fn exact_findings(series: &Series) -> Vec<Finding> {
    let values = series.values();
    let exact::Changes { steps, drift } = exact::changes(&values, series.kind());
    let steps = steps.into_iter().map(|at| exact_step(series, at));
    let drift = drift.map(|(begin, end, net)| {
        let levels = (values[begin], values[begin] + net);
        finding(
            series,
            Shape::Drift,
            (begin, end),
            levels,
            exactly(net),
            None,
        )
    });
    steps.chain(drift).collect()
}

fn exact_step(series: &Series, at: usize) -> Finding {
    let points = series.points();
    let levels = (points[at - 1].value, points[at].value);
    let change = exactly(levels.1 - levels.0);
    finding(series, Shape::Step, (at - 1, at), levels, change, None)
}

fn exactly(value: f64) -> Estimate {
    Estimate {
        value,
        low: value,
        high: value,
    }
}

fn finding(
    series: &Series,
    shape: Shape,
    (begin, end): (usize, usize),
    (before, after): (f64, f64),
    change: Estimate,
    p: Option<f64>,
) -> Finding {
    let points = series.points();
    let of_before = |value: f64| value / before.abs();
    Finding {
        shape,
        suspects: Suspects {
            after: points[begin].position,
            through: points[end].position,
        },
        before,
        after,
        change,
        relative: (before != 0.0).then(|| Estimate {
            value: of_before(change.value),
            low: of_before(change.low),
            high: of_before(change.high),
        }),
        news: news(shape, series.direction(), change.value),
        p,
        q: None,
    }
}

fn news(shape: Shape, direction: Direction, change: f64) -> News {
    let is_less = change < 0.0;
    match (shape, direction) {
        // Whichever way is good, what makes less noise is easier to rely on.
        (Shape::Spread, _) if is_less => News::Better,
        (_, Direction::Neither) => News::Neither,
        (Shape::Spread, _) => News::Worse,
        (_, Direction::Lower) if is_less => News::Better,
        (_, Direction::Higher) if change > 0.0 => News::Better,
        _ => News::Worse,
    }
}
