//! Makes and starts an exporter.

mod authority;
mod checks;
mod serving;
mod start;

use std::fmt;

use mad_core::{Engine, EngineBuilder};

use authority::Access;

use crate::application::Application;
use crate::audit::Hook;
use crate::program::Program;
use crate::recorder;
use crate::server::Place;
use crate::systemd::{Environment, EnvironmentError};
use crate::trigger_rate::DEFAULT_PER_MINUTE;

/// Makes and starts an [`Exporter`](crate::Exporter).
///
/// ```
/// use mad_core::{Check, HealthOptions, Registry};
/// use mad_exporter::Exporter;
///
/// let mut registry = Registry::new();
/// registry.add(Check::health_check("disk", HealthOptions::DEFAULT, |_| true))?;
/// let exporter = Exporter::builder()
///     .registry(registry)
///     .expect(["disk"])
///     .listen(([127, 0, 0, 1], 0))
///     .token_from_env("MAD_TOKEN")
///     .start()?;
/// assert_ne!(exporter.local_addr().unwrap().port(), 0);
/// # exporter.shutdown(std::time::Duration::ZERO);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "nothing starts before `start` is called"]
pub struct ExporterBuilder {
    engine: EngineBuilder,
    listens: Vec<Listen>,
    prefix: String,
    access: Access,
    application: Option<Application>,
    audit: Option<Hook>,
    systemd: Result<Option<Environment>, EnvironmentError>,
    program: Program,
    on_rejection: Option<recorder::Hook>,
    has_process_metrics: bool,
    triggers_per_minute: u32,
    max_load_per_core: Option<f64>,
    failing_status: u16,
}

/// Where somebody may come in.
#[derive(Debug)]
struct Listen {
    place: Place,
    /// Whether it is for everybody, with nothing to act on.
    is_public: bool,
}

impl Default for ExporterBuilder {
    fn default() -> Self {
        Self {
            engine: Engine::builder(),
            listens: Vec::new(),
            prefix: String::new(),
            access: Access::default(),
            application: None,
            audit: None,
            systemd: Ok(None),
            program: Program::default(),
            on_rejection: None,
            has_process_metrics: true,
            triggers_per_minute: DEFAULT_PER_MINUTE,
            max_load_per_core: None,
            failing_status: 503,
        }
    }
}

impl fmt::Debug for ExporterBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExporterBuilder")
            .field("engine", &self.engine)
            .field("listens", &self.listens)
            .field("access", &self.access)
            .field("program", &self.program)
            .finish_non_exhaustive()
    }
}
