//! Annotate a function once: it is a unit test in `cargo test`, a health check or a self-test in the
//! running service, and a series that Prometheus scrapes.
//!
//! ```
//! use mad_core::{health_check, self_test};
//!
//! /// The scratch folder can be written to.
//! #[health_check(readiness, every = "10s", timeout = "2s", tags("disk"))]
//! fn scratch_folder() -> Result<(), std::io::Error> {
//!     let file = std::env::temp_dir().join(format!("scratch-{}", std::process::id()));
//!     std::fs::write(&file, "x")?;
//!     std::fs::remove_file(file)
//! }
//!
//! /// Ten per cent off from ten pieces on.
//! #[self_test(effects = pure, tags("smoke"))]
//! fn discount() -> bool {
//!     mad_core::observe("pieces", 10, mad_core::Unit::Count);
//!     10 * 100 - 100 == 900
//! }
//! # fn main() {}
//! ```
//!
//! This crate is the model and the engine. To serve probes, metrics and self-tests over HTTP, add
//! `mad-exporter`; a library that only brings checks needs nothing but this crate.
//!
//! # Words
//!
//! A **check** is anything annotated. A [`health_check`](macro@health_check) asks whether this instance can serve: it
//! runs on a schedule, and its folded [`Health`] answers the [`Probe`]s of orchestrators. A
//! [`self_test`](macro@self_test) asks whether a function of the service really works: it runs when somebody
//! [triggers](Engine::trigger) it, and what it may do to the world is said by its [`Effects`]. A run
//! has an [`Outcome`], and a [`Report`] of its [`step`]s, [observations](observe) and [notes](note).
//!
//! # Context
//!
//! Parameters of annotated functions are borrowed values of the application, found by their type:
//! what was given to [`EngineBuilder::provide`], or else what a function annotated with
//! [`provider`](macro@provider) makes, which is how the same self-test runs under `cargo test`. What nobody
//! supplies is reported when the engine starts.
//!
//! # Unit tests
//!
//! A self-test is a unit test of the crate that it stands in: `cargo test` and nextest find it as
//! `self_test__` and the function's name. Its context comes from [`provider`](macro@provider)s and is made
//! anew for each test. Deadline and retries are the same as in the running service, and a failure shows
//! the same tree of steps.
//!
//! - What is `ignore`d runs when it is asked for, here too (`cargo test -- --ignored`).
//! - Self-tests of one `serial` group take turns, on the threads of `cargo test` and in the processes of
//!   nextest alike, by a lock on a file beside the test binary; waiting does not count as running.
//! - What runs `once` is left out after that, whether an engine ran it in this process or a unit test.
//! - A value that panics when it is dropped, as a mock does that misses a call, fails the test.
//!
//! A dependency's self-tests are no unit tests, as Cargo builds a dependency without them. With the
//! feature `testing`, a test target of one line, `fn main() { mad_core::testing::main() }`, runs every
//! self-test that is linked, each under the name of its check.
//!
//! # What it promises
//!
//! - A probe and a scrape never run a check; they read a [`Snapshot`].
//! - A check that panics, hangs or blocks its thread harms nothing but its own state; a second copy
//!   of a run that has not ended is never started.
//! - What is not known is never "ok": a check that has not run, or not for too long, is
//!   [`Health::Unknown`].
//!
//! With `panic = "abort"` a panic ends the process, as it does everywhere else in such a program.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod admission;
mod cancellation;
mod check;
mod clock;
mod context;
mod descriptor;
mod engine;
mod event;
mod health;
mod heartbeat;
mod isolation;
mod journal;
mod lifecycle;
mod linkage;
mod maintenance;
mod measured;
mod name;
mod number;
mod once;
mod outcome;
mod panics;
mod record;
mod registry;
mod report;
mod run;
mod runtime;
mod scrubber;
mod selection;
mod self_test;
mod serial;
mod shape;
mod snapshot;
mod supply;
mod sync;
#[cfg(feature = "tracing")]
mod test_spans;
#[cfg(feature = "testing")]
pub mod testing;

/// What is fuzzed and has no public door.
#[cfg(all(unix, fuzzing))]
#[doc(hidden)]
pub mod fuzzed {
    pub use crate::isolation::fuzzed as wire;
}
mod unit_test;

pub use check::{Check, IntoCheck, Kind};
pub use context::Context;
pub use descriptor::{
    Effects, HealthOptions, Isolation, Location, OnTimeout, Probes, SelfTestOptions,
};
pub use engine::{Changes, Engine, EngineBuilder, Standing, StartError};
pub use health::{Health, Transition};
pub use isolation::init;
pub use journal::{note, observe, step, step_sync, time_left, warn};
pub use lifecycle::Lifecycle;
pub use linkage::{LinkCheck, MissingCrate, link_check};
pub use mad_macros::{health_check, measured, provider, self_test};
pub use maintenance::{MAX_MAINTENANCE, Maintenance, MaintenanceError, MaintenanceList};
pub use measured::BuildInfo;
pub use name::{InvalidName, MAX_NAME_LENGTH, is_name};
pub use number::Number;
pub use outcome::{Cause, Failure, IntoOutcome, Outcome, OutcomeKind};
pub use record::{DurationHistogram, HISTORY_LENGTH, OutcomeCounts, PastRun, Record};
pub use registry::{Registry, RegistryError};
pub use report::{Note, Observation, Report, Step, Unit};
pub use selection::{InvalidSelector, Selection};
pub use self_test::{
    MAX_RUN_DEADLINE, Progress, REMEMBERED_RUNS, RunEvent, RunEventKind, RunFollower, RunId,
    SelfTestResult, SelfTestRun, Trigger, TriggerError,
};
pub use snapshot::{HealthSnapshot, Probe, RuntimeSnapshot, SelfTestSnapshot, Snapshot};
#[cfg(feature = "tracing")]
pub use test_spans::TestSpanLayer;

/// The page on other attributes compiles.
#[cfg(doctest)]
#[doc = include_str!("../../docs/composing.md")]
struct Composing;
