//! How it is served.

use std::env;
use std::net::SocketAddr;

use super::{ExporterBuilder, Listen};
use crate::application::Application;
use crate::server::Place;
#[cfg(feature = "tls")]
use crate::server::Tls;
#[cfg(unix)]
use crate::server::UnixSocket;
use crate::systemd::Environment;

/// How it is served.
impl ExporterBuilder {
    /// Serves everything on an address of its own, on a thread of its own. Port 0 takes a free one, which
    /// [`Exporter::local_addr`](crate::Exporter::local_addr) tells.
    ///
    /// Probes are answered there while the application's runtime is saturated. Without it, mount
    /// [`Exporter::router`](crate::Exporter::router) on the application's server. Each call adds an
    /// address.
    ///
    /// An address that is reached from beyond this host serves only probes, `/health` and `/metrics` if
    /// there is no token, and [`Exporter::warnings`](crate::Exporter::warnings) says so.
    pub fn listen(self, address: impl Into<SocketAddr>) -> Self {
        self.with_listen(Place::Tcp(address.into()), false)
    }

    /// Serves probes, `/health` and `/metrics` on this address, and nothing else, whoever asks: for a
    /// network where orchestrators and scrapers are and operators are not.
    ///
    /// ```
    /// use mad_core::{Check, HealthOptions};
    /// use mad_exporter::Exporter;
    ///
    /// let exporter = Exporter::builder()
    ///     .check(Check::health_check("disk", HealthOptions::DEFAULT, |_| true))
    ///     .listen(([127, 0, 0, 1], 0))      // everything, for this host
    ///     .listen_probes(([0, 0, 0, 0], 0)) // whether it works, for everybody
    ///     .start()?;
    /// let [private, public] = exporter.local_addrs() else { unreachable!() };
    /// # assert_ne!(private, public);
    /// # exporter.shutdown(std::time::Duration::ZERO);
    /// # Ok::<(), mad_exporter::StartError>(())
    /// ```
    pub fn listen_probes(self, address: impl Into<SocketAddr>) -> Self {
        self.with_listen(Place::Tcp(address.into()), true)
    }

    /// Serves everything through a socket in the file system: `curl --unix-socket PATH http://localhost/`.
    ///
    /// Whoever may connect to it is a caller on this host. Unless said otherwise, that is the user of this
    /// process: see [`UnixSocket`]. A file that a process left behind which died is replaced, and the file
    /// goes with the exporter.
    #[cfg(unix)]
    pub fn listen_unix(self, socket: impl Into<UnixSocket>) -> Self {
        self.with_listen(Place::Unix(socket.into()), false)
    }

    /// Serves everything on this address over TLS, and with [`Tls::client_ca`] only to clients that have a
    /// certificate (feature `tls`).
    ///
    /// ```no_run
    /// use mad_exporter::{Exporter, Scope, Tls};
    ///
    /// let tls = Tls::files("/run/certs/tls.crt", "/run/certs/tls.key")
    ///     .client_ca("/run/certs/operators.crt", [Scope::Admin]);
    /// let exporter = Exporter::builder()
    ///     .listen_tls(([0, 0, 0, 0], 9464), tls)
    ///     .listen_probes(([0, 0, 0, 0], 9465)) // a kubelet has no certificate
    ///     .start()?;
    /// # Ok::<(), mad_exporter::StartError>(())
    /// ```
    #[cfg(feature = "tls")]
    pub fn listen_tls(self, address: impl Into<SocketAddr>, tls: Tls) -> Self {
        self.with_listen(Place::Tls(address.into(), tls), false)
    }

    /// Serves below a path, such as `/mad`, at every address of its own server: for a reverse proxy that
    /// passes paths on as they are.
    ///
    /// # Panics
    ///
    /// If the path does not begin with `/`, ends with one, or has `{`, `}` or `*` in it.
    pub fn path_prefix(mut self, path: impl Into<String>) -> Self {
        let path = path.into();
        let is_path = path.starts_with('/') && !path.ends_with('/');
        assert!(
            is_path && !path.contains(['{', '}', '*', '?', '#']),
            "a prefix is a path such as `/mad`, and {path:?} is none"
        );
        self.prefix = path;
        self
    }

