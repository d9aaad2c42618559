//! What requests are answered from.

use std::sync::Arc;

use mad_core::Engine;

use crate::application::Application;
use crate::audit::Audit;
use crate::authority::Authority;
use crate::documents::Documents;
use crate::gzip::Gzip;
use crate::history::History;
use crate::idempotency::Keys;
use crate::load_limit::LoadLimit;
use crate::process::Readings;
use crate::program::Program;
use crate::reload::Watch;
use crate::scrape::Scrapes;
use crate::streams::Streams;
use crate::trigger_rate::TriggerRate;
use crate::verdicts::Verdicts;
use crate::warning::Warning;

/// What requests are answered from; handlers share one.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) engine: Engine,
    pub(crate) authority: Authority,
    pub(crate) application: Application,
    pub(crate) gzip: Gzip,
    pub(crate) audit: Audit,
    pub(crate) history: History,
    pub(crate) program: Program,
    pub(crate) trigger_rate: TriggerRate,
    /// None, unless the program set one.
    pub(crate) load_limit: Option<LoadLimit>,
    pub(crate) keys: Keys,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) files: Watch,
    pub(crate) streams: Streams,
    /// Those of gRPC, which are for everybody.
    #[cfg(feature = "grpc")]
    pub(crate) watches: Streams,
    /// None, if the program does not want it shown.
    pub(crate) process: Option<Readings>,
    pub(crate) documents: Documents,
    pub(crate) verdicts: Verdicts,
    pub(crate) scrapes: Scrapes,
    /// The status of a probe that fails: 503, or 500 as Kubernetes itself has it.
    pub(crate) failing_status: u16,
}

/// An instance as handlers hold it.
pub(crate) type Shared = Arc<Instance>;
