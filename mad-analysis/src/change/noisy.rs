//! Changes in what is never the same twice.

use std::ops::Range;

use super::location::relocated;
use super::memory::{Estimated, Memory};
use super::moments::Moments;
use super::segmentation::optimal_cuts;
use super::significance::Difference;
use super::tamed::tamed;
use super::trend::{Leg, Trend};
use crate::float;

/// The number of points below which nothing is said.
pub(crate) const FEWEST: usize = 10;

/// A change that chance makes more often than that, in a whole series without any, is none.
const LEVEL: f64 = 0.05;

/// The same within a segment, where nobody would see it who looks at the whole.
const INNER_LEVEL: f64 = 0.001;

/// By how much Schwarz's criterion has to differ before it says anything (Kass and Raftery, Bayes factors, 1995).
const WORTH_A_MENTION: f64 = 2.0;

/// A change between two stretches of a series.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) form: Form,
    pub(crate) difference: Difference,
    /// How often chance makes as much somewhere in the series.
    pub(crate) p: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// At this index another level begins.
    Step { at: usize },
    /// Between these indices it went somewhere.
    Drift { begin: usize, end: usize },
}

/// Returns the changes of a series, from first to last: steps, or else drifts.
pub(crate) fn changes(values: &[f64]) -> Vec<Change> {
    let tamed = tamed(values);
    let penalty = 3.0 * float(values.len()).ln();
    let stretch = Stretch::of(&tamed, penalty, Estimated::certain);
    if stretch.is_constant() {
        return Vec::new();
    }
    let cuts = stretch.cuts();
    if let Some(trend) = stretch.better_trend(&cuts) {
        return stretch.drifts(&trend);
    }
    let cuts = stretch.refined(stretch.confirmed(cuts, LEVEL));
    stretch.steps(&relocated(values, &tamed, cuts), Estimated::possible)
}

/// A series, or a part of one, that is looked at for changes.
struct Stretch<'a> {
    values: &'a [f64],
    moments: Moments,
    variance: f64,
    /// What a cut has to explain, in variances of the whole. A large step hides small ones by that, which is what people see, too;
    /// [`Self::refined`] finds those.
    penalty: f64,
    /// What noise is taken to remember where it is asked whether something is there.
    memory: fn(Estimated) -> Memory,
}

impl<'a> Stretch<'a> {
    fn of(values: &'a [f64], penalty: f64, memory: fn(Estimated) -> Memory) -> Self {
        let moments = Moments::of(values);
        let variance = moments.spread(&(0..values.len())) / float(values.len());
        Self {
            values,
            moments,
            variance,
            penalty,
            memory,
        }
    }

    /// Whether all values are one but for rounding.
    fn is_constant(&self) -> bool {
        let rounding = self.moments.centre().abs() * 1e-12;
        self.variance <= rounding * rounding
    }

    fn cuts(&self) -> Vec<usize> {
        optimal_cuts(self.values, self.penalty * self.variance)
    }

    /// Returns lines that tell the series better than steps do, each counted with what it takes to describe it (Schwarz's
    /// criterion).
    fn better_trend(&self, cuts: &[usize]) -> Option<Trend> {
        let count = self.values.len();
        let criterion = |spread: f64, parameters: usize| {
            let spread = (spread / float(count)).max(self.variance * 1e-12);
            float(count).mul_add(spread.ln(), float(parameters) * float(count).ln())
        };
        let spreads = self.segments(cuts).map(|range| self.moments.spread(&range));
        let steps = criterion(spreads.sum(), 2 * cuts.len() + 1);
        let line = Some(Trend::line(&self.moments, count));
        let trends = [line, Trend::broken(&self.moments, count)];
        let judged = trends
            .into_iter()
            .flatten()
            .map(|trend| (criterion(trend.spread, trend.parameters), trend));
        let (best, trend) = judged.min_by(|a, b| a.0.total_cmp(&b.0))?;
        // Where there is no step to explain, a line has as much to show for itself as a step has.
        let margin = if cuts.is_empty() {
            self.penalty
        } else {
            WORTH_A_MENTION
        };
        (best <= steps - margin).then_some(trend)
    }

