//! `GET /metrics`: what Prometheus scrapes. Always 200; it reads a snapshot and runs nothing.

use std::convert::Infallible;

use axum::body::Bytes;
use axum::extract::{FromRequestParts, State};
use axum::http::header::{CONTENT_ENCODING, HeaderValue, VARY};
use axum::http::request::Parts;
use axum::response::Response;
use tokio::task::spawn_blocking;

use super::blocks::Blocks;
use super::caller::Authorised;
use super::query::Query;
use super::reply;
use crate::exposition;
use crate::instance::Shared;
use crate::render::problem::{Problem, excerpt};
use crate::render::weights_json;
use crate::scrape;
use crate::scrape_request::ScrapeRequest;

/// How many metrics are listed, unless somebody asks for more or fewer.
const HEAVIEST: usize = 20;

impl<S: Sync> FromRequestParts<S> for ScrapeRequest {
    type Rejection = Infallible;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let query = Query::from_request_parts(head, state).await?;
        Ok(Self::new(&head.headers, query.all("name[]")))
    }
}

pub(super) async fn page(State(instance): State<Shared>, request: ScrapeRequest) -> Response {
    let scrape = scrape::page(&instance, request).await;
    let blocks = Blocks::from(scrape.blocks);
    let mut response = reply::typed(200, scrape.format.media_type, blocks);
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("Accept, Accept-Encoding"));
    if scrape.is_gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// `GET /metrics/slis`: what each check answers the probes, where components of Kubernetes show it.
pub(super) async fn slis(State(instance): State<Shared>) -> Response {
    let page = exposition::slis(exposition::TEXT, &instance.engine.snapshot());
    let blocks: Vec<_> = page.into_blocks().into_iter().map(Bytes::from).collect();
    reply::typed(200, exposition::TEXT.media_type, Blocks::from(blocks))
}

/// `GET /metrics/heaviest`: where the series come from.
pub(super) async fn heaviest(
    State(instance): State<Shared>,
    _: Authorised,
    query: Query,
) -> Result<Response, Problem> {
    let Some(handle) = instance.application.handle().cloned() else {
        let detail =
            "the application's metrics are recorded by somebody else, who tells no weights";
        return Err(Problem::new(404, detail));
    };
    let count = match query.all("limit").last() {
        Some(limit) => limit.parse().map_err(|_| {
            let detail = format!("the limit {:?} is no number of metrics", excerpt(limit));
            Problem::new(422, detail)
        })?,
        None => HEAVIEST,
    };
    // It looks at every series.
    let weights = spawn_blocking(move || handle.heaviest(count)).await;
    let weights = weights.map_err(|_| Problem::new(500, "weighing them panicked"))?;
    Ok(reply::json(
        200,
        reply::JSON,
        &weights_json::weights(weights),
    ))
}
