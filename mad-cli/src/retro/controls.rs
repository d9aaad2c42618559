//! Commits that no incident concerns, measured as those before incidents were: what is usual has to be known before anything is
//! unusual.

use std::collections::BTreeSet;

use mad_analysis::Incident;
use mad_store::{Commit, Store};

use super::place::Places;
use super::{Failure, RetroArguments};
use crate::git::Repository;
use crate::history::{self, Chosen};
use crate::incidents::Incidents;
use crate::output::complain;

/// What tells a change of the machine from one of the code: the ends are measured this often.
const AT_ENDS: u32 = 2;

/// Measures so many stretches beside each incident, as long as what is asked about before it, and their ends once more at last.
/// Returns whether nobody ended it before.
pub(super) fn measure(
    arguments: &RetroArguments,
    stretches: usize,
    repository: &Repository,
    commits: &[Commit],
    incidents: &Incidents,
    store: &mut Store,
) -> Result<bool, Failure> {
    let places = Places::find(repository, commits, incidents, arguments.plan())?;
    let positions = positions(&places.incidents(), commits.len() as u64, stretches);
    if positions.is_empty() {
        complain("no stretch of as many commits is free of incidents, so there is no control");
        return Ok(true);
    }
    let commit = |position: &u64| commits.get(usize::try_from(*position).ok()?).cloned();
    let ends = [positions.first(), positions.last()];
    let chosen = [
        Chosen {
            commits: positions.iter().filter_map(commit).collect(),
            rounds: 1,
        },
        Chosen {
            commits: ends.into_iter().flatten().filter_map(commit).collect(),
            rounds: AT_ENDS,
        },
    ];
    history::measure_chosen(commits, &chosen, &arguments.what, &arguments.how, store)
}

/// Returns the positions of stretches that no incident concerns: for each incident so many of the length of its own, spread from
/// end to end.
fn positions(incidents: &[Incident], count: u64, stretches: usize) -> BTreeSet<u64> {
    let is_free = |position: &u64| {
        !incidents
            .iter()
            .any(|incident| incident.concerns(*position))
    };
    let all: Vec<u64> = (0..count).collect();
    let runs: Vec<&[u64]> = all
        .chunk_by(|a, b| is_free(a) == is_free(b))
        .filter(|run| run.first().is_some_and(is_free))
        .collect();
    let mut chosen = BTreeSet::new();
    for incident in incidents {
        let length = usize::try_from(incident.live - incident.after)
            .unwrap_or(usize::MAX)
            .max(1);
        let fitting: Vec<&[u64]> = runs
            .iter()
            .flat_map(|run| run.chunks_exact(length))
            .collect();
        for number in 0..stretches.min(fitting.len()) {
            let index = (2 * number + 1) * fitting.len() / (2 * stretches.min(fitting.len()));
            chosen.extend(fitting[index]);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_as_long_and_elsewhere() {
        let incident = |after, live| Incident {
            name: String::new(),
            after,
            live,
            began: 0,
        };
        let incidents = [incident(40, 50), incident(44, 52)];
        let found = positions(&incidents, 100, 2);
        assert!(found.iter().all(|position| !(41..=52).contains(position)));
        // Two of ten and two of eight, which may overlap.
        assert!((20..=36).contains(&found.len()), "{found:?}");
        assert!(
            found.first() < Some(&40) && found.last() > Some(&52),
            "{found:?}"
        );
        assert_eq!(positions(&[incident(0, 99)], 100, 2), BTreeSet::new());
        assert_eq!(positions(&[incident(0, 90)], 100, 2), BTreeSet::new());
    }
}
