//! What a detector makes of planted truth.

use mad_analysis::{Direction, Finding, Kind, Series, Shape, judge};

use super::{Noise, Numbers};

/// The noise of a trial, as a part of the level: its standard deviation.
const NOISE: f64 = 0.02;

/// How many commits beside the true one still count as found.
const NEAR: u64 = 2;

/// The level of the series.
const LEVEL: f64 = 100.0;

/// What came of many series of one kind, each a mean over the series.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// The planted step was found within two commits.
    pub(crate) hits: f64,
    /// Findings beside it.
    pub(crate) extra: f64,
    /// Series with any finding.
    pub(crate) with_findings: f64,
    /// Series with a drift and nothing else.
    pub(crate) drifts: f64,
    /// Series in which a spread is found.
    pub(crate) spreads: f64,
    /// The commits that spreads name: of those series, how many each.
    named: f64,
}

/// Returns the values of a series of some length: level 100, and from `at` on higher by a part `step`.
pub(crate) fn stepping(
    noise: Noise,
    count: usize,
    step: f64,
    numbers: &mut Numbers,
) -> (Vec<f64>, u64) {
    let at = count / 6 + numbers.below(2 * count / 3);
    let level = |index| {
        if index >= at {
            LEVEL * (1.0 + step)
        } else {
            LEVEL
        }
    };
    let noise = noise.values(count, numbers).into_iter().enumerate();
    let values = noise.map(|(index, noise)| (LEVEL * NOISE).mul_add(noise, level(index)));
    (values.collect(), at as u64)
}

/// Returns the values of a series that goes up by a part `rise` in all, from its beginning or from its middle on.
pub(crate) fn drifting(
    noise: Noise,
    count: usize,
    rise: f64,
    late: bool,
    numbers: &mut Numbers,
) -> Vec<f64> {
    let begin = if late { count / 2 } else { 0 };
    let share = |index: usize| index.saturating_sub(begin) as f64 / (count - begin) as f64;
    let noise = noise.values(count, numbers).into_iter().enumerate();
    let values = noise.map(|(index, noise)| {
        (LEVEL * NOISE).mul_add(noise, LEVEL * rise.mul_add(share(index), 1.0))
    });
    values.collect()
}

/// Returns the values of a series whose noise is wider by a factor from `at` on, somewhere in the middle two thirds.
pub(crate) fn widening(
    noise: Noise,
    count: usize,
    factor: f64,
    numbers: &mut Numbers,
) -> (Vec<f64>, u64) {
    let at = count / 6 + numbers.below(2 * count / 3);
    let width = |index| LEVEL * NOISE * if index >= at { factor } else { 1.0 };
    let noise = noise.values(count, numbers).into_iter().enumerate();
    let values = noise.map(|(index, noise)| width(index).mul_add(noise, LEVEL));
    (values.collect(), at as u64)
}

pub(crate) fn findings(values: &[f64]) -> Vec<Finding> {
    let series = Series::consecutive(Kind::Noisy, Direction::Lower, values.iter().copied());
    judge(&series).findings().to_vec()
}

/// Judges that many series of 120 points with a step.
pub(crate) fn of_steps(noise: Noise, step: f64, repetitions: u64) -> Tally {
    let mut tally = Tally::default();
    for seed in 0..repetitions {
        let mut numbers = Numbers::from_seed(seed * 101 + 7);
        let (values, at) = stepping(noise, 120, step, &mut numbers);
        let findings = findings(&values);
        let is_hit = |finding: &Finding| {
            finding.shape == Shape::Step && finding.suspects.through.abs_diff(at) <= NEAR
        };
        let hit = step != 0.0 && findings.iter().any(is_hit);
        tally.add(&findings, hit, repetitions);
    }
    tally
}

/// Judges that many series of 120 points with a drift.
pub(crate) fn of_drifts(noise: Noise, rise: f64, late: bool, repetitions: u64) -> Tally {
    let mut tally = Tally::default();
    for seed in 0..repetitions {
        let mut numbers = Numbers::from_seed(seed * 103 + 5);
        let values = drifting(noise, 120, rise, late, &mut numbers);
        tally.add(&findings(&values), false, repetitions);
    }
    tally
}

/// Judges that many series whose spread changes. It is found where it is among the suspects.
pub(crate) fn of_spreads(noise: Noise, count: usize, factor: f64, repetitions: u64) -> Tally {
    let mut tally = Tally::default();
    for seed in 0..repetitions {
        let mut numbers = Numbers::from_seed(seed * 107 + 3);
        let (values, at) = widening(noise, count, factor, &mut numbers);
        let findings = findings(&values);
        let is_hit = |finding: &Finding| {
            let suspects = finding.suspects;
            finding.shape == Shape::Spread && (suspects.after + 1..=suspects.through).contains(&at)
        };
        tally.add(&findings, findings.iter().any(is_hit), repetitions);
    }
    tally
}

impl Tally {
    /// How many commits are named where a spread is found.
    pub(crate) fn named(&self) -> f64 {
        self.named / self.spreads
    }

    fn add(&mut self, findings: &[Finding], hit: bool, repetitions: u64) {
        let weight = 1.0 / repetitions as f64;
        let is_drift = |finding: &Finding| finding.shape == Shape::Drift;
        self.hits += weight * f64::from(u8::from(hit));
        self.extra += weight * (findings.len() - usize::from(hit)) as f64;
        self.with_findings += weight * f64::from(u8::from(!findings.is_empty()));
        let drifts = !findings.is_empty() && findings.iter().all(is_drift);
        self.drifts += weight * f64::from(u8::from(drifts));
        let spreads = findings
            .iter()
            .filter(|finding| finding.shape == Shape::Spread);
        let named = spreads.map(|finding| finding.suspects.through - finding.suspects.after);
        let named: Vec<u64> = named.collect();
        self.spreads += weight * f64::from(u8::from(!named.is_empty()));
        self.named += weight * named.iter().sum::<u64>() as f64;
    }
}
