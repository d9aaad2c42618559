//! The packages of the project and of others. Cargo is asked for the first while the tests run; for the second it wants
//! locks that a Cargo that builds would have to wait for, so that it is asked afterwards, and only if anything about them
//! may have changed.

use std::thread::{self, JoinHandle};

use mad_measure::metric;
use mad_measure::project::{self, Members};
use mad_measure::test_run::{Plan, give_way};
use mad_store::{Recording, Sample};

use super::known;
use crate::fingerprint;
use crate::store_place::StoreArguments;

/// Packages that are being asked for.
pub(super) struct Packages {
    plan: Plan,
    members: Option<JoinHandle<Option<Members>>>,
}

impl Packages {
    pub(super) fn begin(plan: &Plan) -> Self {
        let builder = thread::Builder::new().name("mad-packages".to_owned());
        let asked = plan.clone();
        Self {
            plan: plan.clone(),
            members: builder.spawn(move || members(&asked)).ok(),
        }
    }

    /// Adds what they came to to a recording of the run, which says already where and of which branch it is.
    pub(super) fn end(self, recording: &mut Recording, store: &StoreArguments) {
        let members = self.members.and_then(|members| members.join().ok()?);
        let Some(members) = members else {
            return;
        };
        recording.samples.extend(members.programs(&self.plan));
        recording.content = members.basis(&self.plan).map(fingerprint::of);
        let known = recording.content.as_ref();
        let known = known.and_then(|_| known::sums(recording, store));
        let known = known.map(|(_, sums)| sums.into_iter().filter(is_told).collect::<Vec<_>>());
        let told = known
            .filter(|known| !known.is_empty())
            .unwrap_or_else(|| project::dependencies(&self.plan, &recording.environment.target));
        recording.samples.extend(told);
    }
}

fn members(plan: &Plan) -> Option<Members> {
    give_way();
    Members::of(plan)
}

fn is_told(sample: &Sample) -> bool {
    let told = [metric::DEPENDENCIES, metric::DUPLICATE_DEPENDENCIES];
    told.iter().any(|metric| metric.name == sample.metric.name)
}
