use axum::http::Request;
use mad_exporter::Exporter;
use tower::ServiceExt;

/// Asks without any server: in tests, or in a command of the program's own.
pub(crate) async fn is_ready(exporter: &Exporter) -> bool {
    let request = Request::get("/readyz")
        .body(String::new())
        .expect("it is one");
    let Ok(answer) = exporter.service().oneshot(request).await;
    answer.status() == 200
}

#[tokio::test]
async fn it_is_asked_without_a_server() {
    let exporter = super::exporter();
    let started = std::time::Instant::now();
    while !is_ready(&exporter).await {
        assert!(started.elapsed() < std::time::Duration::from_secs(20));
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    exporter.shutdown(std::time::Duration::ZERO);
}
