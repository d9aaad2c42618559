//! How long the application's runtime may run nothing.

use std::time::Duration;

use tokio::runtime::{Handle, RuntimeFlavor};

/// How long it may unless the program says otherwise: longer than anything that is meant.
const DEFAULT: Duration = Duration::from_secs(10);

/// How long the application's runtime may run nothing, as the program says it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LagLimit {
    /// A generous time, for a runtime that turns without being driven.
    Default,
    /// This long, whatever runtime it is.
    Set(Duration),
    /// As long as it likes.
    None,
}

impl LagLimit {
    /// Returns how long this runtime may run nothing; `None` if it is not judged.
    ///
    /// A current-thread runtime stands still whenever nobody is in its `block_on`, which is no fault.
    pub(crate) fn of(self, runtime: &Handle) -> Option<Duration> {
        match self {
            Self::Default => {
                let turns_by_itself = runtime.runtime_flavor() != RuntimeFlavor::CurrentThread;
                turns_by_itself.then_some(DEFAULT)
            }
            Self::Set(limit) => Some(limit),
            Self::None => None,
        }
    }
}
