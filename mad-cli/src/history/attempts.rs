//! What became of commits, by their place: ranges that do not build are found, and jumped.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// What became of a commit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Attempt {
    /// Something was measured.
    Measured,
    /// Nothing could be measured, for this reason.
    Broken(String),
    /// Nobody could try, for this reason, which says nothing of its neighbours: a disk that is full is no fault of a commit.
    Hindered(String),
    /// Nobody tried, as the nearest commits that were tried on both sides are broken for the same reason.
    Jumped(String),
}

/// What became of commits so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Attempts {
    of_places: BTreeMap<usize, Attempt>,
    /// Why nobody could try, be it that a repeat could.
    hindered: BTreeMap<usize, String>,
}

/// Neighbours of which nothing is known for the same reason.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct UnknownRange {
    /// From the first to the last: others may be between them, of which nobody has asked anything.
    pub(super) places: RangeInclusive<usize>,
    pub(super) n: usize,
    pub(super) reason: String,
    pub(super) n_jumped: usize,
}

impl Attempts {
    pub(super) fn add(&mut self, place: usize, attempt: Attempt) {
        if let Attempt::Hindered(reason) = &attempt {
            self.hindered.insert(place, reason.clone());
            // What was found out by another repeat stays true.
            self.of_places.entry(place).or_insert(attempt);
        } else {
            self.of_places.insert(place, attempt);
        }
    }

    pub(super) fn is_known(&self, place: usize) -> bool {
        self.of_places.contains_key(&place)
    }

    /// The reason for which a commit is not worth a try: the one that both its nearest neighbours have.
    pub(super) fn reason_to_jump(&self, place: usize) -> Option<&str> {
        let reason = |attempt: &Attempt| match attempt {
            Attempt::Broken(reason) | Attempt::Jumped(reason) => Some(reason.clone()),
            Attempt::Measured | Attempt::Hindered(_) => None,
        };
        let before = self
            .of_places
            .range(..place)
            .next_back()
            .and_then(|(_, attempt)| reason(attempt))?;
        let (_, after) = self.of_places.range(place + 1..).next()?;
        match after {
            Attempt::Broken(reason) | Attempt::Jumped(reason)
                if without_places(reason) == without_places(&before) =>
            {
                Some(reason)
            }
            _ => None,
        }
    }

    /// Why a commit was jumped, if it was: a repeat is not tried either.
    pub(super) fn reason_of_jumped(&self, place: usize) -> Option<String> {
        match self.of_places.get(&place) {
            Some(Attempt::Jumped(reason)) => Some(reason.clone()),
            _ => None,
        }
    }

    /// All that is broken, from old to new.
    pub(super) fn broken(&self) -> Vec<UnknownRange> {
        self.ranges(|_, attempt| match attempt {
            Attempt::Broken(reason) | Attempt::Jumped(reason) => Some(reason),
            Attempt::Measured | Attempt::Hindered(_) => None,
        })
    }

    /// All that nobody could try at least once, from old to new.
    pub(super) fn hindered(&self) -> Vec<UnknownRange> {
        self.ranges(|place, _| self.hindered.get(&place))
    }

    fn ranges<'own>(
        &'own self,
        reason: impl Fn(usize, &'own Attempt) -> Option<&'own String>,
    ) -> Vec<UnknownRange> {
        let mut ranges: Vec<UnknownRange> = Vec::new();
        let mut is_open = false;
        for (place, attempt) in &self.of_places {
            let Some(reason) = reason(*place, attempt) else {
                is_open = false;
                continue;
            };
            let n_jumped = usize::from(matches!(attempt, Attempt::Jumped(_)));
            match ranges.last_mut().filter(|_| is_open) {
                Some(range) if without_places(&range.reason) == without_places(reason) => {
                    range.places = *range.places.start()..=*place;
                    range.n += 1;
                    range.n_jumped += n_jumped;
                }
                _ => ranges.push(UnknownRange {
                    places: *place..=*place,
                    n: 1,
                    reason: reason.clone(),
                    n_jumped,
                }),
            }
            is_open = true;
        }
        ranges
    }
}

/// A reason without the numbers in it: the same error moves from line to line as the code around it changes.
fn without_places(reason: &str) -> String {
    let reason = reason.split(" (").next().unwrap_or(reason);
    reason
        .chars()
        .filter(|letter| !letter.is_ascii_digit())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(reason: &str) -> Attempt {
        Attempt::Broken(reason.to_owned())
    }

    #[test]
    fn what_is_between_two_of_a_kind_is_not_worth_a_try() {
        let mut attempts = Attempts::default();
        assert_eq!(attempts.reason_to_jump(5), None);
        attempts.add(2, broken("error: no such crate (src/lib.rs:7)"));
        assert_eq!(
            attempts.reason_to_jump(5),
            None,
            "the other side is not known"
        );
        attempts.add(8, broken("error: no such crate (src/lib.rs:9)"));
        assert!(attempts.reason_to_jump(5).is_some());
        attempts.add(4, broken("error: another"));
        assert_eq!(attempts.reason_to_jump(5), None);
        attempts.add(6, Attempt::Measured);
        assert_eq!(attempts.reason_to_jump(7), None);
    }

    #[test]
    fn what_hindered_one_says_nothing_of_another() {
        let mut attempts = Attempts::default();
        let hindered = || Attempt::Hindered("no room".to_owned());
        attempts.add(2, hindered());
        attempts.add(8, hindered());
        assert_eq!(attempts.reason_to_jump(5), None);
        attempts.add(8, broken("no room"));
        assert_eq!(attempts.reason_to_jump(5), None);
        assert_eq!(attempts.hindered().len(), 1);
        assert_eq!(attempts.broken().len(), 1);
    }

    #[test]
    fn ranges_end_where_something_works_or_the_reason_changes() {
        let mut attempts = Attempts::default();
        attempts.add(1, broken("a"));
        attempts.add(2, Attempt::Jumped("a".to_owned()));
        attempts.add(3, broken("a"));
        attempts.add(4, Attempt::Measured);
        attempts.add(5, broken("a"));
        attempts.add(6, broken("b"));
        let ranges: Vec<_> = attempts
            .broken()
            .into_iter()
            .map(|range| (range.places, range.n_jumped))
            .collect();
        assert_eq!(ranges, [(1..=3, 1), (5..=5, 0), (6..=6, 0)]);
    }
}