    fn with_listen(mut self, place: Place, is_public: bool) -> Self {
        self.listens.push(Listen { place, is_public });
        self
    }

    /// Serves what a recorder of [mad-metrics](mad_metrics) has recorded that the program has made itself: with
    /// other buckets, limits or labels than MAD's, or for a test that has one of its own.
    ///
    /// ```
    /// use mad_exporter::Exporter;
    ///
    /// let recorder = mad_metrics::Builder::new()
    ///     .global_label("region", "eu")
    ///     .buckets(&[0.1, 1.0, 10.0])
    ///     .install()?;
    /// let builder = Exporter::builder().recorder(recorder);
    /// # let _ = builder;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn recorder(mut self, handle: mad_metrics::Handle) -> Self {
        self.application = Some(Application::recorder(handle));
        self
    }

    /// Serves the page of a recorder that the application has installed itself.
    ///
    /// Give it `move || handle.render()` of your own `PrometheusHandle`; MAD installs no recorder
    /// then, and adds its own series to that page. It is called for each scrape, one at a time, on a
    /// thread where it may take its time.
    ///
    /// The page must be in the text format 0.0.4. It is sent as it is, and so `/metrics` has no other format
    /// then, whatever a scraper would like better.
    pub fn application_metrics(
        mut self,
        page: impl Fn() -> String + Send + Sync + 'static,
    ) -> Self {
        self.application = Some(Application::page(page));
        self
    }

    /// Sets who is told of metrics that are not recorded as the program meant them: an illegal name, a label twice, a
    /// counter that is used as a gauge. It is told once for each metric and reason.
    ///
    /// All of it is counted in `mad_metrics_rejected_total{reason}`; this says which metric it is. It is called by
    /// the thread that records, and must not take long. The recorder is one for the whole process: of several
    /// exporters, the first one decides, and it counts for nothing beside [`recorder`](Self::recorder), whose builder
    /// has the same, and [`application_metrics`](Self::application_metrics).
    ///
    /// ```
    /// use mad_core::{Check, HealthOptions};
    /// use mad_exporter::Exporter;
    ///
    /// let exporter = Exporter::builder()
    ///     .check(Check::health_check("disk", HealthOptions::DEFAULT, |_| true))
    ///     .on_rejection(|rejection| eprintln!("{rejection}"))
    ///     .start()?;
    /// # exporter.shutdown(std::time::Duration::ZERO);
    /// # Ok::<(), mad_exporter::StartError>(())
    /// ```
    pub fn on_rejection(
        mut self,
        hook: impl Fn(&mad_metrics::Rejection<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.on_rejection = Some(Box::new(hook));
        self
    }

    /// Leaves out what the kernel knows of the process: `process_cpu_seconds_total` and its like.
    ///
    /// They are read when `/metrics` is asked for, ten times a second at most. Where the application has one of them on a page of its own,
    /// that one is left out; with this it is the one that is shown.
    pub fn without_process_metrics(mut self) -> Self {
        self.has_process_metrics = false;
        self
    }

    /// Answers a probe that fails with 500, as Kubernetes' own servers do, instead of 503.
    ///
    /// To a kubelet both are a failure. Clients of those servers may look for the one.
    pub fn kubernetes_status_codes(mut self) -> Self {
        self.failing_status = 500;
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

    /// Sets the version of the program, for `mad_build_info`, `/health` and the `build_info` of functions that are
    /// [`measured`](macro@mad_core::measured).
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.program.version = Some(version.into());
        self
    }

    /// Sets the commit that the program was built from; it is shown where the version is.
    pub fn commit(mut self, commit: impl Into<String>) -> Self {
        self.program.commit = Some(commit.into());
        self
    }
}
