//! How it is served.

use std::env;
use std::net::SocketAddr;

use super::ExporterBuilder;
use crate::application::Application;
use crate::systemd::Environment;

/// How it is served.
impl ExporterBuilder {
    /// Serves on an address of its own, on a thread of its own. Port 0 takes a free one, which
    /// [`Exporter::local_addr`](crate::Exporter::local_addr) tells.
    ///
    /// Probes are answered there while the application's runtime is saturated. Without it, mount
    /// [`Exporter::router`](crate::Exporter::router) on the application's server.
    pub fn listen(mut self, address: impl Into<SocketAddr>) -> Self {
        self.address = Some(address.into());
        self
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
