//! `/health`, and where the peers look for the same: one snapshot as a document, in the dialect asked for.

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::VARY;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use mad_core::Probe;

use super::caller::Viewer;
use super::query::Query;
use super::{reply, verdict};
use crate::accept::Accept;
use crate::documents::{Document, Wanted};
use crate::instance::Shared;
use crate::render::format::{Format, Representation, Shape};
use crate::render::problem::{Problem, excerpt};
use crate::render::spring;

pub(super) fn router() -> Router<Shared> {
    use Format::{HealthJson, MicroProfile, Spring};
    Router::new()
        .route("/health", whole(Probe::Any, HealthJson))
        .route("/health/live", whole(Probe::Liveness, MicroProfile))
        .route("/health/ready", whole(Probe::Readiness, MicroProfile))
        .route("/health/started", whole(Probe::Startup, MicroProfile))
        .route("/actuator/health", whole(Probe::Any, Spring))
        .route("/actuator/health/{*path}", get(part))
}

/// Everything that gates a probe.
fn whole(probe: Probe, usual: Format) -> MethodRouter<Shared> {
    get(
        move |State(instance): State<Shared>, viewer: Viewer, query: Query, accept: Accept| async move {
            let representation = representation(usual, &query, &accept)?;
            let document = instance.document(Wanted {
                probe,
                shape: representation.shape,
                may_see: viewer.may_see(),
            });
            answer(document.await, representation, &query)
        },
    )
}

/// A group of Spring's, or a component.
async fn part(
    State(instance): State<Shared>,
    path: Result<Path<String>, PathRejection>,
    viewer: Viewer,
    query: Query,
    accept: Accept,
) -> Result<Response, Problem> {
    let representation = representation(Format::Spring, &query, &accept)?;
    let _turn = instance.documents.pages.turn().await;
    let snapshot = instance.engine.snapshot();
    // What cannot be decoded is the name of nothing.
    let path = path.map(|Path(path)| path).unwrap_or_default();
    let view = spring::view_at(&snapshot, &instance.program, &path, viewer.may_see());
    let document = Document::new(view.ok_or_else(unknown_part)?, representation.shape);
    answer(document, representation, &query)
}

/// Chooses what is asked for: by name if there is one, else by media type, else what is usual here.
///
/// A header that asks for none of what there is means what is usual: most peers do not look at it, and a probe
/// that is refused for it would be an outage that there is not.
fn representation(
    usual: Format,
    query: &Query,
    accept: &Accept,
) -> Result<Representation, Problem> {
    let choose = |format: Format, offers: &mut dyn Iterator<Item = Representation>| {
        let wanted = accept.choose(offers.map(|offer| (offer.media_type, offer)));
        wanted.unwrap_or(format.representations()[0])
    };
    match query.all("format").as_slice() {
        [] => Ok(choose(usual, &mut usual.and_others())),
        [word] => match Format::from_word(word) {
            Some(format) => Ok(choose(
                format,
                &mut format.representations().iter().copied(),
            )),
            None => Err(unknown_format(word)),
        },
        several => Err(unknown_format(&several.join("&"))),
    }
}

fn answer(
    document: Result<Document, String>,
    representation: Representation,
    query: &Query,
) -> Result<Response, Problem> {
    let Document { state, text } = document.map_err(|why| Problem::new(500, why))?;
    let status = verdict::status(state, query);
    let media_type = representation.media_type;
    let reply = if representation.shape == Shape::HealthJson {
        // The draft asks for it. Private, as what is in it depends on who asks.
        reply::cached(status, media_type, "private, max-age=1", text)
    } else {
        reply::typed(status, media_type, text)
    };
    let mut response = verdict::with_envoy_header(state, reply);
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("Accept, Authorization"));
    Ok(response)
}

fn unknown_format(word: &str) -> Problem {
    let formats = Format::ALL.map(Format::as_str);
    let detail = format!(
        "there is no format {:?} here: there are {}",
        excerpt(word),
        formats.join(", ")
    );
    Problem::new(406, detail).with_member("formats", formats.to_vec())
}

fn unknown_part() -> Problem {
    Problem::new(
        404,
        "no group or component is called so: `GET /actuator/health` lists those that there are",
    )
}
