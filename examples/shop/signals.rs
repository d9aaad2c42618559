//! The signals that tell a service to stop.

use std::future::pending;

use tokio::signal::ctrl_c;

/// Waits until somebody presses Ctrl-C or, on Unix, sends SIGTERM.
///
/// A signal that the system does not let us wait for never comes, and keeps its usual effect.
pub(crate) async fn told_to_stop() {
    tokio::select! {
        () = interrupted() => {}
        () = terminated() => {}
    }
}

async fn interrupted() {
    if ctrl_c().await.is_err() {
        pending::<()>().await;
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};

    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => drop(terminate.recv().await),
        Err(_) => pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    pending().await
}
