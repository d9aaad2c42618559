//! Makes and starts an exporter.

use std::env::{self, VarError};
use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use mad_core::{Effects, Engine, EngineBuilder, IntoCheck, Registry, Transition};

use crate::application::Application;
use crate::audit::{Audit, AuditEntry, Hook};
use crate::authority::Authority;
use crate::exporter::Exporter;
use crate::idempotency::Keys;
use crate::instance::Instance;
use crate::load_limit::LoadLimit;
use crate::program::Program;
use crate::recorder;
use crate::routes;
use crate::server::Server;
use crate::start_error::{Problem, StartError};
use crate::systemd::{Environment, EnvironmentError, Systemd};
use crate::token::Token;
use crate::trigger_rate::{DEFAULT_PER_MINUTE, TriggerRate};

/// Makes and starts an [`Exporter`].
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
    address: Option<SocketAddr>,
    token: Option<String>,
    application: Option<Application>,
    audit: Option<Hook>,
    systemd: Result<Option<Environment>, EnvironmentError>,
    program: Program,
    triggers_per_minute: u32,
    max_load_per_core: Option<f64>,
    failing_status: u16,
}

impl Default for ExporterBuilder {
    fn default() -> Self {
        Self {
            engine: Engine::builder(),
            address: None,
            token: None,
            application: None,
            audit: None,
            systemd: Ok(None),
            program: Program::default(),
            triggers_per_minute: DEFAULT_PER_MINUTE,
            max_load_per_core: None,
            failing_status: 503,
        }
    }
}

/// What checks run, and with what.
impl ExporterBuilder {
    /// Takes these checks instead of [`Registry::linked`].
    pub fn registry(self, registry: Registry) -> Self {
        self.with_engine(|engine| engine.registry(registry))
    }

    /// Adds a check to those of the registry, whichever that is.
    ///
    /// What is wrong with it, such as a name that another one has, is told by [`start`](Self::start).
    #[track_caller]
    pub fn check(mut self, check: impl IntoCheck) -> Self {
        // Not in a closure, where the caller is lost.
        self.engine = self.engine.check(check);
        self
    }

    /// Refuses to start when one of these checks is missing.
    pub fn expect<N: Into<String>>(self, names: impl IntoIterator<Item = N>) -> Self {
        self.with_engine(|engine| engine.expect(names))
    }

    /// Supplies a value that checks borrow as `&T`.
    pub fn provide<T: Send + Sync + 'static>(self, value: T) -> Self {
        self.with_engine(|engine| engine.provide(value))
    }

    /// Supplies a value that the application keeps sharing; checks borrow it as `&T`.
    pub fn provide_shared<T: Send + Sync + 'static>(self, value: Arc<T>) -> Self {
        self.with_engine(|engine| engine.provide_shared(value))
    }

    /// Calls a function at every change of a check's health; see [`EngineBuilder::listener`].
    pub fn listener(self, listener: impl Fn(&Transition) + Send + 'static) -> Self {
        self.with_engine(|engine| engine.listener(listener))
    }

    /// Allows self-tests up to this class; [`Effects::Read`] unless said otherwise.
    ///
    /// A trigger can ask for less, never for more.
    pub fn allow_effects(self, effects: Effects) -> Self {
        self.with_engine(|engine| engine.allow_effects(effects))
    }

    /// Sets how many checks run at once: 16 unless said otherwise, and at least 1.
    pub fn max_runs_at_once(self, runs: usize) -> Self {
        self.with_engine(|engine| engine.max_runs_at_once(runs))
    }

    /// Sets for how long the application's tokio runtime may run nothing before liveness fails; see
    /// [`EngineBuilder::runtime_lag_limit`].
    pub fn runtime_lag_limit(self, limit: Duration) -> Self {
        self.with_engine(|engine| engine.runtime_lag_limit(limit))
    }

    /// Leaves the liveness check `runtime` out; see [`EngineBuilder::without_runtime_check`].
    pub fn without_runtime_check(self) -> Self {
        self.with_engine(EngineBuilder::without_runtime_check)
    }

    /// Sets how many requests a minute may start self-tests: 60 unless said otherwise, and at least 1.
    ///
    /// So many may come at once. What comes beyond is refused with 429, and told when to ask again.
    pub fn triggers_per_minute(mut self, requests: u32) -> Self {
        self.triggers_per_minute = requests;
        self
    }

    /// Starts no self-tests over HTTP while the machine has this load or more: runnable tasks for each
    /// core, on average over the last minute. There is no limit unless one is set.
    ///
    /// The load is read from `/proc/loadavg`, which tells that of the whole machine, in a container too.
    /// Where there is no such file, the exporter does not start.
    pub fn max_load_per_core(mut self, load: f64) -> Self {
        self.max_load_per_core = Some(load);
        self
    }

    /// Keeps in this file what is in maintenance, so that it outlasts a restart; see
    /// [`EngineBuilder::maintenance_file`].
    pub fn maintenance_file(self, path: impl Into<PathBuf>) -> Self {
        self.with_engine(|engine| engine.maintenance_file(path))
    }

    fn with_engine(mut self, change: impl FnOnce(EngineBuilder) -> EngineBuilder) -> Self {
        self.engine = change(self.engine);
        self
    }
}

/// How it is served, and to whom.
impl ExporterBuilder {
    /// Serves on an address of its own, on a thread of its own. Port 0 takes a free one, which
    /// [`Exporter::local_addr`] tells.
    ///
    /// Probes are answered there while the application's runtime is saturated. Without it, mount
    /// [`Exporter::router`] on the application's server.
    pub fn listen(mut self, address: impl Into<SocketAddr>) -> Self {
        self.address = Some(address.into());
        self
    }

