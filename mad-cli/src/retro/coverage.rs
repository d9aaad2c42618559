//! How much of the history was looked at.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use mad_store::{MetricKind, Run, RunFilter, Status, Store, StoreError};
use serde::Serialize;

use crate::output::line;
use crate::timeline::{Measured, Timeline};

/// A run so much later than its commit was not made for it at the time.
const LATER_SECONDS: i64 = 7 * 86_400;

/// So many reasons are told, in so many letters each.
const REASONS: usize = 5;
const REASON_LETTERS: usize = 120;

/// What was measured, and what was not.
#[derive(Debug, Serialize)]
pub(crate) struct Coverage {
    pub(crate) commits: usize,
    /// Commits with any number.
    pub(crate) measured: usize,
    /// Runs on these commits, by how they ended.
    pub(crate) runs: BTreeMap<&'static str, usize>,
    /// Why runs did not end well, the most frequent reason first.
    pub(crate) reasons: Vec<Cause>,
    /// Runs that were made more than a week after their commit: what they say could have been known then, and was not.
    pub(crate) later: usize,
    pub(crate) series: usize,
    pub(crate) judged: usize,
    /// Different places and ways of measuring; their numbers are never joined.
    pub(crate) environments: usize,
    /// Commits that were measured more than once in one environment: what tells a change of the machine from one of the code.
    pub(crate) measured_again: usize,
    /// What that came to, of what should be the same each time and of what is noisy.
    pub(crate) again: BTreeMap<&'static str, Repeated>,
}

/// Why runs ended as they did.
#[derive(Debug, Serialize)]
pub(crate) struct Cause {
    pub(crate) status: &'static str,
    pub(crate) reason: String,
    pub(crate) runs: usize,
}

/// How much differs at a commit that was measured again.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Repeated {
    pub(crate) series: usize,
    /// How many of them differ at all.
    pub(crate) differ: usize,
    /// The largest difference, as a part of the value.
    pub(crate) most: f64,
}

impl Coverage {
    pub(super) fn of(store: &Store, timeline: &Timeline) -> Result<Self, StoreError> {
        let dates: HashMap<&str, i64> = timeline
            .commits
            .iter()
            .map(|one| (one.id.as_str(), one.committed_at))
            .collect();
        let mut runs = BTreeMap::new();
        let mut reasons: BTreeMap<(&'static str, String), usize> = BTreeMap::new();
        let mut later = 0;
        let mut times: HashMap<_, usize> = HashMap::new();
        for run in store.runs(&RunFilter::default())? {
            let Some(date) = run.commit.as_deref().and_then(|id| dates.get(id)) else {
                continue;
            };
            *runs.entry(run.status.word()).or_default() += 1;
            if let Some(reason) = reason(&run) {
                *reasons.entry((run.status.word(), reason)).or_default() += 1;
            }
            later += usize::from(run.started_at / 1_000 - date > LATER_SECONDS);
            *times
                .entry((run.commit, run.environment, run.command))
                .or_default() += 1;
        }
        let again = times.iter().filter(|(_, times)| **times > 1);
        let again: HashSet<_> = again.map(|((commit, ..), _)| commit).collect();
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
            reasons: most_frequent(reasons),
            later,
            series: timeline.measured.len(),
            judged: timeline.n_judged(),
            environments: environments.len(),
            measured_again: again.len(),
            again: repeated(&timeline.measured),
        })
    }
}

fn reason(run: &Run) -> Option<String> {
    let is_well = run.status == Status::Complete;
    let first = run
        .reason
        .as_deref()?
        .lines()
        .find(|line| !line.trim().is_empty())?;
    (!is_well).then(|| line(first.trim(), REASON_LETTERS))
}

fn most_frequent(reasons: BTreeMap<(&'static str, String), usize>) -> Vec<Cause> {
    let mut causes: Vec<_> = reasons
        .into_iter()
        .map(|((status, reason), runs)| Cause {
            status,
            reason,
            runs,
        })
        .collect();
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.runs));
    causes.truncate(REASONS);
    causes
}

fn repeated(measured: &[Measured]) -> BTreeMap<&'static str, Repeated> {
    let mut all: BTreeMap<_, Repeated> = BTreeMap::new();
    for one in measured.iter().filter(|one| one.again.commits > 0) {
        let word = match one.metric.kind {
            MetricKind::Noisy => "noisy",
            MetricKind::Exact | MetricKind::Ratio | MetricKind::Outcome => "exact",
        };
        let repeated = all.entry(word).or_default();
        repeated.series += 1;
        repeated.differ += usize::from(one.again.most > 0.0);
        repeated.most = repeated.most.max(one.again.most);
    }
    all
}
