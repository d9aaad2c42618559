//! The running service: where the shop and MAD meet.
//!
//! It starts everything, waits until it is told to stop, and ends in good order.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use mad_core::Effects;
use mad_exporter::{Drained, Exporter};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::settings::{MAD_LISTEN, SHOP_DATABASE, SHOP_LISTEN, Settings, SettingsError};
use crate::shop::Shop;
use crate::store::{OpenError, StoreError};
use crate::welcome::Welcome;
use crate::{api, checks, telemetry};

/// The checks that this service relies on. Should one of them not be linked into the program, it
/// does not start; otherwise nobody would ever miss it.
const RELIED_UPON: [&str; 4] = [
    "order_arithmetic",
    "order_database",
    "schema",
    "place_and_cancel_order",
];

/// How long readiness fails before the door closes, so that load balancers stop sending requests.
const NOTICE: Duration = Duration::from_secs(1);

/// How long requests that have begun may take to end.
const LAST_REQUESTS: Duration = Duration::from_secs(5);

/// How long checks that have begun may take to end.
const LAST_CHECKS: Duration = Duration::from_secs(2);

/// The shop with its door open, and MAD beside it.
#[derive(Debug)]
pub(crate) struct Service {
    shop: Shop,
    listener: TcpListener,
    exporter: Exporter,
    drained: Drained,
}

/// Why the service does not start.
#[derive(Debug, Error)]
pub(crate) enum StartError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("the system gives no threads to run on")]
    Runtime(#[source] io::Error),
    #[error("the system lets nobody listen for SIGTERM")]
    Signals(#[source] io::Error),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("the database cannot be read")]
    Read(#[from] StoreError),
    #[error("the shop cannot listen on {address}")]
    Listen {
        address: SocketAddr,
        source: io::Error,
    },
    #[error("MAD does not start")]
    Mad(#[from] mad_exporter::StartError),
}

impl StartError {
    /// Returns what to do about it, where the error itself does not say so.
    pub(crate) fn advice(&self) -> Option<String> {
        match self {
            Self::Open(error) if error.is_no_database() => Some(format!(
                "That file is something else: set {SHOP_DATABASE} to another one."
            )),
            Self::Open(_) | Self::Read(_) => Some(format!(
                "Set {SHOP_DATABASE} to a file in a directory that you may write to, or unset it \
                 to use a temporary one."
            )),
            Self::Listen { .. } => Some(advice_on_address(SHOP_LISTEN)),
            Self::Mad(error) if error.is_address_in_use() => Some(advice_on_address(MAD_LISTEN)),
            Self::Mad(_) | Self::Settings(_) | Self::Runtime(_) | Self::Signals(_) => None,
        }
    }
}

fn advice_on_address(variable: &str) -> String {
    format!("Set {variable} to another address; {variable}=127.0.0.1:0 takes any free port.")
}

impl Service {
    /// Opens the shop and its door, starts MAD, and prints where everything is.
    pub(crate) async fn start(settings: &Settings) -> Result<Self, StartError> {
        let shop = Shop::open(settings.database.as_deref(), &settings.faults)?;
        let (listener, shop_address) = listen(settings.shop_address).await?;
        let exporter = start_mad(settings, &shop)?;
        let drained = exporter
            .drain_on_sigterm(NOTICE)
            .map_err(StartError::Signals)?;
        // Not before: MAD's recorder receives what is said here.
        telemetry::describe();
        telemetry::record_faults(&shop.faults);
        telemetry::record_stock(&shop.store.products().await?);

        let welcome = Welcome {
            shop: shop_address,
            mad: exporter.local_addr().unwrap_or(settings.mad_address),
            token: &settings.token,
        };
        // Nobody may be reading what a service prints.
        _ = write!(io::stdout(), "{welcome}");
        for warning in exporter.warnings() {
            _ = writeln!(io::stderr(), "shop: {warning}");
        }
        Ok(Self {
            shop,
            listener,
            exporter,
            drained,
        })
    }

    /// Serves until somebody sends Ctrl-C or SIGTERM.
    pub(crate) async fn run(self) {
        let (close, closed) = oneshot::channel::<()>();
        let server = axum::serve(self.listener, api::router(self.shop))
            .with_graceful_shutdown(async { drop(closed.await) });
        let server = tokio::spawn(server.into_future());

        tokio::select! {
            () = self.drained => {}
            // Whoever presses Ctrl-C is in a hurry.
            Ok(()) = ctrl_c() => self.exporter.drain(),
        }
        drop(close);
        // Whoever is still being served after that has had their time.
        _ = timeout(LAST_REQUESTS, server).await;
        self.exporter.shutdown(LAST_CHECKS);
    }
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let refuse = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(refuse)?;
    let address = listener.local_addr().map_err(refuse)?;
    Ok((listener, address))
}

/// Leaves a trail for whoever reads the log afterwards.
#[expect(clippy::print_stderr, reason = "a service's log is its standard error")]
fn log(line: &str) {
    eprintln!("{line}");
}

/// Starts everything that is annotated with `#[health_check]` and `#[self_test]`, and serves it.
///
/// Destructive self-tests are allowed, which means: by their exact name, and to who has the token.
fn start_mad(settings: &Settings, shop: &Shop) -> Result<Exporter, mad_exporter::StartError> {
    Exporter::builder()
        .provide(shop.clone())
        .check(checks::disk_space(shop.store.path()))
        .check(checks::open_files())
        .expect(RELIED_UPON)
        .allow_effects(Effects::Destructive)
        .version(env!("CARGO_PKG_VERSION"))
        .token(settings.token.secret())
        .notify_systemd()
        .listener(|change| {
            let (name, from, to, why) = (change.check.name(), change.from, change.to, &change.why);
            log(&format!("{name} was {from} and is {to}: {why}"));
        })
        .audit(|entry| log(&entry.to_string()))
        .listen(settings.mad_address)
        .start()
}
