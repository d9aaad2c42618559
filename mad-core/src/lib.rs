//! MAD core.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod context;
mod descriptor;
mod name;
mod outcome;
pub mod testing;

pub use context::Context;
pub use descriptor::{Effects, HealthOptions, Isolation, Location, Probes, SelfTestOptions};
pub use mad_macros::{health_check, provider, self_test};
pub use name::{InvalidName, MAX_NAME_LENGTH, is_name};
pub use outcome::{Cause, Failure, IntoOutcome, Outcome, OutcomeKind};
