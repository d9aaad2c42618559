//! Changes of the spread: where the noise of a series becomes wider or narrower.

use std::ops::Range;

use super::finding::Estimate;
use super::memory::{Estimated, Memory};
use super::moments::Moments;
use super::residuals::{
    Residuals, differences, grain, relative_differences, squared_ranks, unshrunk,
};
use super::stretch::{Change, Stretch};
use crate::distribution::student_quantile;
use crate::float;
use crate::order::{median, quantile};

/// A change that chance makes more often than that, in a whole series without any, is none. It is less than for levels, as
/// both are looked for in the same series, and few may be false.
const LEVEL: f64 = 0.02;

/// What a cut has to explain, by the logarithm of the number of values, in variances of the whole.
const PENALTY: f64 = 2.5;

/// Both ends of an interval leave out that much.
const OUTSIDE: f64 = 0.05;

/// How many standard deviations of normal noise its values are away from their mean, on average.
const NORMAL: f64 = 0.797_884_560_802_865_4;

/// A change of the spread.
#[derive(Clone, Debug)]
pub(crate) struct Spread {
    /// The index after which, and the one through which, it may have changed.
    pub(crate) suspects: (usize, usize),
    pub(crate) before: f64,
    pub(crate) after: f64,
    pub(crate) change: Estimate,
    /// How often chance makes as much somewhere in the series.
    pub(crate) p: f64,
}

/// Returns where the spread changed, from first to last.
///
/// The distances of the values from their levels are a series as any other, and where it takes a step, the spread has changed.
/// In place of the distances stand the squares of their ranks, so that it does not matter what the noise is like, nor how far
/// out an outlier is (Mood 1954; Conover, Practical Nonparametric Statistics, 1980, squared ranks test).
///
/// All have to agree: the distances; the distances as parts of the levels, as noise that grows with the level by no more than
/// that is told by the step; and the differences of neighbours, as they are and as parts of the values, as they know nothing of
/// levels, which may be wrong.
pub(crate) fn changes(values: &[f64], residuals: &Residuals) -> Vec<Spread> {
    let penalty = PENALTY * float(values.len()).ln();
    let of = |scores| Stretch::of(scores, penalty, Estimated::certain);
    let scores = squared_ranks(&residuals.distances());
    let stretch = of(&scores);
    if stretch.is_constant() {
        return Vec::new();
    }
    let mut cuts = stretch.confirmed(stretch.cuts(), LEVEL);
    if cuts.is_empty() {
        return Vec::new();
    }
    let differences = squared_ranks(&differences(values));
    let mut witnesses = Witnesses {
        searched: vec![of(&scores)],
        asked: vec![of(&differences)],
    };
    witnesses.confirm(&mut cuts);
    if cuts.is_empty() {
        return Vec::new();
    }
    let as_parts = |parts: Option<Vec<f64>>| parts.map(|parts| squared_ranks(&parts));
    let parts = as_parts(residuals.relative_distances());
    let parts_of_differences = as_parts(relative_differences(values));
    witnesses.searched.extend(parts.as_deref().map(of));
    witnesses
        .asked
        .extend(parts_of_differences.as_deref().map(of));
    witnesses.confirm(&mut cuts);
    let p = witnesses.p(&cuts, Estimated::possible);
    let segments: Vec<_> = stretch.segments(&cuts).collect();
    let remembered = stretch.memory_beside(&segments);
    let [likely, possible] = [remembered.likely(), remembered.possible()];
    let grain = grain(values);
    let spreads = segments.windows(2).zip(p).map(|(pair, p)| {
        let sides = [&pair[0], &pair[1]].map(|range| Side::of(&residuals.values[range.clone()]));
        Spread {
            suspects: suspects(&stretch.moments, [&pair[0], &pair[1]], likely),
            before: sides[0].deviation,
            after: sides[1].deviation,
            change: change(&sides, possible),
            p,
        }
    });
    // What is less than the scale can show is a matter of the scale: rounding hides noise at one level and not at another.
    let is_visible = |spread: &Spread| spread.before.max(spread.after) >= grain;
    spreads.filter(is_visible).collect()
}

/// Series that have to agree where a spread changed.
struct Witnesses<'a> {
    /// In these a change may be anywhere.
    searched: Vec<Stretch<'a>>,
    /// These are asked about places that others have found.
    asked: Vec<Stretch<'a>>,
}

