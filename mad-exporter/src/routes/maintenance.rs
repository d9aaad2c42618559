//! `/maintenance`: what is in maintenance; puts a check there, or all of them, and takes them out.

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use mad_core::{Engine, MaintenanceError};
use tokio::task::spawn_blocking;

use super::body::read_json;
use super::caller::{Admin, Authorised};
use super::name::Name;
use super::reply;
use crate::instance::{Instance, Shared};
use crate::maintenance_request::MaintenanceRequest;
use crate::render::maintenance_json as shapes;
use crate::render::problem::Problem;

pub(super) async fn list(State(instance): State<Shared>, _: Authorised) -> Response {
    respond(&instance)
}

pub(super) async fn start(
    State(instance): State<Shared>,
    caller: Authorised<Admin>,
    name: Name,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let request = match read_json(&headers, body).await {
        Ok(body) => MaintenanceRequest::from_json(&body),
        Err(problem) => Err(problem),
    };
    let started = match request {
        Ok(MaintenanceRequest { reason, time }) => {
            let start = move |engine: &Engine, check: Option<&str>| {
                engine.start_maintenance(check, &reason, time).map(drop)
            };
            change(&instance, &name, start).await
        }
        Err(problem) => Err(problem),
    };
    caller.tell(&instance.audit, subject(&name), started.is_ok());
    started.map(|()| respond(&instance))
}

pub(super) async fn end(
    State(instance): State<Shared>,
    caller: Authorised<Admin>,
    name: Name,
) -> Result<Response, Problem> {
    let end = |engine: &Engine, check: Option<&str>| engine.end_maintenance(check);
    let ended = change(&instance, &name, end).await;
    let was_there = matches!(ended, Ok(true));
    caller.tell(&instance.audit, subject(&name), was_there);
    if !ended? {
        let detail = "this is not in maintenance: `GET /maintenance` lists what is";
        return Err(Problem::new(404, detail));
    }
    Ok(respond(&instance))
}

fn subject(name: &Name) -> &str {
    if name.text.is_empty() {
        "all"
    } else {
        &name.text
    }
}

/// Makes a change on a thread that may wait for a disk: this one answers probes.
async fn change<T: Send + 'static>(
    instance: &Instance,
    name: &Name,
    change: impl FnOnce(&Engine, Option<&str>) -> Result<T, MaintenanceError> + Send + 'static,
) -> Result<T, Problem> {
    let (engine, name) = (instance.engine.clone(), name.text.clone());
    let changed = spawn_blocking(move || {
        let check = (!name.is_empty()).then_some(name.as_str());
        change(&engine, check)
    });
    match changed.await {
        Ok(changed) => changed.map_err(|error| refused(&error)),
        Err(error) => Err(Problem::new(500, format!("nothing was changed: {error}"))),
    }
}

fn refused(error: &MaintenanceError) -> Problem {
    let status = match error {
        MaintenanceError::UnknownCheck { .. } => 404,
        MaintenanceError::TooMany => 409,
        MaintenanceError::NotKept(_) => 500,
        _ => 422,
    };
    Problem::new(status, error.to_string())
}

fn respond(instance: &Instance) -> Response {
    let list = instance.engine.maintenance();
    reply::json(200, reply::JSON, &shapes::list(&list))
}
