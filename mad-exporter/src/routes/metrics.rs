//! `GET /metrics`: what Prometheus scrapes. Always 200; it reads a snapshot and runs nothing.

use axum::extract::State;
use axum::response::Response;

use super::reply;
use crate::exposition;
use crate::instance::Shared;

/// Prometheus 3 fails a scrape without a version that it knows.
const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) async fn page(State(instance): State<Shared>) -> Response {
    let application = instance.application.page().await;
    let snapshot = instance.engine.snapshot();
    let page = exposition::page(&application, &snapshot, &instance.program);
    reply::typed(200, MEDIA_TYPE, page)
}
