//! In which order and at which pace instances are tested.

use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use super::instance::Examination;
use crate::service::Service;

/// How many may be tested at once, and how many may not pass.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) parallel: usize,
    /// So many are under test at most; when so many have not passed, no more are started.
    pub(super) unavailable: Option<usize>,
}

impl Limits {
    fn workers(&self, instances: usize) -> usize {
        self.parallel
            .min(self.unavailable.unwrap_or(usize::MAX))
            .min(instances)
    }

    fn is_enough(&self, failed: usize) -> bool {
        self.unavailable
            .is_some_and(|unavailable| failed >= unavailable)
    }
}

/// How many of the instances may be unavailable: a number, or a share of them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unavailable {
    Number(usize),
    Percent(usize),
}

impl Unavailable {
    /// Returns how many of so many that are; at least one, as nothing would be tested otherwise.
    pub(super) fn of(self, instances: usize) -> usize {
        match self {
            Self::Number(number) => number,
            Self::Percent(percent) => (instances * percent / 100).max(1),
        }
    }
}

impl FromStr for Unavailable {
    type Err = InvalidUnavailable;

    fn from_str(text: &str) -> Result<Self, InvalidUnavailable> {
        let number = text.strip_suffix('%').unwrap_or(text);
        let is_share = number.len() < text.len();
        match number.parse() {
            Ok(percent @ 1..=100) if is_share => Ok(Self::Percent(percent)),
            Ok(number @ 1..) if !is_share => Ok(Self::Number(number)),
            _ => Err(InvalidUnavailable),
        }
    }
}

/// Why a text says nothing of how many may be unavailable.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct InvalidUnavailable;

impl fmt::Display for InvalidUnavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("write how many (`2`), or which share of all (`10%`), and one at least")
    }
}

impl std::error::Error for InvalidUnavailable {}

/// Tests all of them within the limits, and returns what came of each, in their order.
pub(super) fn roll(
    services: &[Service],
    limits: Limits,
    test: impl Fn(&Service) -> Examination + Sync,
) -> Vec<Examination> {
    let round = Mutex::new(Round {
        waiting: services.iter().enumerate(),
        examinations: services
            .iter()
            .map(|service| Examination::not_started(&service.address))
            .collect(),
        failed: 0,
    });
    thread::scope(|scope| {
        for _ in 0..limits.workers(services.len()) {
            scope.spawn(|| {
                while let Some((place, service)) = next(&round, limits) {
                    let examination = test(service);
                    lock(&round).note(place, examination);
                }
            });
        }
    });
    let round = round.into_inner().unwrap_or_else(PoisonError::into_inner);
    round.examinations
}

/// Who waits for a turn, and what came of the others.
struct Round<I> {
    waiting: I,
    examinations: Vec<Examination>,
    failed: usize,
}

impl<I> Round<I> {
    fn note(&mut self, place: usize, examination: Examination) {
        self.failed += usize::from(!examination.outcome.has_passed());
        self.examinations[place] = examination;
    }
}

/// Returns whose turn it is.
fn next<'a, I>(round: &Mutex<Round<I>>, limits: Limits) -> Option<(usize, &'a Service)>
where
    I: Iterator<Item = (usize, &'a Service)>,
{
    let mut round = lock(round);
    if limits.is_enough(round.failed) {
        return None;
    }
    round.waiting.next()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_many_may_be_unavailable_is_a_number_or_a_share() {
        let of = |text: &str, instances| text.parse().map(|some: Unavailable| some.of(instances));
        assert_eq!(of("2", 10), Ok(2));
        assert_eq!(of("25%", 10), Ok(2));
        assert_eq!(of("1%", 10), Ok(1));
        assert_eq!(of("100%", 10), Ok(10));
        for wrong in ["", "0", "0%", "101%", "%", "-1", "x", "1.5%"] {
            assert_eq!(of(wrong, 10), Err(InvalidUnavailable), "{wrong}");
        }
    }
}
