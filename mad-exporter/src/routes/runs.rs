//! Runs of self-tests: all, one, and the end of one.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use mad_core::RunId;

use super::caller::{Authorised, Trigger};
use super::name::Name;
use super::query::Query;
use super::reply;
use super::report_format::{ReportFormat, is_text_asked_for};
use crate::instance::Shared;
use crate::render::problem::Problem;
use crate::render::self_test_json as shapes;
use crate::render::self_test_report::lists;

pub(super) async fn all(
    State(instance): State<Shared>,
    _: Authorised,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let is_text = is_text_asked_for(&query, &headers)?;
    let runs = instance.engine.self_test_runs();
    if is_text {
        return Ok(reply::text(200, lists::runs(&runs)));
    }
    Ok(reply::json(200, reply::JSON, &shapes::runs(&runs)))
}

pub(super) async fn one(
    State(instance): State<Shared>,
    _: Authorised,
    query: Query,
    name: Name,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let format = ReportFormat::asked_for(&query, &headers)?;
    let run = instance.engine.self_test_run(&run_id(&name));
    Ok(format.respond(200, &run.ok_or_else(unknown_run)?))
}

pub(super) async fn cancel(
    State(instance): State<Shared>,
    caller: Authorised<Trigger>,
    query: Query,
    name: Name,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let format = ReportFormat::asked_for(&query, &headers)?;
    let id = run_id(&name);
    let is_cancelled = instance.engine.cancel(&id);
    caller.tell(&instance.audit, id.as_str(), is_cancelled);
    let run = instance.engine.self_test_run(&id).ok_or_else(unknown_run)?;
    if !is_cancelled {
        return Err(Problem::new(
            409,
            "this run is over: there is nothing left to cancel",
        ));
    }
    Ok(format.respond(202, &run))
}

fn run_id(name: &Name) -> RunId {
    RunId::from_text(name.text.trim_start_matches("runs/"))
}

/// The newest runs are remembered; an older one is as unknown as one that never was.
pub(super) fn unknown_run() -> Problem {
    Problem::new(
        404,
        "no such run is remembered: `GET /selftest/runs` lists those that are",
    )
}
