use actix_web::body::BodyStream;
use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use axum::body::Body;
use mad_exporter::Exporter;
use tower::ServiceExt;

/// Asks MAD; the types of actix-web are not those of other servers.
pub(crate) async fn mad(
    exporter: web::Data<Exporter>,
    asked: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let path = asked.uri().to_string().replacen("/mad", "", 1);
    let mut request = axum::http::Request::builder()
        .method(asked.method().as_str())
        .uri(path);
    for (name, value) in asked.headers() {
        request = request.header(name.as_str(), value.as_bytes());
    }
    let request = request
        .body(Body::from(body))
        .expect("actix-web has read it");
    let answer = exporter
        .service()
        .oneshot(request)
        .await
        .expect("it never fails");
    let status = StatusCode::from_u16(answer.status().as_u16()).expect("it is one");
    let mut response = HttpResponse::build(status);
    for (name, value) in answer.headers() {
        response.append_header((name.as_str(), value.as_bytes()));
    }
    response.body(BodyStream::new(
        Body::new(answer.into_body()).into_data_stream(),
    ))
}

#[test]
fn actix_web_serves_it() {
    let (exporter, (listener, address)) = (super::exporter(), super::listener());
    let data = web::Data::new(exporter.clone());
    let application = move || {
        App::new()
            .app_data(data.clone())
            .route("/", web::get().to(async || "the application"))
            .route("/mad/{path:.*}", web::to(mad))
    };
    actix_web::rt::System::new().block_on(async {
        let server = HttpServer::new(application).workers(1);
        let server = server.listen(listener).unwrap().run();
        super::while_asked(server, address).await;
    });
    exporter.shutdown(std::time::Duration::ZERO);
}
