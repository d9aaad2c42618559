//! A series, or a part of one, that is looked at for other levels.

use std::ops::Range;

use super::memory::{Estimated, Memory};
use super::moments::Moments;
use super::segmentation::optimal_cuts;
use super::significance::Difference;
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
    /// How often chance makes as much there.
    pub(crate) p_there: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// At this index another level begins.
    Step { at: usize },
    /// Between these indices it went somewhere.
    Drift { begin: usize, end: usize },
}

/// A series, or a part of one, that is looked at for changes.
pub(super) struct Stretch<'a> {
    values: &'a [f64],
    pub(super) moments: Moments,
    variance: f64,
    /// What a cut has to explain, in variances of the whole. A large step hides small ones by that, which is what people see, too;
    /// [`Self::refined`] finds those.
    penalty: f64,
    /// What noise is taken to remember where it is asked whether something is there.
    memory: fn(Estimated) -> Memory,
}

impl<'a> Stretch<'a> {
    pub(super) fn of(values: &'a [f64], penalty: f64, memory: fn(Estimated) -> Memory) -> Self {
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
    pub(super) fn is_constant(&self) -> bool {
        let rounding = self.moments.centre().abs() * 1e-12;
        self.variance <= rounding * rounding
    }

    pub(super) fn cuts(&self) -> Vec<usize> {
        optimal_cuts(self.values, self.penalty * self.variance)
    }

    /// Returns lines that tell the series better than steps do, each counted with what it takes to describe it (Schwarz's
    /// criterion).
    pub(super) fn better_trend(&self, cuts: &[usize]) -> Option<Trend> {
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

    pub(super) fn drifts(&self, trend: &Trend) -> Vec<Change> {
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
    pub(super) fn confirmed(&self, mut cuts: Vec<usize>, level: f64) -> Vec<usize> {
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

    /// Leaves out the cuts that chance made, and looks again within the segments, where memory is not told from a level that
    /// wanders: what is found there has to be beyond both.
    pub(super) fn refined(&self, cuts: Vec<usize>) -> Vec<usize> {
        let mut cuts = self.confirmed(cuts, LEVEL);
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

    pub(super) fn steps(&self, cuts: &[usize], memory: fn(Estimated) -> Memory) -> Vec<Change> {
        let segments: Vec<_> = self.segments(cuts).collect();
        let count = self.values.len();
        let spread = self.spread(&segments);
        let memory = memory(self.memory_beside(&segments));
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

    /// Returns the squared distances from the means of the segments, in sum.
    fn spread(&self, segments: &[Range<usize>]) -> f64 {
        segments
            .iter()
            .map(|range| self.moments.spread(range))
            .sum()
    }

    /// Returns how much of the noise around the means of the segments is remembered.
    pub(super) fn memory_beside(&self, segments: &[Range<usize>]) -> Estimated {
        let products = segments
            .iter()
            .map(|range| self.moments.neighbour_product(range));
        let (count, levels) = (self.values.len(), segments.len());
        Estimated::of(products.sum(), self.spread(segments), count, levels)
    }

    pub(super) fn segments(&self, cuts: &[usize]) -> impl Iterator<Item = Range<usize>> {
        let begins = std::iter::once(0).chain(cuts.iter().copied());
        let ends = cuts.iter().copied().chain([self.values.len()]);
        begins.zip(ends).map(|(begin, end)| begin..end)
    }
}

impl Change {
    fn new(form: Form, difference: Difference, tries: f64) -> Self {
        let p_there = difference.p();
        Self {
            form,
            difference,
            p: (p_there * tries).min(1.0),
            p_there,
        }
    }
}
