//! Self-tests: what there is, and runs of some of them or of one.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName};
use axum::response::Response;
use mad_core::{Effects, Engine, RunId, Selection, SelfTestRun, Trigger, TriggerError};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::answering::Answering;
use super::body::read_json;
use super::caller::{self, Authorised};
use super::name::Name;
use super::query::Query;
use super::report_format::is_text_asked_for;
use super::{reply, runs};
use crate::idempotency::{Claim, Key, Known};
use crate::instance::{Instance, Shared};
use crate::render::problem::{Problem, excerpt};
use crate::render::self_test_json as shapes;
use crate::render::self_test_report::lists;
use crate::trigger_request::TriggerRequest;

/// After how many seconds somebody who was refused while draining may ask again.
const RETRY_AFTER: &str = "10";

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

pub(super) async fn catalogue(
    State(instance): State<Shared>,
    _: Authorised,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let is_text = is_text_asked_for(&query, &headers)?;
    let engine = &instance.engine;
    let snapshot = engine.snapshot();
    let why_left_out = |check: &_| engine.why_left_out(check);
    if is_text {
        return Ok(reply::text(200, lists::catalogue(&snapshot, why_left_out)));
    }
    let catalogue = shapes::catalogue(&snapshot, engine.allowed_effects(), why_left_out);
    Ok(reply::json(200, reply::JSON, &catalogue))
}

pub(super) async fn trigger_selected(
    State(instance): State<Shared>,
    caller: Authorised<caller::Trigger>,
    query: Query,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let request = read(&headers, body).await;
    let request = request.and_then(|request| {
        let answering = Answering::asked_for(&query, &headers, request.wait)?;
        Ok((request, answering))
    });
    start_and_wait(&instance, &caller, &headers, request, "selftest/runs").await
}

pub(super) async fn trigger_named(
    State(instance): State<Shared>,
    caller: Authorised<caller::Trigger>,
    query: Query,
    name: Name,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let request = read(&headers, body).await;
    let request = request.and_then(|request| named(&request, &name.text));
    let runs = format!("{}runs", "../".repeat(name.depth));
    let request = request.and_then(|request| {
        let answering = Answering::asked_for(&query, &headers, request.wait)?;
        Ok((request, answering))
    });
    start_and_wait(&instance, &caller, &headers, request, &runs).await
}

async fn read(headers: &HeaderMap, body: Body) -> Result<TriggerRequest, Problem> {
    TriggerRequest::from_json(&read_json(headers, body).await?)
}

/// Narrows a request to the one self-test that the path names.
fn named(request: &TriggerRequest, name: &str) -> Result<TriggerRequest, Problem> {
    if !request.words.is_empty() {
        let detail = "`select` is for `POST /selftest`: here the path says which one";
        return Err(Problem::new(422, detail));
    }
    // A pattern or a tag is no name, and only a name may run what is destructive.
    let selection = mad_core::is_name(name).then(|| Selection::parse([name]));
    match selection {
        Some(Ok(selection)) => Ok(TriggerRequest {
            words: vec![name.to_owned()],
            selection,
            ..*request
        }),
        _ => Err(nothing_fits(name, &[])),
    }
}

/// Starts a run, tells the program so, and waits for it as long as the request says.
///
/// `runs` is where runs are, seen from the address that was asked.
async fn start_and_wait(
    instance: &Instance,
    caller: &Authorised<caller::Trigger>,
    headers: &HeaderMap,
    request: Result<(TriggerRequest, Answering), Problem>,
    runs: &str,
) -> Result<Response, Problem> {
    let subject = request
        .as_ref()
        .map(|(request, _)| request.words.join(" "))
        .unwrap_or_default();
    let started = request.and_then(|(request, answering)| {
        let key = key(headers)?;
        let started = start_once(instance, caller, key, request, runs)?;
        Ok((started, answering))
    });
    caller.tell(&instance.audit, &subject, started.is_ok());
    let (started, answering) = started?;
    let run = wait_for(&instance.engine, &started.id, answering.wait()).await;
    Ok(answering.respond(&run.ok_or_else(runs::unknown_run)?, runs))
}

/// A run that somebody waits for.
struct Started<'a> {
    id: RunId,
    /// Held until the answer is there: the same request again is not answered meanwhile.
    _claim: Option<Claim<'a>>,
}

/// Reads the header `Idempotency-Key`, if there is one.
fn key(headers: &HeaderMap) -> Result<Option<Key>, Problem> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let key = value.to_str().ok().and_then(Key::from_text);
    let key = key.filter(|_| values.next().is_none());
    let no_key = || {
        let detail = "`Idempotency-Key` is one word of at most 255 visible ASCII characters other than `\"`, `,` and \
             `\\`, such as a UUID";
        Problem::new(400, detail)
    };
    key.map(Some).ok_or_else(no_key)
}

