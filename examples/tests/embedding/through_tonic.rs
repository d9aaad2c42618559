use mad_exporter::Exporter;
use tonic::service::Routes;
use tonic::transport::server::{Router, Server};

pub(crate) fn application(exporter: &Exporter) -> Router {
    // Beside it: `.add_service(GreeterServer::new(..))` on these routes.
    let routes = Routes::from(super::through_axum::application(exporter));
    Server::builder().accept_http1(true).add_routes(routes)
}

#[tokio::test]
async fn tonic_serves_it() {
    let (exporter, (listener, address)) = (super::exporter(), super::listener());
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    let incoming = tonic::transport::server::TcpIncoming::from(listener);
    let server = application(&exporter).serve_with_incoming(incoming);
    super::while_asked(server, address).await;
    exporter.shutdown(std::time::Duration::ZERO);
}
