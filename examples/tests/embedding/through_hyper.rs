use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use mad_exporter::Exporter;
use tokio::net::TcpListener;

pub(crate) async fn serve(listener: TcpListener, exporter: Exporter) -> std::io::Result<()> {
    // `nest` takes the prefix away; any tower service can stand beside it.
    let service = super::through_axum::application(&exporter);
    loop {
        let (stream, _) = listener.accept().await?;
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

#[tokio::test]
async fn hyper_serves_it() {
    let (exporter, (listener, address)) = (super::exporter(), super::listener());
    let listener = TcpListener::from_std(listener).unwrap();
    super::while_asked(serve(listener, exporter.clone()), address).await;
    exporter.shutdown(std::time::Duration::ZERO);
}
