//! What was annotated is what runs, or the program does not start.
//!
//! The programs are those of small Cargo projects. They are judged by what they print when they run.

mod builds;
mod configurations;
mod plugin;
mod programs;
mod sources;
mod two_versions;

/// Where the projects and what is built of them are.
const SCRATCH: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/linking");