/// Starts a run, or finds the one that the same request has started before.
fn start_once<'a>(
    instance: &'a Instance,
    caller: &Authorised<caller::Trigger>,
    key: Option<Key>,
    request: TriggerRequest,
    runs: &str,
) -> Result<Started<'a>, Problem> {
    let Some(key) = key else {
        let id = start(instance, caller, request, runs)?;
        return Ok(Started { id, _claim: None });
    };
    let is_remembered = |id: &RunId| instance.engine.self_test_run(id).is_some();
    let (claim, id) = match instance.keys.claim(key, &request, is_remembered) {
        Known::New(claim) => {
            let id = start(instance, caller, request, runs)?;
            claim.started(&id);
            (claim, id)
        }
        Known::Started(claim, id) => (claim, id),
        Known::Open(running) => return Err(still_answered(running, runs)),
        Known::Other => {
            let detail = "this `Idempotency-Key` was sent with another request: take a new one";
            return Err(Problem::new(422, detail));
        }
    };
    Ok(Started {
        id,
        _claim: Some(claim),
    })
}

fn still_answered(running: Option<RunId>, runs: &str) -> Problem {
    let detail = "the request with this `Idempotency-Key` is still being answered: look at its run, or \
                  ask again when that is over";
    let problem = Problem::new(409, detail).with_header("retry-after", "1");
    match running {
        Some(run) => in_progress(problem, &run, runs),
        None => problem,
    }
}

fn in_progress(problem: Problem, running: &RunId, runs: &str) -> Problem {
    problem
        .with_member("running", running.as_str())
        .with_header("location", format!("{runs}/{running}"))
}

fn start(
    instance: &Instance,
    caller: &Authorised<caller::Trigger>,
    request: TriggerRequest,
    runs: &str,
) -> Result<RunId, Problem> {
    let engine = &instance.engine;
    instance
        .trigger_rate
        .admit(Instant::now())
        .map_err(too_often)?;
    if let Some(limit) = &instance.load_limit {
        limit.admit()?;
    }
    let trigger = Trigger {
        selection: request.selection,
        effects: effects(request.effects, engine.allowed_effects(), caller)?,
        requested_by: caller.requested_by().to_owned(),
        deadline: request.deadline,
    };
    engine
        .trigger(trigger)
        .map_err(|error| refused(error, runs))
}

fn too_often(wait: Duration) -> Problem {
    let seconds = wait.as_secs_f64().ceil();
    let detail = format!(
        "self-tests are asked for too often: ask again in {seconds} s; the program allows more with \
         `.triggers_per_minute(..)`"
    );
    Problem::new(429, detail).with_header("retry-after", seconds.to_string())
}

/// Decides how harmful a run may be.
///
/// What is destructive must be asked for in so many words: by its name, and by its class.
fn effects(
    asked: Option<Effects>,
    allowed: Effects,
    caller: &Authorised<caller::Trigger>,
) -> Result<Effects, Problem> {
    match asked {
        Some(asked) if asked > allowed => {
            let detail = format!(
                "{asked} was asked for, and the most that this service allows is {allowed}; \
                 it allows more with `.allow_effects(..)`"
            );
            Err(Problem::new(403, detail).with_member("allowed", allowed.as_str()))
        }
        Some(asked) => caller.may_start(asked).map(|()| asked),
        None => Ok(allowed.min(caller.most_harmful()).min(Effects::Scratch)),
    }
}

/// Waits for a run to end, and returns it as far as it has come.
async fn wait_for(engine: &Engine, id: &RunId, wait: Duration) -> Option<SelfTestRun> {
    match timeout(wait, engine.self_test_finished(id)).await {
        Ok(run) => run,
        Err(_) => engine.self_test_run(id),
    }
}

fn refused(error: TriggerError, runs: &str) -> Problem {
    let detail = error.to_string();
    match error {
        TriggerError::Busy { running } => in_progress(Problem::new(409, detail), &running, runs),
        TriggerError::NotServing { .. } => {
            Problem::new(503, detail).with_header("retry-after", RETRY_AFTER)
        }
        TriggerError::NothingFits { words, close } => nothing_fits(&words.join(", "), &close),
        TriggerError::NothingRuns { tests } => {
            Problem::new(422, detail).with_member("tests", left_out("reason", tests))
        }
        TriggerError::EffectsNotAllowed { tests, allowed } => Problem::new(403, detail)
            .with_member("tests", left_out("effects", tests))
            .with_member("allowed", allowed.as_str()),
        _ => Problem::new(503, detail),
    }
}

/// Names self-tests, each with what keeps it from running.
fn left_out(obstacle: &str, tests: Vec<(String, impl ToString)>) -> Vec<Value> {
    let tests = tests.into_iter();
    tests
        .map(|(name, what)| json!({ "name": name, obstacle: what.to_string() }))
        .collect()
}

fn nothing_fits(words: &str, close: &[String]) -> Problem {
    let words = excerpt(words);
    let detail = format!("no self-test fits {words:?}: `GET /selftest` lists all of them");
    Problem::new(404, detail).with_member("close", close.to_vec())
}
