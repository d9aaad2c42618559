//! How much of the history was looked at.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use mad_store::{RunFilter, Store, StoreError};
use serde::Serialize;

use crate::timeline::Timeline;

/// What was measured, and what was not.
#[derive(Debug, Serialize)]
pub(crate) struct Coverage {
    pub(crate) commits: usize,
    /// Commits with any number.
    pub(crate) measured: usize,
    /// Runs on these commits, by how they ended.
    pub(crate) runs: BTreeMap<&'static str, usize>,
    pub(crate) series: usize,
    pub(crate) judged: usize,
    /// Different places and ways of measuring; their numbers are never joined.
    pub(crate) environments: usize,
    /// Commits that were measured more than once in one environment: what tells a change of the machine from one of the code.
    pub(crate) measured_again: usize,
}

impl Coverage {
    pub(super) fn of(store: &Store, timeline: &Timeline) -> Result<Self, StoreError> {
        let ids: HashSet<&str> = timeline.commits.iter().map(|one| one.id.as_str()).collect();
        let mut runs = BTreeMap::new();
        let mut times: HashMap<_, usize> = HashMap::new();
        for run in store.runs(&RunFilter::default())? {
            let Some(commit) = run.commit.filter(|id| ids.contains(id.as_str())) else {
                continue;
            };
            *runs.entry(run.status.word()).or_default() += 1;
            *times.entry((commit, run.environment)).or_default() += 1;
        }
        let again = times.iter().filter(|(_, times)| **times > 1);
        let again: HashSet<&str> = again.map(|((commit, _), _)| commit.as_str()).collect();
        let points = timeline.measured.iter().flat_map(|one| one.series.points());
        let positions: BTreeSet<u64> = points.map(|point| point.position).collect();
        let environments: BTreeSet<_> = timeline
            .measured
            .iter()
            .map(|one| &one.environment)
            .collect();
        Ok(Self {
            commits: timeline.commits.len(),
            measured: positions.len(),
            runs,
            series: timeline.measured.len(),
            judged: timeline.n_judged(),
            environments: environments.len(),
            measured_again: again.len(),
        })
    }
}
