//! Which metrics weigh most.

use std::sync::atomic::Ordering::Relaxed;

use super::family::{AnyMembers, Family};
use super::members::Members;
use super::{Distribution, Registry};
use crate::weight::MetricWeight;

/// What a place in the index, one in the list, one among the lines, and the counts of references take.
const PLACES: usize = 48;

/// What the place of a counter beside others takes.
const PLACE: usize = 24;

impl Registry {
    /// Returns so many metrics, those with most series first.
    pub(crate) fn heaviest(&self, count: usize) -> Vec<MetricWeight> {
        let families = self.families.sorted();
        let mut weights: Vec<_> = families.iter().map(|family| weight(family)).collect();
        // By name where they weigh the same, as they come.
        weights.sort_by_key(|weight| std::cmp::Reverse(weight.series));
        weights.truncate(count);
        weights
    }
}

fn weight(family: &Family) -> MetricWeight {
    MetricWeight {
        name: family.name().to_owned(),
        kind: family.kind(),
        series: family.n_series.load(Relaxed),
        limit: family.limit,
        overflowed: family.n_overflowed.load(Relaxed),
        bytes: match &family.members {
            AnyMembers::Counters(members) => bytes(members, |_| PLACE),
            AnyMembers::Gauges(members) => bytes(members, |_| 0),
            AnyMembers::Histograms { members, .. } | AnyMembers::Summaries { members, .. } => {
                bytes(members, Distribution::heap_bytes)
            }
        },
    }
}

fn bytes<V>(members: &Members<V>, heap_bytes: impl Fn(&V) -> usize) -> usize {
    let listing = members.listed();
    let bytes = listing.series().iter().map(|series| {
        let value = heap_bytes(series.value());
        series.heap_bytes() + value + PLACES
    });
    bytes.sum()
}
