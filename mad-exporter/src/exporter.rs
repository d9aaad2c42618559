//! The handle to what was started.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use mad_core::Engine;
use tokio::sync::watch;

use crate::builder::ExporterBuilder;
use crate::instance::Shared;
use crate::routes;
use crate::server::Server;
use crate::service::ExporterService;
use crate::sigterm::{self, Drained};
use crate::systemd::Systemd;
use crate::warning::Warning;

/// As good as for ever, and not so long that a clock could overflow.
const LONGEST_GRACE: Duration = Duration::from_hours(24);

/// A running engine and what serves it.
///
/// A clone is another handle to the same. Dropping every handle stops nothing: an instance that
/// nobody looks after any more still answers its probes. [`shutdown`](Self::shutdown) stops it.
///
/// ```
/// use mad_core::{Check, HealthOptions, Registry};
/// use mad_exporter::Exporter;
///
/// let mut registry = Registry::new();
/// registry.add(Check::health_check("disk", HealthOptions::DEFAULT, |_| true))?;
/// let exporter = Exporter::builder()
///     .registry(registry)
///     .listen(([127, 0, 0, 1], 0))
///     .start()?;
/// println!("http://{}/readyz", exporter.local_addr().unwrap());
/// exporter.shutdown(std::time::Duration::from_secs(5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Exporter {
    instance: Shared,
    server: Option<Arc<Server>>,
    systemd: Option<Arc<Systemd>>,
    is_shut_down: watch::Sender<bool>,
}

impl Exporter {
    /// Returns a builder, which starts it.
    pub fn builder() -> ExporterBuilder {
        ExporterBuilder::default()
    }

    pub(crate) fn new(instance: Shared, server: Option<Server>, systemd: Option<Systemd>) -> Self {
        Self {
            instance,
            server: server.map(Arc::new),
            systemd: systemd.map(Arc::new),
            is_shut_down: watch::Sender::new(false),
        }
    }

    /// Returns everything that is served, to mount on the application's own server.
    ///
    /// Nest it (`nest("/mad", exporter.router())`), or merge it if the application has no `/` of its
    /// own. Behind the application's server it is as fast as that one's runtime. Callers on the same
    /// host are known as such only if the application is served with
    /// `into_make_service_with_connect_info::<SocketAddr>()`; without a token, nobody else may act.
    pub fn router(&self) -> Router {
        routes::mounted(Arc::clone(&self.instance))
    }

    /// Returns everything that is served as a tower service, for servers that are not axum, and to ask
    /// without any server. What is not found is 404.
    ///
    /// hyper, poem, tonic, warp and actix-web take it in ten lines, which `docs/embedding.md` has. Where
    /// callers are is known if the server puts an [`axum::extract::ConnectInfo`] with the address into the
    /// extensions of each request; without a token and that, nobody may act.
    ///
    /// ```
    /// use axum::http::Request;
    /// use mad_core::{Check, HealthOptions};
    /// use mad_exporter::Exporter;
    /// use tower::Service;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// let exporter = Exporter::builder()
    ///     .check(Check::health_check("disk", HealthOptions::DEFAULT, |_| true))
    ///     .start()?;
    /// let request = Request::get("/livez").body(String::new())?;
    /// let answer = exporter.service().call(request).await?;
    /// assert_eq!(answer.status(), 200);
    /// assert_eq!(answer.into_body().bytes().await?, "ok");
    /// # exporter.shutdown(std::time::Duration::ZERO);
    /// # Ok(())
    /// # }
    /// ```
    pub fn service(&self) -> ExporterService {
        ExporterService::new(routes::whole(Arc::clone(&self.instance)))
    }

    /// Returns `/livez`, `/readyz`, `/startupz` and `/healthz` alone, to merge with the application's
    /// routes.
    ///
    /// A probe that is asked where the users are also notices when that server is stuck.
    pub fn probe_router(&self) -> Router {
        routes::probes(Arc::clone(&self.instance))
    }

    /// Returns the gRPC health protocol, `grpc.health.v1.Health`, to mount beside the application's own gRPC
    /// services: a tower service, and a router to merge. The exporter's own server has it in any case.
    ///
    /// What is asked and answered is in [`http`](crate::http#grpc). With `tonic`, whose routes are a router of
    /// axum's, too:
    ///
    /// ```
    /// use tonic::service::Routes;
    ///
    /// # fn routes(exporter: &mad_exporter::Exporter) -> Routes {
    /// // `Routes::new(ShopServer::new(shop))` in a program that has services of its own.
    /// let services = Routes::default().into_axum_router();
    /// Routes::from(services.merge(exporter.grpc_service()))
    /// # }
    /// ```
    ///
    /// Streams of `Watch` end with [`shutdown`](Self::shutdown), and when that comes which
    /// [`drain_on_sigterm`](Self::drain_on_sigterm) returns: the graceful end of the application's server
    /// waits for none of them. The runtime that serves it needs tokio's timers.
    #[cfg(feature = "grpc")]
    pub fn grpc_service(&self) -> Router {
        routes::grpc_health(Arc::clone(&self.instance))
    }

