//! Where a series changes: a search that asks for one number after another, and again where noise could decide.
//!
//! It knows places and numbers, and neither commits nor how a number comes about.

use std::collections::BTreeMap;

/// So often is anything measured at most.
const AT_MOST: usize = 15;

/// A number is on a side when it is so many standard errors away from the middle.
const STANDARD_ERRORS: f64 = 3.0;

/// What was found at a place.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reading {
    Value(f64),
    /// There is nothing to measure, for this reason.
    Nothing(String),
}

/// What the search wants to know next.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// One more number of a place.
    Measure(usize),
    /// All that can be said.
    Done(Found),
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found {
    /// The last place on the side of the good one, and the first on the side of the bad one. What is between them could
    /// not be measured.
    Change { last_good: usize, first_bad: usize },
    /// The two ends have not differed enough.
    Alike,
    /// An end cannot be measured.
    NoEnd(usize, String),
}

/// A search for the first place that can be measured at all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beginning {
    nothing: usize,
    something: usize,
}

impl Beginning {
    /// Between a place with nothing and one with something.
    pub(super) fn between(nothing: usize, something: usize) -> Self {
        Self { nothing, something }
    }

    /// The place to look at next, if there is any left.
    pub(super) fn next(self) -> Option<usize> {
        (self.something - self.nothing > 1).then(|| self.nothing.midpoint(self.something))
    }

    pub(super) fn add(&mut self, place: usize, is_something: bool) {
        if is_something {
            self.something = place;
        } else {
            self.nothing = place;
        }
    }

    /// The first place with something, once there is no more to look at.
    pub(super) fn first(self) -> usize {
        self.something
    }
}

/// A search between a good place, which is 0, and a bad one.
#[derive(Debug)]
pub(super) struct Search {
    bad: usize,
    /// So often is each end measured before it is said how much noise there is, and what decides in the end: once means
    /// that the same place has the same number each time.
    at_ends: usize,
    values: BTreeMap<usize, Vec<f64>>,
    nothing: BTreeMap<usize, String>,
}

impl Search {
    pub(super) fn new(bad: usize, at_ends: usize) -> Self {
        Self {
            bad,
            at_ends,
            values: BTreeMap::new(),
            nothing: BTreeMap::new(),
        }
    }

    pub(super) fn add(&mut self, place: usize, reading: Reading) {
        match reading {
            Reading::Value(value) => self.values.entry(place).or_default().push(value),
            Reading::Nothing(reason) => _ = self.nothing.insert(place, reason),
        }
    }

    /// How often a place has been measured.
    pub(super) fn n_readings(&self, place: usize) -> usize {
        self.values.get(&place).map_or(0, Vec::len)
    }

    pub(super) fn median(&self, place: usize) -> Option<f64> {
        self.values.get(&place).map(|values| median(values))
    }

    /// Why there is nothing at a place, if it was tried.
    pub(super) fn nothing_at(&self, place: usize) -> Option<&str> {
        self.nothing.get(&place).map(String::as_str)
    }

    pub(super) fn next(&self) -> Step {
        for end in [0, self.bad] {
            if let Some(reason) = self.nothing.get(&end) {
                return Step::Done(Found::NoEnd(end, reason.clone()));
            }
        }
        // In turns, so that a machine that gets slower is not taken for a change.
        let least = [0, self.bad]
            .into_iter()
            .min_by_key(|end| self.n_readings(*end))
            .unwrap_or(0);
        if self.n_readings(least) < self.at_ends {
            return Step::Measure(least);
        }
        if !self.are_ends_apart() {
            // What is the same each time will be so the next time.
            let is_steady = self.standard_error(1) == 0.0;
            if !is_steady && self.n_readings(least) < AT_MOST {
                return Step::Measure(least);
            }
            return Step::Done(Found::Alike);
        }
        if let Some(open) = self
            .values
            .keys()
            .find(|place| self.is_bad(**place).is_none())
        {
            return Step::Measure(*open);
        }
        let (last_good, first_bad) = self.boundary();
        if let Some(place) = self.middle_of_widest_gap(last_good, first_bad) {
            return Step::Measure(place);
        }
        // What decides is measured again, as often as the ends were.
        match [last_good, first_bad]
            .into_iter()
            .find(|place| self.n_readings(*place) < self.at_ends)
        {
            Some(place) => Step::Measure(place),
            None => Step::Done(Found::Change {
                last_good,
                first_bad,
            }),
        }
    }

    fn is_noisy(&self) -> bool {
        self.at_ends > 1
    }

    /// The first place that is bad, and the last good one before it.
    fn boundary(&self) -> (usize, usize) {
        let is_bad = |place: &&usize| self.is_bad(**place) == Some(true);
        let first_bad = self.values.keys().find(is_bad).copied().unwrap_or(self.bad);
        let last_good = self
            .values
            .range(..first_bad)
            .next_back()
            .map_or(0, |(place, _)| *place);
        (last_good, first_bad)
    }

    /// Where to look next. Between two places that have nothing for the same reason nobody looks.
    fn middle_of_widest_gap(&self, last_good: usize, first_bad: usize) -> Option<usize> {
        let mut known: Vec<usize> = vec![last_good];
        known.extend(
            self.nothing
                .range(last_good..first_bad)
                .map(|(place, _)| *place),
        );
        known.push(first_bad);
        let gaps = known.windows(2).map(|pair| (pair[0], pair[1]));
        let is_open = |(begin, end): &(usize, usize)| {
            let alike = self
                .nothing
                .get(begin)
                .zip(self.nothing.get(end))
                .is_some_and(|(one, other)| one == other);
            end - begin > 1 && !alike
        };
        let widest = gaps
            .filter(is_open)
            .max_by_key(|(begin, end)| end - begin)?;
        Some(widest.0.midpoint(widest.1))
    }

