//! The probes: what orchestrators and load balancers ask. They read a snapshot and run nothing.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use mad_core::Probe;

use super::caller::Viewer;
use super::name::Name;
use super::query::Query;
use super::reply;
use crate::instance::{Instance, Shared};
use crate::render::kubernetes::{Answer, Question, answer, answer_for_check, endpoint};
use crate::render::problem::Problem;

const PROBES: [Probe; 4] = [
    Probe::Liveness,
    Probe::Readiness,
    Probe::Startup,
    Probe::Any,
];

pub(super) fn router() -> Router<Shared> {
    PROBES.into_iter().fold(Router::new(), |router, probe| {
        let endpoint = endpoint(probe);
        router
            .route(&format!("/{endpoint}"), all(probe))
            .route(&format!("/{endpoint}/{{*name}}"), one(probe))
    })
}

/// Asks about everything that gates the probe.
fn all(probe: Probe) -> MethodRouter<Shared> {
    get(
        move |State(instance): State<Shared>, viewer: Viewer, query: Query| async move {
            let question = Question {
                probe,
                is_verbose: query.has("verbose"),
                excluded: &query.all("exclude"),
                may_exclude: viewer.may_see,
                may_see: viewer.may_see,
            };
            respond(&instance, answer(&instance.engine.snapshot(), &question))
        },
    )
}

/// Asks about one check that gates the probe.
fn one(probe: Probe) -> MethodRouter<Shared> {
    get(
        move |State(instance): State<Shared>, viewer: Viewer, name: Name| async move {
            let snapshot = instance.engine.snapshot();
            let answer = answer_for_check(&snapshot, probe, &name.text, viewer.may_see);
            let answer = answer.ok_or_else(|| unknown_check(probe))?;
            Ok::<_, Problem>(respond(&instance, answer))
        },
    )
}

fn respond(instance: &Instance, answer: Answer) -> Response {
    let status = if answer.passes {
        200
    } else {
        instance.failing_status
    };
    let cache = HeaderValue::from_static("no-cache, no-store, private");
    ([(CACHE_CONTROL, cache)], reply::text(status, answer.text)).into_response()
}

fn unknown_check(probe: Probe) -> Problem {
    let endpoint = endpoint(probe);
    let detail = format!(
        "no check of this name gates this probe: `GET /{endpoint}?verbose` lists those that do"
    );
    Problem::new(404, detail)
}
