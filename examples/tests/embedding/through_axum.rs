use axum::{Router, routing::get};
use mad_exporter::Exporter;

pub(crate) fn application(exporter: &Exporter) -> Router {
    Router::new()
        .route("/", get(async || "the application"))
        .nest("/mad", exporter.router())
}

#[tokio::test]
async fn axum_serves_it() {
    let (exporter, (listener, address)) = (super::exporter(), super::listener());
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    let server = async { axum::serve(listener, application(&exporter)).await };
    super::while_asked(server, address).await;
    exporter.shutdown(std::time::Duration::ZERO);
}
