use mad_exporter::Exporter;
use poem::{Route, endpoint::TowerCompatExt, get, handler};

#[handler]
fn home() -> &'static str {
    "the application"
}

pub(crate) fn application(exporter: &Exporter) -> Route {
    Route::new()
        .at("/", get(home))
        .nest("/mad", exporter.service().compat())
}

#[tokio::test]
async fn poem_serves_it() {
    let (exporter, (listener, address)) = (super::exporter(), super::listener());
    let acceptor = poem::listener::TcpAcceptor::from_std(listener).unwrap();
    let server = poem::Server::new_with_acceptor(acceptor).run(application(&exporter));
    super::while_asked(server, address).await;
    exporter.shutdown(std::time::Duration::ZERO);
}
