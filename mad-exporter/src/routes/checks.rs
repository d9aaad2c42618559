//! `GET /checks`: which checks there are and what each asks for.

use axum::extract::State;
use axum::response::Response;

use super::caller::Authorised;
use super::reply;
use crate::instance::Shared;
use crate::render::checks_json;

pub(super) async fn all(State(instance): State<Shared>, _: Authorised) -> Response {
    let snapshot = instance.engine.snapshot();
    let health_checks = snapshot.health_checks.iter().map(|check| &*check.check);
    let self_tests = snapshot.self_tests.iter().map(|test| &*test.check);
    let checks = checks_json::checks(health_checks.chain(self_tests));
    reply::json(200, reply::JSON, &checks)
}