impl Witnesses<'_> {
    /// Leaves out the least certain cut, again and again, until chance made none of those that are left.
    fn confirm(&self, cuts: &mut Vec<usize>) {
        loop {
            let p = self.p(cuts, Estimated::certain);
            let least = p.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
            match least {
                Some((index, p)) if *p > LEVEL => cuts.remove(index),
                _ => return,
            };
        }
    }

    /// Returns how often chance makes as much at each cut, as the least convinced has it.
    fn p(&self, cuts: &[usize], memory: fn(Estimated) -> Memory) -> Vec<f64> {
        let steps = |witness: &Stretch<'_>| witness.steps(cuts, memory);
        let searched: Vec<_> = self.searched.iter().map(steps).collect();
        let asked: Vec<_> = self.asked.iter().map(steps).collect();
        let grows = |step: &Change| step.difference.after > step.difference.before;
        let p = (0..cuts.len()).map(|index| {
            let [searched, asked] = [&searched, &asked].map(|all| all.iter().map(|of| &of[index]));
            let ways = searched.clone().chain(asked.clone()).map(grows);
            let n_up = ways.clone().filter(|grows| *grows).count();
            if n_up == 0 || n_up == ways.count() {
                let p = searched.map(|step| step.p);
                p.chain(asked.map(|step| step.p_there)).fold(0.0, f64::max)
            } else {
                1.0
            }
        });
        p.collect()
    }
}

/// Returns between which indices the cut is nineteen times of twenty: by the likelihood of the scores, with all places as
/// likely beforehand. Where scores have a memory, they say as much as fewer independent ones.
fn suspects(
    scores: &Moments,
    [before, after]: [&Range<usize>; 2],
    memory: Memory,
) -> (usize, usize) {
    let (begin, cut, end) = (before.start, before.end, after.end);
    let spread = |at: usize| scores.spread(&(begin..at)) + scores.spread(&(at..end));
    let smallest = spread(cut);
    let variance = smallest / float((end - begin).saturating_sub(2).max(1));
    if variance <= 0.0 {
        return (cut - 1, cut);
    }
    let places = begin + 1..end;
    let doubled = 2.0 * variance * memory.inflation();
    let weight = |at: usize| ((smallest - spread(at)) / doubled).exp();
    let weights: Vec<f64> = places.clone().map(weight).collect();
    let tail = weights.iter().sum::<f64>() * OUTSIDE / 2.0;
    let within = |weights: &mut dyn Iterator<Item = &f64>| {
        let mut sum = 0.0;
        let is_tail = |weight: &&f64| {
            sum += **weight;
            sum < tail
        };
        weights.take_while(is_tail).count()
    };
    let first = begin + 1 + within(&mut weights.iter());
    let last = end - 1 - within(&mut weights.iter().rev());
    (first.min(cut) - 1, last.max(cut))
}

/// The noise on one side of a change.
struct Side {
    /// The standard deviation, if it is normal.
    deviation: f64,
    /// How well that is known, as a part of it.
    error: f64,
    freedom: f64,
}

impl Side {
    /// By the mean distance from the median, which outliers have little say in, once they are brought back to where normal
    /// noise ends. The level is taken anew: that of both sides together is a matter of the wider one.
    fn of(residuals: &[f64]) -> Self {
        const END: f64 = 3.0;
        const NINE_OF_TEN: f64 = 1.645;
        let centre = median(&mut residuals.to_vec());
        let distances = residuals.iter().map(|value| (value - centre).abs());
        let mut distances: Vec<f64> = distances.collect();
        let end = END * quantile(&mut distances, 0.9) / NINE_OF_TEN;
        // Where nearly all are the same, the others are all that there is of noise.
        let end = if end > 0.0 { end } else { f64::INFINITY };
        let moments = Moments::of(
            &distances
                .iter()
                .map(|value| value.min(end))
                .collect::<Vec<_>>(),
        );
        let (count, whole) = (float(distances.len()), 0..distances.len());
        let (mean, freedom) = (moments.centre(), (count - 1.0).max(1.0));
        let error = if mean > 0.0 {
            (moments.spread(&whole) / freedom / count).sqrt() / mean
        } else {
            0.0
        };
        Self {
            deviation: mean * unshrunk(distances.len()) / NORMAL,
            error,
            freedom,
        }
    }
}

/// Returns by how much the deviation has changed. Its interval is one of a ratio.
fn change([before, after]: &[Side; 2], memory: Memory) -> Estimate {
    let [first, second] = [before, after].map(|side| side.error * side.error);
    let both = first + second;
    let reach = if both > 0.0 {
        let freedom =
            both * both / (first * first / before.freedom + second * second / after.freedom);
        let freedom = (freedom / memory.inflation()).max(1.0);
        ((both * memory.inflation()).sqrt() * student_quantile(OUTSIDE, freedom)).exp()
    } else {
        1.0
    };
    Estimate {
        value: after.deviation - before.deviation,
        low: after.deviation / reach - before.deviation,
        high: after.deviation * reach - before.deviation,
    }
}
