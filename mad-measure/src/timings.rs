//! How long each package took to build, as Cargo tells it.

use std::fs;
use std::time::SystemTime;

use mad_store::Sample;

use crate::ingest::{self, IngestError};
use crate::test_run::{Metadata, Plan};

/// Tests whose build is timed.
///
/// [`Timed::plan`] is run like any other, and Cargo says where it has written a page about the build;
/// [`Timed::collect`] then reads that. What was built before takes no time, and has no number.
#[derive(Debug)]
pub struct Timed {
    plan: Plan,
    begun: SystemTime,
}

impl Timed {
    /// The same tests, with a build that is timed.
    pub fn of(plan: &Plan) -> Self {
        let mut plan = plan.clone();
        plan.arguments.insert(0, "--timings".into());
        Self {
            plan,
            begun: SystemTime::now(),
        }
    }

    /// What is to be run.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What was built by the run, and how long that took.
    ///
    /// # Errors
    ///
    /// If Cargo has left no page, or one that cannot be read.
    pub fn collect(&self) -> Result<Vec<Sample>, TimingsError> {
        let metadata = Metadata::of(&self.plan).ok_or(TimingsError::NotThere)?;
        let page = metadata
            .target_directory
            .join("cargo-timings/cargo-timing.html");
        let written_at = fs::metadata(&page).and_then(|data| data.modified());
        if written_at.is_ok_and(|at| at < self.begun) {
            return Err(TimingsError::NotThere);
        }
        let text = fs::read_to_string(page).map_err(|_| TimingsError::NotThere)?;
        Ok(ingest::read_timings(&text)?)
    }
}

/// Why it is not known how long packages took to build.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TimingsError {
    /// There is no page of this run.
    #[error("Cargo has written no page about the times of this build")]
    NotThere,
    /// The page is not as it was when this was written.
    #[error("what Cargo has written about the times of this build cannot be read")]
    Unreadable(#[from] IngestError),
}
