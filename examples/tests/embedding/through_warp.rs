use mad_exporter::Exporter;
use tower::ServiceExt;
use warp::http::{HeaderMap, Method, Request, Response};
use warp::hyper::body::Bytes;
use warp::path::Tail;
use warp::{Filter, Rejection, Reply};

pub(crate) fn application(
    exporter: Exporter,
) -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone {
    let query = warp::query::raw().or(warp::any().map(String::new)).unify();
    let mad = warp::path("mad")
        .and(warp::method())
        .and(warp::path::tail())
        .and(query)
        .and(warp::header::headers_cloned())
        .and(warp::body::bytes())
        .then(move |method, path, query, headers, body| {
            ask(exporter.clone(), method, path, query, headers, body)
        });
    warp::path::end().map(|| "the application").or(mad)
}

async fn ask(
    exporter: Exporter,
    method: Method,
    path: Tail,
    query: String,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Bytes> {
    let address = format!("/{}?{query}", path.as_str());
    let request = Request::builder().method(method).uri(address);
    let mut request = request
        .body(http_body_util::Full::new(body))
        .expect("warp has read it");
    *request.headers_mut() = headers;
    let (head, body) = exporter
        .service()
        .oneshot(request)
        .await
        .expect("it never fails")
        .into_parts();
    Response::from_parts(head, body.bytes().await.unwrap_or_default())
}

#[tokio::test]
async fn warp_serves_it() {
    let (exporter, (listener, address)) = (super::exporter(), super::listener());
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    let server = warp::serve(application(exporter.clone()))
        .incoming(listener)
        .run();
    super::while_asked(server, address).await;
    exporter.shutdown(std::time::Duration::ZERO);
}
