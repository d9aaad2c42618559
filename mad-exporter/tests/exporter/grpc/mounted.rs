//! On the application's own server, beside its own services.

use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tonic::Code;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use super::client::{Client, NOT_SERVING, SERVING};
use crate::support::{PATIENCE, readiness, with_token};

#[tokio::test(flavor = "multi_thread")]
async fn tonic_serves_it_and_its_graceful_end_waits_for_no_watch() {
    let exporter = with_token([readiness("database", |_| true)])
        .start()
        .unwrap();
    let services = Routes::default().into_axum_router();
    let routes = Routes::from(services.merge(exporter.grpc_service()));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, is_stopped) = oneshot::channel::<()>();
    let server = Server::builder().add_routes(routes);
    let server = tokio::spawn(server.serve_with_incoming_shutdown(
        TcpIncoming::from(listener),
        async {
            _ = is_stopped.await;
        },
    ));

    let client = Client::to(address);
    let mut watched = client.watch("database").await.unwrap();
    watched.until(SERVING).await;
    assert_eq!(client.check("").await, Ok(SERVING));
    // What is not there is tonic's to say.
    let unknown = client.unknown_method().await;
    assert_eq!(unknown, Code::Unimplemented);

    let ended = exporter.clone();
    let shutdown = tokio::task::spawn_blocking(move || ended.shutdown(Duration::from_secs(5)));
    assert_eq!(watched.next().await, Ok(NOT_SERVING));
    let (code, _) = watched.next().await.unwrap_err();
    assert_eq!(code, Code::Unavailable);
    stop.send(()).unwrap();
    timeout(PATIENCE, server).await.unwrap().unwrap().unwrap();
    shutdown.await.unwrap();
}
