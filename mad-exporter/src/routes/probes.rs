//! The probes: what orchestrators and load balancers ask. They read a snapshot and run nothing.

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use mad_core::Probe;

use super::caller::Viewer;
use super::name::Name;
use super::query::Query;
use super::{reply, verdict};
use crate::instance::{Instance, Shared};
use crate::render::kubernetes::{Answer, OK, Question, answer, answer_for_check, endpoint};
use crate::render::problem::{Problem, excerpt};
use crate::render::state;

const PARTIAL: HeaderName = HeaderName::from_static("x-health-partial");

/// What Kubernetes itself says.
const NOT_KEPT: &str = "no-cache, no-store, private";

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

/// Asks about everything that gates the probe, or about the part of it that has a tag.
fn all(probe: Probe) -> MethodRouter<Shared> {
    get(
        move |State(instance): State<Shared>, request: Request| async move {
            let (mut head, _) = request.into_parts();
            // Who asks for no more than a word gets it, whoever it is: most probes, all the time.
            let asks_no_more = head.uri.query().is_none();
            match asks_no_more.then(|| instance.verdict(probe)) {
                Some(state) if state.is_serving() => Ok(reply(state.words().status, state, OK)),
                _ => in_full(probe, &instance, &mut head).await,
            }
        },
    )
}

/// Answers what else may be asked, and says what fails.
///
/// Which tags there are, and how a part does, is for authorised callers: an anonymous one is refused,
/// and not told about the whole instead.
async fn in_full(probe: Probe, instance: &Shared, head: &mut Parts) -> Result<Response, Problem> {
    let Ok(viewer) = Viewer::from_request_parts(head, instance).await;
    let Ok(query) = Query::from_request_parts(head, instance).await;
    let tags = query.all("tag");
    let may_see = viewer.may_see();
    if !tags.is_empty() {
        viewer.must_see()?;
    }
    let question = Question {
        probe,
        is_verbose: query.has("verbose"),
        tags: &tags,
        excluded: &query.all("exclude"),
        may_exclude: may_see,
        may_see,
    };
    let snapshot = instance.engine.snapshot();
    match question.unknown_tag(&snapshot) {
        Some(tag) => Err(unknown_tag(tag)),
        None => Ok(with_partial(
            question.is_partial(),
            respond(instance, &query, answer(&snapshot, &question)),
        )),
    }
}

/// Asks about one check that gates the probe.
fn one(probe: Probe) -> MethodRouter<Shared> {
    get(
        move |State(instance): State<Shared>, viewer: Viewer, query: Query, name: Name| async move {
            let snapshot = instance.engine.snapshot();
            let answer = answer_for_check(&snapshot, probe, &name.text, viewer.may_see());
            let answer = answer.ok_or_else(|| unknown_check(probe))?;
            Ok::<_, Problem>(respond(&instance, &query, answer))
        },
    )
}

fn respond(instance: &Instance, query: &Query, answer: Answer) -> Response {
    let status = if answer.state.is_serving() {
        verdict::status(answer.state, query)
    } else {
        instance.failing_status
    };
    reply(status, answer.state, answer.text)
}

fn reply(status: u16, state: state::State, text: impl Into<Body>) -> Response {
    let reply = reply::cached(status, reply::PLAIN_TEXT, NOT_KEPT, text);
    verdict::with_envoy_header(state, reply)
}

/// Marks an answer that is about a part: whoever passes it on must not take it for the whole.
fn with_partial(is_partial: bool, mut response: Response) -> Response {
    if is_partial {
        let mark = HeaderValue::from_static("1");
        response.headers_mut().insert(PARTIAL, mark);
    }
    response
}

fn unknown_tag(tag: &str) -> Problem {
    let detail = format!("no check with the tag {:?} gates this probe", excerpt(tag));
    Problem::new(404, detail)
}

fn unknown_check(probe: Probe) -> Problem {
    let endpoint = endpoint(probe);
    let detail = format!(
        "no check of this name gates this probe: `GET /{endpoint}?verbose` lists those that do"
    );
    Problem::new(404, detail)
}
