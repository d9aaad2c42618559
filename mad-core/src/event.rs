//! What a run leaves on its way, one thing at a time.

use std::time::Duration;

use crate::report::{Note, Observation};

/// One thing that a run leaves.
///
/// A [`Journal`](crate::journal::Journal) is made of nothing else. That is why a run in a process of
/// its own reports just as one on a thread does: it sends its events, and the journal here takes them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    /// A step has begun, inside the step with this number or at the top.
    StepBegan {
        name: String,
        parent: Option<usize>,
        offset: Duration,
    },
    /// The step with this number, counted from 0 as they began, has run to its end.
    StepFinished { step: usize, duration: Duration },
    /// A number was observed.
    Observed(Observation),
    /// A note or a warning was left.
    Noted(Note),
    /// Something was left out, as there was too much of it.
    LeftOut,
}
