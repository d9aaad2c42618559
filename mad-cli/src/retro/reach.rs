//! At which commits was measured, environment by environment.

use std::collections::{BTreeMap, BTreeSet};

use mad_analysis::Incident;
use mad_store::Environment;

use crate::timeline::Measured;

/// An environment whose numbers are known at fewer commits than half of what the widest one has is not back-tested: its alarms
/// could come nowhere else.
const WIDE: usize = 2;

/// The positions that were measured, by environment.
#[derive(Debug)]
pub(super) struct Reach<'a> {
    positions: BTreeMap<&'a Environment, BTreeSet<u64>>,
    widest: usize,
}

impl<'a> Reach<'a> {
    pub(super) fn of(measured: &[&'a Measured]) -> Self {
        let mut positions: BTreeMap<&Environment, BTreeSet<u64>> = BTreeMap::new();
        for one in measured {
            let points = one.series.points().iter().map(|point| point.position);
            positions
                .entry(&one.environment)
                .or_default()
                .extend(points);
        }
        Self {
            widest: positions.values().map(BTreeSet::len).max().unwrap_or(0),
            positions,
        }
    }

    /// Returns whether an environment was measured at so many commits that its alarms may be counted.
    pub(super) fn is_wide(&self, environment: &Environment) -> bool {
        self.positions
            .get(environment)
            .is_some_and(|positions| WIDE * positions.len() >= self.widest)
    }

    /// Returns the environments in which at least half of what was measured before an incident was measured, and the
    /// positions that were measured in all of them: only these can be held against each other.
    pub(super) fn alike(&self, incident: &Incident) -> (Vec<&'a Environment>, Vec<u64>) {
        let before = |positions: &BTreeSet<u64>| {
            let concerned = positions
                .iter()
                .filter(|position| incident.concerns(**position));
            concerned.count()
        };
        let most = self.positions.values().map(before).max().unwrap_or(0);
        let meant: Vec<_> = self
            .positions
            .iter()
            .filter(|(_, positions)| most > 0 && 2 * before(positions) >= most)
            .collect();
        let mut all = meant.iter().map(|(_, positions)| (*positions).clone());
        let first = all.next().unwrap_or_default();
        let common = all.fold(first, |common, positions| &common & &positions);
        let environments = meant.iter().map(|(environment, _)| **environment);
        (environments.collect(), common.into_iter().collect())
    }

    /// Returns each environment with the number of commits that were measured in it.
    pub(super) fn counts(&self) -> impl Iterator<Item = (&'a Environment, usize)> {
        self.positions
            .iter()
            .map(|(environment, positions)| (*environment, positions.len()))
    }
}
