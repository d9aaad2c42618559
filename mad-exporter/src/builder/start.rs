//! Starts what a builder describes.

use std::sync::Arc;
use std::time::Duration;

use super::{ExporterBuilder, Listen};
use crate::application::Application;
use crate::audit::Audit;
use crate::authority::Authority;
use crate::documents::Documents;
use crate::exporter::Exporter;
#[cfg(feature = "grpc")]
use crate::grpc_health;
use crate::gzip::Gzip;
use crate::history::History;
use crate::idempotency::Keys;
use crate::instance::Instance;
use crate::load_limit::LoadLimit;
use crate::process::Readings;
use crate::recorder;
use crate::reload::Watch;
use crate::routes::{self, Audience};
use crate::scrape::Scrapes;
use crate::server::{Bound, Door, Place, Server};
use crate::start_error::{Problem, StartError};
use crate::streams::Streams;
use crate::systemd::Systemd;
use crate::trigger_rate::TriggerRate;
use crate::verdicts::Verdicts;
use crate::warning::Warning;

impl ExporterBuilder {
    /// Starts the engine and, with [`listen`](Self::listen), the server.
    ///
    /// It works inside a tokio runtime and outside of one, and does not wait for anything.
    ///
    /// # Errors
    ///
    /// If a token or the file of tokens cannot be used, there is a limit for the load and nobody tells the load, the address
    /// cannot be listened on, the program has a recorder of its own and has not given its page, systemd
    /// cannot be reached where it listens, the engine does not start (see
    /// [`EngineBuilder::start`](mad_core::EngineBuilder::start)), or the system gives no thread. Nothing runs then.
    pub fn start(self) -> Result<Exporter, StartError> {
        let environment = self.systemd.map_err(Problem::Systemd)?;
        let load_limit = self.max_load_per_core.map(LoadLimit::new);
        let load_limit = load_limit.transpose().map_err(Problem::Load)?;
        let authority = self.access.into_authority()?;
        let warnings = self
            .listens
            .iter()
            .filter_map(|listen| warning(listen, &authority));
        let warnings: Vec<_> = warnings.collect();
        let places = self.listens.into_iter().map(|listen| {
            let audience = audience(&listen, &authority);
            bind(listen.place).map(|bound| (audience, bound))
        });
        let places = places.collect::<Result<Vec<_>, _>>()?;
        // Before the recorder is there that is told it.
        self.program.tell();
        let application = match self.application {
            Some(application) => application,
            None => own_metrics(self.on_rejection)?,
        };
        let reloaded = places.iter().filter_map(|(_, place)| place.reloaded());
        let reloaded = authority.reloaded().into_iter().chain(reloaded).collect();
        let files = Watch::start(reloaded).map_err(Problem::Thread)?;
        let audit = Audit::start(self.audit).map_err(Problem::Thread)?;
        let history = History::default();
        // Last but one, as from here on checks run.
        let engine = self
            .engine
            .listener(history.listener())
            .start()
            .map_err(Problem::Engine)?;
        let streams = Streams::default();
        let instance = Arc::new(Instance {
            engine: engine.clone(),
            authority,
            application,
            gzip: Gzip::default(),
            audit,
            history,
            program: self.program,
            process: self.has_process_metrics.then(Readings::default),
            trigger_rate: TriggerRate::new(self.triggers_per_minute),
            load_limit,
            keys: Keys::default(),
            warnings,
            files,
            #[cfg(feature = "grpc")]
            watches: streams.beside(grpc_health::MOST),
            streams,
            documents: Documents::default(),
            verdicts: Verdicts::default(),
            scrapes: Scrapes::default(),
            failing_status: self.failing_status,
        });
        let door = |(audience, listener)| Door {
            listener,
            router: routes::server(audience, &self.prefix, Arc::clone(&instance)),
        };
        let doors: Vec<_> = places.into_iter().map(door).collect();
        let serve = |doors: Vec<_>| {
            let engine = engine.clone();
            let inside = move || _ = engine.watch_runtime("mad");
            Server::start(doors, inside)
        };
        let notify = |environment| Systemd::start(environment, engine.clone());
        instance.warnings.iter().for_each(Warning::log);
        // The server last: what is before it ends with the engine.
        let started = environment.map(notify).transpose().and_then(|systemd| {
            let server = (!doors.is_empty()).then(|| serve(doors)).transpose()?;
            Ok(Exporter::new(Arc::clone(&instance), server, systemd))
        });
        started.map_err(|error| {
            engine.shutdown(Duration::ZERO);
            Problem::Thread(error).into()
        })
    }
}

fn bind(place: Place) -> Result<Bound, Problem> {
    let name = place.to_string();
    place
        .bind()
        .map_err(|error| Problem::Listen { place: name, error })
}

fn audience(listen: &Listen, authority: &Authority) -> Audience {
    match warning(listen, authority) {
        _ if listen.is_public => Audience::Public,
        Some(_) => Audience::Strangers,
        None => Audience::Operators,
    }
}

fn warning(listen: &Listen, authority: &Authority) -> Option<Warning> {
    let Listen { place, is_public } = listen;
    if *is_public || authority.knows_callers() || place.knows_callers() {
        return None;
    }
    let address = place.address().filter(|_| place.is_beyond_this_host())?;
    Some(Warning::NoToken { address })
}

fn own_metrics(on_rejection: Option<recorder::Hook>) -> Result<Application, Problem> {
    recorder::install(on_rejection)
        .map(Application::recorder)
        .map_err(Problem::Recorder)
}
