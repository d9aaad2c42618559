//! What was measured, along a line of commits.

use std::collections::{BTreeMap, HashMap};

use mad_analysis::{Direction, Judgement, Kind, Series, judge_all};
use mad_store::{Commit, Environment, Metric, MetricKind, Store, StoreError, Subject, SubjectKind};

/// What stands in an environment as the runner of something that is no test.
pub(crate) const COMMAND: &str = "command";

/// What tells, in an environment, one version of an overlay or a probe from others.
pub(crate) const VERSION: &str = "version";

/// Where an environment has which overlay, and which probe.
pub(crate) const OVERLAY: &str = "overlay";
pub(crate) const PROBE: &str = "probe";

/// Commits, the oldest first, and what was measured at them. A position is a place in the list.
#[derive(Debug)]
pub(crate) struct Timeline {
    pub(crate) commits: Vec<Commit>,
    pub(crate) measured: Vec<Measured>,
}

/// One thing that was measured, in one environment.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) subject: Subject,
    pub(crate) metric: Metric,
    pub(crate) environment: Environment,
    pub(crate) series: Series,
    pub(crate) judgement: Judgement,
    pub(crate) again: Again,
}

/// Commits at which something was measured more than once: what tells a change of the machine from one of the code.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Again {
    pub(crate) commits: usize,
    /// The largest difference between two values of one commit, as a part of the larger one.
    pub(crate) most: f64,
}

impl Again {
    fn of(values: &[(u64, f64)]) -> Self {
        let mut values = values.to_vec();
        values.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let repeated = values
            .chunk_by(|a, b| a.0 == b.0)
            .filter(|group| group.len() > 1);
        let differences = repeated.map(|group| {
            let (least, most) = (group[0].1, group[group.len() - 1].1);
            let size = least.abs().max(most.abs());
            if size > 0.0 {
                (most - least) / size
            } else {
                0.0
            }
        });
        differences.fold(Self::default(), |again, difference| Self {
            commits: again.commits + 1,
            most: again.most.max(difference),
        })
    }
}

impl Timeline {
    /// Reads what was measured at these commits, and judges it: all together, as the certainty of each finding depends on
    /// how many series were asked.
    ///
    /// What was measured with changes that are in no commit is left out, and so are commits that are not on the line. Of an
    /// overlay or a probe that was changed, what was measured last counts.
    pub(crate) fn read(
        store: &Store,
        commits: Vec<Commit>,
        is_meant: impl Fn(&Measured) -> bool,
    ) -> Result<Self, StoreError> {
        let positions = (0_u64..).zip(&commits);
        let positions: HashMap<&str, u64> = positions
            .map(|(position, commit)| (commit.id.as_str(), position))
            .collect();
        let mut measured = Vec::new();
        let mut newest = Newest::default();
        for series in store.series(&mad_store::SeriesFilter::default())? {
            let points = store.points(&series)?;
            let values = points.iter().filter(|point| !point.dirty);
            let placed = values.filter_map(|point| {
                let position = positions.get(point.commit.as_deref()?)?;
                Some((*position, point))
            });
            let placed: Vec<_> = placed.collect();
            let moments = placed.iter().map(|(_, point)| point.started_at);
            newest.see(&series.environment, moments);
            let placed: Vec<_> = placed
                .into_iter()
                .map(|(position, point)| (position, point.value))
                .collect();
            let (kind, direction) = judged_as(&series.metric);
            let one = Measured {
                again: Again::of(&placed),
                series: Series::new(kind, direction, placed),
                subject: series.subject,
                metric: series.metric,
                environment: series.environment,
                judgement: Judgement::Judged(Vec::new()),
            };
            if !one.series.points().is_empty() && is_meant(&one) {
                measured.push(one);
            }
        }
        measured.retain(|one| newest.is(&one.environment));
        let judgements = judge_all(measured.iter().map(|one| &one.series));
        for (one, judgement) in measured.iter_mut().zip(judgements) {
            one.judgement = judgement;
        }
        Ok(Self { commits, measured })
    }

    /// Returns how many series could be judged.
    pub(crate) fn n_judged(&self) -> usize {
        let judged = self.measured.iter().filter(|one| one.judgement.is_judged());
        judged.count()
    }
}

/// Which version of an overlay or a probe was measured last: whoever looks for the test that would have shown a mistake writes
/// several, and what the first ones said is no answer.
#[derive(Debug, Default)]
struct Newest {
    /// By what is the same in all versions: when, and which.
    versions: BTreeMap<Environment, (i64, String)>,
}

impl Newest {
    /// Is told of a series, and when those points of it were measured that are on the line.
    fn see(&mut self, environment: &Environment, moments: impl Iterator<Item = i64>) {
        let (Some(last), Some((of_all, version))) = (moments.max(), split(environment)) else {
            return;
        };
        let seen = (last, version);
        let newest = self.versions.entry(of_all).or_insert_with(|| seen.clone());
        if *newest < seen {
            *newest = seen;
        }
    }

    fn is(&self, environment: &Environment) -> bool {
        split(environment).is_none_or(|(of_all, version)| {
            self.versions
                .get(&of_all)
                .is_none_or(|(_, newest)| *newest == version)
        })
    }
}

/// Takes the version of an overlay or a probe out of an environment, if it has one. A cell of that name may be anybody's.
fn split(environment: &Environment) -> Option<(Environment, String)> {
    let is_brought = [OVERLAY, PROBE]
        .iter()
        .any(|name| environment.cell.contains_key(*name));
    let mut of_all = is_brought.then(|| environment.clone())?;
    let version = of_all.cell.remove(VERSION)?;
    Some((of_all, version))
}

impl Measured {
    /// Returns its name, as people write it; environments are told apart beside it.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.subject, self.metric.name)
    }

    /// Returns whether it is about a part so small that most commits change some of them: a file, a function, a lint.
    pub(crate) fn is_fine(&self) -> bool {
        matches!(
            self.subject.kind,
            SubjectKind::File | SubjectKind::Function | SubjectKind::Lint
        )
    }

    /// Returns whether it was measured with something that was not there at the time: the tests of another day. A crate that
    /// measures from outside finds what a commit costs, as anybody could have then; what its tests expect is hindsight.
    pub(crate) fn is_hindsight(&self) -> bool {
        let cell = &self.environment.cell;
        let is_tested = !matches!(self.environment.runner.as_str(), "" | COMMAND);
        cell.contains_key("overlay") || (cell.contains_key("probe") && is_tested)
    }
}

fn judged_as(metric: &Metric) -> (Kind, Direction) {
    let kind = match metric.kind {
        MetricKind::Exact => Kind::Exact,
        MetricKind::Noisy => Kind::Noisy,
        MetricKind::Ratio => Kind::Ratio,
        MetricKind::Outcome => Kind::Outcome,
    };
    let direction = match metric.direction {
        mad_store::Direction::Lower => Direction::Lower,
        mad_store::Direction::Higher => Direction::Higher,
        mad_store::Direction::Neither => Direction::Neither,
    };
    (kind, direction)
}
