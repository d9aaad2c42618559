//! `POST /drain` and `POST /resume`.

use axum::extract::State;
use axum::response::Response;
use mad_core::{Engine, Lifecycle};
use serde::Serialize;

use super::caller::{Admin, Authorised};
use super::reply;
use crate::instance::{Instance, Shared};
use crate::render::problem::Problem;

/// Where the instance stands now.
#[derive(Debug, Serialize)]
struct Standing {
    version: u32,
    lifecycle: &'static str,
}

pub(super) async fn drain(
    State(instance): State<Shared>,
    caller: Authorised<Admin>,
) -> Result<Response, Problem> {
    change(&instance, &caller, Engine::drain)
}

pub(super) async fn resume(
    State(instance): State<Shared>,
    caller: Authorised<Admin>,
) -> Result<Response, Problem> {
    change(&instance, &caller, Engine::resume)
}

fn change(
    instance: &Instance,
    caller: &Authorised<Admin>,
    change: fn(&Engine),
) -> Result<Response, Problem> {
    change(&instance.engine);
    let lifecycle = instance.engine.lifecycle();
    let is_stopped = lifecycle == Lifecycle::Stopped;
    caller.tell(&instance.audit, lifecycle.as_str(), !is_stopped);
    if is_stopped {
        return Err(Problem::new(
            409,
            "the instance has stopped, and that is for good: start it again",
        ));
    }
    let standing = Standing {
        version: 1,
        lifecycle: lifecycle.as_str(),
    };
    Ok(reply::json(200, reply::JSON, &standing))
}