    /// Whether a place is on the side of the bad end; nothing, if it has to be measured again to say so.
    fn is_bad(&self, place: usize) -> Option<bool> {
        let values = self.values.get(&place)?;
        let (good, bad) = (self.median(0)?, self.median(self.bad)?);
        let middle = f64::midpoint(good, bad);
        let value = median(values);
        let is_plain = (value - middle).abs() > STANDARD_ERRORS * self.standard_error(values.len());
        let is_bad = (value > middle) == (bad > good);
        (is_plain || !self.is_noisy() || values.len() >= AT_MOST).then_some(is_bad)
    }

    fn are_ends_apart(&self) -> bool {
        let Some((good, bad)) = self.median(0).zip(self.median(self.bad)) else {
            return false;
        };
        let n = self.n_readings(0).min(self.n_readings(self.bad));
        // The difference of two medians has twice the variance of one.
        let needed = STANDARD_ERRORS * std::f64::consts::SQRT_2 * self.standard_error(n);
        (good - bad).abs() > if self.is_noisy() { needed } else { 0.0 }
    }

    /// Of a median of so many numbers, after the distances of all numbers from the medians of their places.
    fn standard_error(&self, n: usize) -> f64 {
        let mut squares = 0.0;
        let mut freedom = 0;
        for values in self.values.values() {
            let middle = median(values);
            squares += values
                .iter()
                .map(|value| (value - middle).powi(2))
                .sum::<f64>();
            freedom += values.len() - 1;
        }
        let variance = if freedom == 0 {
            0.0
        } else {
            squares / float(freedom)
        };
        // A median of normal numbers has pi/2 times the variance of their mean.
        (std::f64::consts::FRAC_PI_2 * variance / float(n.max(1))).sqrt()
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    }
}

#[expect(clippy::cast_precision_loss, reason = "nothing is measured so often")]
fn float(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Searches in a series, and returns what was found after how many measurements.
    fn search(
        bad: usize,
        at_ends: usize,
        mut read: impl FnMut(usize) -> Reading,
    ) -> (Found, usize) {
        let mut search = Search::new(bad, at_ends);
        for n in 0..10_000 {
            match search.next() {
                Step::Measure(place) => search.add(place, read(place)),
                Step::Done(found) => return (found, n),
            }
        }
        panic!("it does not end");
    }

    /// Numbers with a normal distribution, the same each time.
    fn normal(seed: u64) -> impl FnMut() -> f64 {
        let mut state = seed;
        let mut uniform = move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
            let uniform = ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
            uniform
        };
        move || (-2.0 * uniform().ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos()
    }

    #[test]
    fn what_is_exact_is_found_in_as_many_steps_as_halving_takes() {
        for change in 1..=1_000 {
            let (found, n) = search(1_000, 1, |place| {
                Reading::Value(if place < change { 7.0 } else { 6.0 })
            });
            assert_eq!(
                found,
                Found::Change {
                    last_good: change - 1,
                    first_bad: change
                }
            );
            assert!(n <= 12, "{n}");
        }
    }

    #[test]
    fn ends_that_are_alike_or_missing_are_said() {
        assert_eq!(search(9, 1, |_| Reading::Value(1.0)).0, Found::Alike);
        assert_eq!(search(9, 5, |_| Reading::Value(1.0)).0, Found::Alike);
        let mut noise = normal(7);
        assert_eq!(search(9, 5, |_| Reading::Value(noise())).0, Found::Alike);
        let nothing = Reading::Nothing("gone".to_owned());
        assert_eq!(
            search(9, 5, |_| nothing.clone()).0,
            Found::NoEnd(0, "gone".to_owned())
        );
    }

    #[test]
    fn a_step_of_five_per_cent_in_noise_of_two_is_found() {
        let mut n_right = 0;
        for seed in 0..200 {
            let mut noise = normal(seed);
            let change = 1 + usize::try_from(seed).unwrap() % 100;
            let read = |place| {
                let level = if place < change { 100.0 } else { 105.0 };
                Reading::Value(level + 2.0 * noise())
            };
            let (found, n) = search(100, 5, read);
            n_right += usize::from(
                found
                    == Found::Change {
                        last_good: change - 1,
                        first_bad: change,
                    },
            );
            assert!(n < 160, "{n}");
        }
        assert!(n_right >= 190, "{n_right} of 200");
    }

    proptest! {
        /// Places without a number hide the change at most as far as they reach.
        #[test]
        fn what_cannot_be_measured_widens_what_is_found_and_no_more(
            change in 1_usize..100,
            begin in 1_usize..100,
            length in 0_usize..40,
        ) {
            let hidden = begin..(begin + length).min(100);
            let read = |place| if hidden.contains(&place) {
                Reading::Nothing("broken".to_owned())
            } else {
                Reading::Value(if place < change { 1.0 } else { 2.0 })
            };
            let (found, n) = search(100, 1, read);
            let last_good = (0..change).rev().find(|place| !hidden.contains(place)).unwrap();
            let first_bad = (change..=100).find(|place| !hidden.contains(place)).unwrap();
            prop_assert_eq!(found, Found::Change { last_good, first_bad });
            prop_assert!(n <= 40, "{}", n);
        }
    }
}
