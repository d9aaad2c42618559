//! Which numbers were not the same when the same commit was measured again: what they say of other commits is worth less.

use std::collections::{HashMap, HashSet};
use std::fmt;

use mad_store::{Commit, MetricKind, Series, SeriesFilter, Store, StoreError};

/// From here on a series is called unsteady: a step of 5 % cannot be told from its noise by eye.
const UNSTEADY: f64 = 0.10;

/// A series whose repeats differ.
#[derive(Debug)]
pub(super) struct Unsteady {
    series: Series,
    /// The median over commits of the range of the repeats, as a share of their mean.
    range: f64,
}

/// The series of durations and the like whose repeats differ at the commits that were measured, the worst first.
pub(super) fn unsteady(store: &Store, commits: &[Commit]) -> Result<Vec<Unsteady>, StoreError> {
    let meant: HashSet<&str> = commits.iter().map(|commit| commit.id.as_str()).collect();
    let mut found = Vec::new();
    for series in store.series(&SeriesFilter::default())? {
        if series.metric.kind != MetricKind::Noisy {
            continue;
        }
        let mut repeats: HashMap<String, Vec<f64>> = HashMap::new();
        for point in store.points(&series)? {
            if let Some(commit) = point
                .commit
                .filter(|commit| meant.contains(commit.as_str()))
            {
                repeats.entry(commit).or_default().push(point.value);
            }
        }
        let mut ranges: Vec<f64> = repeats
            .values()
            .filter_map(|values| range(values))
            .collect();
        ranges.sort_by(f64::total_cmp);
        let median = ranges.get(ranges.len() / 2).copied();
        found.extend(
            median
                .filter(|range| *range > UNSTEADY)
                .map(|range| Unsteady { series, range }),
        );
    }
    found.sort_by(|one, other| other.range.total_cmp(&one.range));
    Ok(found)
}

/// The range of repeats as a share of their middle; nothing, if there are no repeats or no size to compare with.
fn range(values: &[f64]) -> Option<f64> {
    let least = values.iter().copied().min_by(f64::total_cmp)?;
    let most = values.iter().copied().max_by(f64::total_cmp)?;
    let middle = f64::midpoint(least, most).abs();
    (values.len() > 1 && middle > 0.0).then(|| (most - least) / middle)
}

impl fmt::Display for Unsteady {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { series, range } = self;
        write!(
            formatter,
            "{} of {} differs by {:.0} % from repeat to repeat",
            series.metric.name,
            series.subject,
            100.0 * range
        )
    }
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn a_range_is_a_share_of_the_middle() {
        assert_eq!(range(&[9.0, 10.0, 11.0]), Some(0.2));
        assert_eq!(range(&[5.0, 5.0]), Some(0.0));
        assert_eq!(range(&[5.0]), None);
        assert_eq!(range(&[0.0, 0.0]), None);
    }
}
