//! An exporter with checks of a test's own, in the test's process.

use std::time::Duration;

use mad_core::{Check, Context, HealthOptions, IntoOutcome, Probes};
use mad_exporter::{Exporter, ExporterBuilder};

use crate::{eventually, get};

/// A running exporter on a free port; it is stopped when this is dropped.
///
/// It has no token, so that the test, which calls from the same host, may see everything.
#[derive(Debug)]
pub struct Served(Exporter);

impl Served {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start(builder: ExporterBuilder, checks: impl IntoIterator<Item = Check>) -> Self {
        let builder = checks.into_iter().fold(builder, ExporterBuilder::check);
        let started = builder.listen(([127, 0, 0, 1], 0)).start();
        Self(started.expect("the exporter starts"))
    }

    /// Returns its base address.
    ///
    /// # Panics
    ///
    /// Never: it listens.
    pub fn url(&self) -> String {
        let address = self.0.local_addr().expect("it listens");
        format!("http://{address}")
    }

    /// Waits until a path is answered with this status.
    ///
    /// # Panics
    ///
    /// If that never comes.
    #[track_caller]
    pub fn wait_for_status(&self, path: &str, status: u16) {
        let url = format!("{}{path}", self.url());
        eventually(&format!("{path} answers {status}"), || {
            get(&url).status == status
        });
    }

    /// Returns the exporter.
    pub fn exporter(&self) -> &Exporter {
        &self.0
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.0.shutdown(Duration::ZERO);
    }
}

/// Makes a health check that gates readiness.
#[track_caller]
pub fn readiness<R: IntoOutcome>(
    name: &'static str,
    function: impl Fn(&Context) -> R + Send + Sync + 'static,
) -> Check {
    let options = HealthOptions {
        probes: Probes {
            readiness: true,
            ..Probes::NONE
        },
        every: Duration::from_millis(50),
        ..HealthOptions::DEFAULT
    };
    Check::health_check(name, options, function)
}