    /// Sets the token that lets its bearer start self-tests, drain, and see why something fails.
    ///
    /// Without one, that is for callers on the same host. Behind a proxy on the same host everybody
    /// is one: set a token there.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Sets the token from an environment variable; one that is not set changes nothing.
    ///
    /// One that is set and empty keeps the exporter from starting: somebody meant to protect it.
    #[expect(
        clippy::disallowed_methods,
        reason = "the program names the variable: this is where configuration is passed in"
    )]
    pub fn token_from_env(self, variable: &str) -> Self {
        match env::var(variable) {
            Ok(token) => self.token(token),
            Err(VarError::NotPresent) => self,
            // Refused at the start, like every token that cannot be sent.
            Err(VarError::NotUnicode(token)) => self.token(token.to_string_lossy()),
        }
    }

    /// Serves the page of a recorder that the application has installed itself.
    ///
    /// Give it `move || handle.render()` of your own `PrometheusHandle`; MAD installs no recorder
    /// then, and adds its own series to that page. It is called for each scrape, one at a time, on a
    /// thread where it may take its time.
    pub fn application_metrics(
        mut self,
        page: impl Fn() -> String + Send + Sync + 'static,
    ) -> Self {
        self.application = Some(Application::new(page));
        self
    }

    /// Answers a probe that fails with 500, as Kubernetes' own servers do, instead of 503.
    ///
    /// To a kubelet both are a failure. Clients of those servers may look for the one.
    pub fn kubernetes_status_codes(mut self) -> Self {
        self.failing_status = 500;
        self
    }

    /// Calls a function for every request that acts, or tries to: an audit log.
    ///
    /// It has a thread of its own and may take its time; when more than 1,024 entries wait for it,
    /// the newest are lost.
    pub fn audit(mut self, hook: impl Fn(&AuditEntry) + Send + 'static) -> Self {
        self.audit = Some(Box::new(hook));
        self
    }

    /// Tells systemd how the service is: `READY=1` when it has come up, `STATUS=` with what is Down,
    /// `WATCHDOG=1` while liveness passes, `STOPPING=1` when the process is about to end.
    ///
    /// It does nothing where no service manager listens, which `NOTIFY_SOCKET` says: write it in any
    /// program, and `Type=notify` and `WatchdogSec=30` into its unit. A service whose liveness fails, be it
    /// that the application's runtime is stalled, is then restarted by systemd. Draining alone is told as
    /// a status, as it can be taken back. It has a thread of its own.
    #[expect(
        clippy::disallowed_methods,
        reason = "systemd passes its configuration in here, and nowhere else"
    )]
    pub fn notify_systemd(mut self) -> Self {
        self.systemd = Environment::read(env::var_os, std::process::id());
        self
    }

    /// Sets the version of the program, for `mad_build_info` and `/health`.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.program.version = Some(version.into());
        self
    }

    /// Sets the commit that the program was built from.
    pub fn commit(mut self, commit: impl Into<String>) -> Self {
        self.program.commit = Some(commit.into());
        self
    }
}

impl ExporterBuilder {
    /// Starts the engine and, with [`listen`](Self::listen), the server.
    ///
    /// It works inside a tokio runtime and outside of one, and does not wait for anything.
    ///
    /// # Errors
    ///
    /// If the token cannot be used, there is a limit for the load and nobody tells the load, the address
    /// cannot be listened on, the program has a recorder of its own and has not given its page, systemd
    /// cannot be reached where it listens, the engine does not start (see
    /// [`EngineBuilder::start`]), or the system gives no thread. Nothing runs then.
    pub fn start(self) -> Result<Exporter, StartError> {
        let token = self
            .token
            .map(Token::new)
            .transpose()
            .map_err(Problem::Token)?;
        let environment = self.systemd.map_err(Problem::Systemd)?;
        let load_limit = self.max_load_per_core.map(LoadLimit::new);
        let load_limit = load_limit.transpose().map_err(Problem::Load)?;
        let listener = self.address.map(bind).transpose()?;
        let application = self.application.map_or_else(own_metrics, Ok)?;
        let audit = Audit::start(self.audit).map_err(Problem::Thread)?;
        // Last but one, as from here on checks run.
        let engine = self.engine.start().map_err(Problem::Engine)?;
        let instance = Arc::new(Instance {
            engine: engine.clone(),
            authority: Authority::new(token),
            application,
            audit,
            program: self.program,
            trigger_rate: TriggerRate::new(self.triggers_per_minute),
            load_limit,
            keys: Keys::default(),
            failing_status: self.failing_status,
        });
        let serve = |listener| {
            let engine = engine.clone();
            let inside = move || _ = engine.watch_runtime("mad");
            Server::start(listener, routes::server(Arc::clone(&instance)), inside)
        };
        let notify = |environment| Systemd::start(environment, engine.clone());
        // The server last: what is before it ends with the engine.
        let started = environment.map(notify).transpose().and_then(|systemd| {
            let server = listener.map(serve).transpose()?;
            Ok(Exporter::new(Arc::clone(&instance), server, systemd))
        });
        started.map_err(|error| {
            engine.shutdown(Duration::ZERO);
            Problem::Thread(error).into()
        })
    }
}

fn bind(address: SocketAddr) -> Result<TcpListener, Problem> {
    TcpListener::bind(address).map_err(|error| Problem::Listen { address, error })
}

fn own_metrics() -> Result<Application, Problem> {
    recorder::install()
        .map(Application::new)
        .map_err(Problem::Recorder)
}

impl fmt::Debug for ExporterBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExporterBuilder")
            .field("engine", &self.engine)
            .field("address", &self.address)
            .field("has_token", &self.token.is_some())
            .field("program", &self.program)
            .finish_non_exhaustive()
    }
}
