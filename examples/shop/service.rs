//! The running service: starts everything, waits until it is told to stop, ends in good order.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::settings::{SHOP_DATABASE, SHOP_LISTEN, Settings, SettingsError};
use crate::shop::Shop;
use crate::signals::told_to_stop;
use crate::store::OpenError;
use crate::{api, telemetry};

/// How long requests that have begun may take to end.
const LAST_REQUESTS: Duration = Duration::from_secs(5);

/// The shop with its door open.
#[derive(Debug)]
pub(crate) struct Service {
    shop: Shop,
    listener: TcpListener,
    address: SocketAddr,
}

/// Why the service does not run.
#[derive(Debug, Error)]
pub(crate) enum StartError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Database(#[from] OpenError),
    #[error("the shop cannot listen on {address}")]
    Listen {
        address: SocketAddr,
        source: io::Error,
    },
    #[error("the system gives no threads to run on")]
    Runtime(#[source] io::Error),
}

impl StartError {
    /// Returns what to do about it, where the error itself does not say so.
    pub(crate) fn advice(&self) -> Option<String> {
        match self {
            Self::Database(error) if error.is_no_database() => Some(format!(
                "That file is something else: set {SHOP_DATABASE} to another one."
            )),
            Self::Database(_) => Some(format!(
                "Set {SHOP_DATABASE} to a file in a directory that you may write to, or unset it \
                 to use a temporary one."
            )),
            Self::Listen { .. } => Some(format!(
                "Set {SHOP_LISTEN} to another address; {SHOP_LISTEN}=127.0.0.1:0 takes any free port."
            )),
            Self::Settings(_) | Self::Runtime(_) => None,
        }
    }
}

impl Service {
    /// Opens the shop and its door.
    pub(crate) async fn start(settings: Settings) -> Result<Self, StartError> {
        let shop = Shop::open(settings.database.as_deref())?;
        let (listener, address) = listen(settings.shop_address).await?;
        telemetry::describe();
        Ok(Self {
            shop,
            listener,
            address,
        })
    }

    /// Serves until somebody sends Ctrl-C or SIGTERM.
    pub(crate) async fn run(self) {
        let (close, closed) = oneshot::channel::<()>();
        let server = axum::serve(self.listener, api::router(self.shop))
            .with_graceful_shutdown(async { drop(closed.await) });
        let server = tokio::spawn(server.into_future());
        // Nobody may be reading what a service prints.
        _ = writeln!(io::stdout(), "shop  http://{}", self.address);

        told_to_stop().await;
        drop(close);
        // Whoever is still being served after that has had their time.
        _ = timeout(LAST_REQUESTS, server).await;
    }
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let refuse = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(refuse)?;
    let address = listener.local_addr().map_err(refuse)?;
    Ok((listener, address))
}