    fn drifts(&self, trend: &Trend) -> Vec<Change> {
        let levels = trend.levels();
        let residuals = self.values.iter().zip(levels);
        let residuals: Vec<f64> = residuals.map(|(value, level)| value - level).collect();
        let memory = Estimated::of_residuals(&residuals, trend.parameters);
        let variance = trend.spread / float(self.values.len() - trend.parameters);
        // The place where two legs meet was searched for.
        let tries = match trend.legs.len() {
            1 => 1.0,
            _ => float(self.values.len()),
        };
        let of = |leg: &Leg, memory| {
            let form = Form::Drift {
                begin: leg.begin,
                end: leg.end,
            };
            Change::new(form, Difference::along(leg, variance, memory), tries)
        };
        let legs = trend.legs.iter();
        let stands = |leg: &&Leg| of(leg, (self.memory)(memory)).p <= LEVEL;
        legs.filter(stands)
            .map(|leg| of(leg, memory.possible()))
            .collect()
    }

    /// Leaves out the least certain cut, again and again, until chance made none of those that are left.
    fn confirmed(&self, mut cuts: Vec<usize>, level: f64) -> Vec<usize> {
        loop {
            let steps = self.steps(&cuts, self.memory);
            let least = steps
                .iter()
                .enumerate()
                .max_by(|a, b| a.1.p.total_cmp(&b.1.p));
            match least {
                Some((index, step)) if step.p > level => cuts.remove(index),
                _ => return cuts,
            };
        }
    }

    /// Looks again within segments, where memory is not told from a level that wanders: what is found there has to be beyond
    /// both.
    fn refined(&self, mut cuts: Vec<usize>) -> Vec<usize> {
        if cuts.is_empty() {
            return cuts;
        }
        let mut segments: Vec<_> = self.segments(&cuts).collect();
        while let Some(segment) = segments.pop() {
            if segment.len() < 2 * FEWEST {
                continue;
            }
            let values = &self.values[segment.clone()];
            let part = Stretch::of(values, self.penalty, Estimated::certain_of_levels);
            let inner = part.inner_cuts();
            if !inner.is_empty() {
                let parts = part.segments(&inner);
                segments
                    .extend(parts.map(|part| segment.start + part.start..segment.start + part.end));
                cuts.extend(inner.iter().map(|cut| segment.start + cut));
            }
        }
        cuts.sort_unstable();
        cuts
    }

    fn inner_cuts(&self) -> Vec<usize> {
        if self.is_constant() {
            return Vec::new();
        }
        let cuts = self.cuts();
        if self.better_trend(&cuts).is_some() {
            return Vec::new();
        }
        self.confirmed(cuts, INNER_LEVEL)
    }

    fn steps(&self, cuts: &[usize], memory: fn(Estimated) -> Memory) -> Vec<Change> {
        let segments: Vec<_> = self.segments(cuts).collect();
        let count = self.values.len();
        let spread = segments
            .iter()
            .map(|range| self.moments.spread(range))
            .sum();
        let products = segments
            .iter()
            .map(|range| self.moments.neighbour_product(range));
        let memory = memory(Estimated::of(products.sum(), spread, count, segments.len()));
        let pooled = spread / float(count.saturating_sub(segments.len()).max(1));
        // Bonferroni's correction, for as many places as there are independent values.
        let tries = (float(count - 1) / memory.inflation()).max(1.0);
        let steps = segments.windows(2).map(|pair| {
            let form = Form::Step { at: pair[1].start };
            let sides = [&pair[0], &pair[1]];
            let difference = Difference::of_means(&self.moments, sides, pooled, memory);
            Change::new(form, difference, tries)
        });
        steps.collect()
    }

    fn segments(&self, cuts: &[usize]) -> impl Iterator<Item = Range<usize>> {
        let begins = std::iter::once(0).chain(cuts.iter().copied());
        let ends = cuts.iter().copied().chain([self.values.len()]);
        begins.zip(ends).map(|(begin, end)| begin..end)
    }
}

impl Change {
    fn new(form: Form, difference: Difference, tries: f64) -> Self {
        Self {
            form,
            difference,
            p: (difference.p() * tries).min(1.0),
        }
    }
}
