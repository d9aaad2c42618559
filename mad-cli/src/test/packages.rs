//! The packages of the project and of others. For what they depend on, Cargo wants locks that a Cargo that builds would have
//! to wait for, so that it is asked after the tests, and only if anything about them may have changed.

use mad_measure::metric;
use mad_measure::project::{self, Members};
use mad_measure::test_run::Plan;
use mad_store::{Recording, Sample};

use super::known;
use crate::fingerprint;
use crate::store_place::StoreArguments;

/// The packages of a run that was built.
pub(super) struct Packages {
    pub(super) plan: Plan,
    pub(super) members: Members,
}

impl Packages {
    /// Adds what they come to to a recording of the run, which says already where and of which branch it is.
    pub(super) fn add_to(self, recording: &mut Recording, store: &StoreArguments) {
        let Self { plan, members } = self;
        recording.samples.extend(members.programs(&plan));
        recording.content = members.basis(&plan).map(fingerprint::of);
        let known = recording.content.as_ref();
        let known = known.and_then(|_| known::sums(recording, store));
        let known = known.map(|(_, sums)| sums.into_iter().filter(is_told).collect::<Vec<_>>());
        let told = known
            .filter(|known| !known.is_empty())
            .unwrap_or_else(|| project::dependencies(&plan, &recording.environment.target));
        recording.samples.extend(told);
    }
}

fn is_told(sample: &Sample) -> bool {
    let told = [metric::DEPENDENCIES, metric::DUPLICATE_DEPENDENCIES];
    told.iter().any(|metric| metric.name == sample.metric.name)
}
