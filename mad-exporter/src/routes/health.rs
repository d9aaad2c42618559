//! `GET /health`: one snapshot as a document.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};

use super::caller::Viewer;
use super::query::Query;
use super::reply;
use crate::instance::Shared;
use crate::render::health_json;
use crate::render::problem::Problem;

pub(super) async fn document(
    State(instance): State<Shared>,
    viewer: Viewer,
    query: Query,
) -> Result<Response, Problem> {
    query.refuse_format_other_than("health+json")?;
    let snapshot = instance.engine.snapshot();
    let document = health_json::document(&snapshot, &instance.program, viewer.may_see);
    let status = if document.is_failing() { 503 } else { 200 };
    let reply = reply::json(status, health_json::MEDIA_TYPE, &document);
    // Private, as what is in it depends on who asks.
    let cache = HeaderValue::from_static("private, max-age=1");
    Ok(([(CACHE_CONTROL, cache)], reply).into_response())
}
