//! MAD core.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod check;
mod context;
mod descriptor;
mod engine;
mod health;
mod journal;
mod lifecycle;
mod name;
mod outcome;
mod panics;
mod record;
mod registry;
mod report;
mod run;
mod runtime;
mod selection;
mod self_test;
mod snapshot;
mod supply;
mod testing;

pub use check::{Check, Kind};
pub use context::Context;
pub use descriptor::{Effects, HealthOptions, Isolation, Location, Probes, SelfTestOptions};
pub use engine::{Engine, EngineBuilder, StartError};
pub use health::{Health, Transition};
pub use journal::{note, observe, step, step_sync, warn};
pub use lifecycle::Lifecycle;
pub use mad_macros::{health_check, provider, self_test};
pub use name::{InvalidName, MAX_NAME_LENGTH, is_name};
pub use outcome::{Cause, Failure, IntoOutcome, Outcome, OutcomeKind};
pub use record::{DurationHistogram, HISTORY_LENGTH, OutcomeCounts, PastRun, Record};
pub use registry::{Registry, RegistryError};
pub use report::{Note, Observation, Report, Step, Unit};
pub use selection::{InvalidSelector, Selection};
pub use self_test::{
    Progress, REMEMBERED_RUNS, RunId, SelfTestResult, SelfTestRun, Trigger, TriggerError,
};
pub use snapshot::{HealthSnapshot, Probe, SelfTestSnapshot, Snapshot};