    /// Returns the first address of its own server, with the port that it got; `None` if it has none.
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.local_addrs().first().copied()
    }

    /// Returns the addresses of its own server, in the order in which the builder was told of them:
    /// `listen` and `listen_probes` alike.
    pub fn local_addrs(&self) -> &[SocketAddr] {
        self.server
            .as_ref()
            .map_or(&[], |server| server.addresses())
    }

    /// Returns what is not as somebody might believe, though it works: for the log, at the start.
    ///
    /// Later there may be more: a file that has changed and cannot be used, a liveness check that takes long. With the
    /// feature `tracing` all of them but the latter are logged as well.
    ///
    /// ```
    /// use mad_core::{Check, HealthOptions};
    /// use mad_exporter::Exporter;
    ///
    /// let exporter = Exporter::builder()
    ///     .check(Check::health_check("disk", HealthOptions::DEFAULT, |_| true))
    ///     .listen(([0, 0, 0, 0], 0))
    ///     .start()?;
    /// for warning in exporter.warnings() {
    ///     eprintln!("{warning}"); // there is no token
    /// }
    /// # assert_eq!(exporter.warnings().len(), 1);
    /// # exporter.shutdown(std::time::Duration::ZERO);
    /// # Ok::<(), mad_exporter::StartError>(())
    /// ```
    pub fn warnings(&self) -> Vec<Warning> {
        let start = self.instance.warnings.iter().cloned();
        let known = start.chain(self.instance.files.warnings());
        known
            .chain(Warning::of(&self.engine().snapshot()))
            .collect()
    }

    /// Returns the engine, which knows the state of the checks and runs self-tests.
    pub fn engine(&self) -> &Engine {
        &self.instance.engine
    }

    /// Says that the instance is about to leave: readiness fails from now on, liveness does not.
    ///
    /// Call it a probe's period before the application stops to accept, so that no request is sent
    /// to a closed door.
    pub fn drain(&self) {
        self.engine().drain();
    }

    /// Takes [`drain`](Self::drain) back.
    pub fn resume(&self) {
        self.engine().resume();
    }

    /// Drains when somebody sends SIGTERM, as Kubernetes and systemd do before they end a process.
    ///
    /// Readiness fails at once, also while the application's runtime is stalled; the door stays open
    /// for `grace`, so that load balancers notice and nobody is sent to a closed one. Then what is
    /// returned comes, and the application closes its door and ends: MAD ends nothing. A second
    /// SIGTERM cuts the grace short, and so does [`shutdown`](Self::shutdown).
    ///
    /// From here on SIGTERM does not end the program by itself, for as long as it lives. Handlers that
    /// the application has for it are called as before. Where there is no such signal, it never comes.
    ///
    /// ```no_run
    /// # async fn serve(exporter: mad_exporter::Exporter) -> std::io::Result<()> {
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let router = axum::Router::new();
    /// use std::time::Duration;
    ///
    /// let drained = exporter.drain_on_sigterm(Duration::from_secs(5))?;
    /// axum::serve(listener, router).with_graceful_shutdown(drained).await?;
    /// exporter.shutdown(Duration::from_secs(5));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the system lets nobody listen for the signal, or gives no thread.
    pub fn drain_on_sigterm(&self, grace: Duration) -> io::Result<Drained> {
        sigterm::drain(self.clone(), grace.min(LONGEST_GRACE))
    }

    /// Drains for good: the process is about to end.
    pub(crate) fn leave(&self) {
        self.drain();
        if let Some(systemd) = &self.systemd {
            systemd.leave();
        }
    }

    /// Ends the answers that go on without an end, so that nobody waits for them in vain.
    pub(crate) fn end_streams(&self) {
        self.instance.streams.close();
    }

    /// Waits for a shutdown to begin.
    pub(crate) async fn is_shut_down(&self) {
        let mut is_shut_down = self.is_shut_down.subscribe();
        // This handle has a sender, so that there is no error.
        _ = is_shut_down.wait_for(|is_shut_down| *is_shut_down).await;
    }

    /// Stops: drains, waits at most `grace` for open requests and for checks that run, closes its
    /// listener and ends its threads.
    ///
    /// While requests are open, probes are answered: not ready, and alive. It blocks the calling
    /// thread; an async program calls it when it has nothing else to do, or through
    /// `spawn_blocking`.
    pub fn shutdown(&self, grace: Duration) {
        let started = Instant::now();
        let grace = grace.min(LONGEST_GRACE);
        self.leave();
        self.is_shut_down.send_replace(true);
        self.end_streams();
        if let Some(server) = &self.server {
            server.shutdown(grace);
        }
        self.instance.files.stop();
        self.engine()
            .shutdown(grace.saturating_sub(started.elapsed()));
        if let Some(systemd) = &self.systemd {
            systemd.join();
        }
    }
}

impl fmt::Debug for Exporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exporter")
            .field("engine", self.engine())
            .field("addresses", &self.local_addrs())
            .finish_non_exhaustive()
    }
}
