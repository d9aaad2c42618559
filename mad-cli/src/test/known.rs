//! What the store has already.

use mad_store::{Recording, Run, Sample, Subject};

use super::summary;
use crate::store_place::StoreArguments;

/// The last recording of the same branch and environment with its sums, if it is of the same content. Of a store that
/// cannot be read is spoken when it is to be written.
pub(super) fn sums(recording: &Recording, store: &StoreArguments) -> Option<(Run, Vec<Sample>)> {
    let store = store.open().ok()?;
    let run = summary::last(&store, recording).ok()??;
    let samples = store.samples(run.id, &Subject::run()).ok()?;
    (run.content == recording.content).then_some((run, samples))
}
