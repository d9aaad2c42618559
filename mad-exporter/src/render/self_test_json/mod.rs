//! Self-tests and their runs as JSON. The shapes are versioned and described in `HTTP.md`.

mod catalogue;
mod event;
mod report;
mod run;

pub(crate) use catalogue::catalogue;
pub(crate) use event::event;
pub(crate) use run::{brief, run, runs};

/// The version of the shapes; it changes when a reader of the old ones would be misled.
const VERSION: u32 = 1;
