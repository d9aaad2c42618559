//! Answers that go on: what happens in a run of self-tests, and how the state changes.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::header::HeaderName;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use mad_core::{Changes, RunFollower, RunId};
use serde_json::Value;
use tokio::time::{Instant, sleep_until};

use super::caller::Authorised;
use super::name::Name;
use super::query::Query;
use super::reply;
use super::runs::unknown_run;
use crate::instance::Shared;
use crate::render::problem::Problem;
use crate::render::self_test_json as shapes;
use crate::render::state_events::Told;
use crate::streams::{MOST, Stream as OpenStream};

/// The place of the last event that a client knows.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// nginx would collect events before it passes them on.
const UNBUFFERED: (&str, &str) = ("x-accel-buffering", "no");

/// How often something is sent when there is nothing to say: proxies close what is silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How long the state is left alone after it was looked at: what changes faster comes as one change.
const PAUSE: Duration = Duration::from_millis(250);

/// What happens in a run: what has happened, and then as it happens.
pub(super) async fn of_run(
    State(instance): State<Shared>,
    caller: Authorised,
    name: Name,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let after = last_event(&query, &headers);
    let id = RunId::from_text(run_of(&name.text));
    let follower = instance.engine.follow(&id, after);
    let follower = follower.ok_or_else(unknown_run)?;
    if after > 0 && follower.is_at_end() {
        // This is how a browser is told not to come again.
        let end = StatusCode::NO_CONTENT.into_response();
        return Ok(reply::with_common_headers(end));
    }
    let place = instance.streams.open(Some(caller.changes()));
    let place = place.ok_or_else(too_many)?;
    Ok(respond(stream::unfold((follower, place), next_of_run)))
}

async fn next_of_run(
    (mut follower, mut place): (RunFollower, OpenStream),
) -> Option<(Result<Event, Infallible>, (RunFollower, OpenStream))> {
    loop {
        let event = tokio::select! {
            event = follower.next() => event?,
            () = place.is_closed() => return None,
        };
        if let Some(shape) = shapes::event(&event) {
            let event = sse(shape.kind, &shape.data).id(event.position.to_string());
            return Some((Ok(event), (follower, place)));
        }
    }
}

/// How the state is, and then how it changes.
pub(super) async fn of_state(
    State(instance): State<Shared>,
    caller: Authorised,
) -> Result<Response, Problem> {
    let place = instance.streams.open(Some(caller.changes()));
    let place = place.ok_or_else(too_many)?;
    let watch = Watch {
        changes: instance.engine.changes(),
        told: Told::default(),
        waiting: VecDeque::new(),
        looks_at: None,
        instance,
        place,
    };
    Ok(respond(stream::unfold(watch, Watch::next)))
}

/// Somebody who watches the state. There is no queue but of what one look found: who is slow sees fewer
/// states, and the last one.
struct Watch {
    instance: Shared,
    changes: Changes,
    told: Told,
    waiting: VecDeque<Event>,
    /// When the next look may be; none has been taken if this is nothing.
    looks_at: Option<Instant>,
    place: OpenStream,
}

impl Watch {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some((Ok(event), self));
            }
            tokio::select! {
                () = change(&mut self.changes, self.looks_at) => self.look(),
                () = self.place.is_closed() => return None,
            }
        }
    }

    fn look(&mut self) {
        let engine = &self.instance.engine;
        let runs = engine.self_test_runs();
        let news = self.told.news(&engine.snapshot(), runs.last());
        let events = news.iter().map(|event| sse(event.kind, &event.data));
        self.waiting.extend(events);
        self.looks_at = Some(Instant::now() + PAUSE);
    }
}

/// Waits until something may be new. The first look is at once.
async fn change(changes: &mut Changes, looks_at: Option<Instant>) {
    if let Some(looks_at) = looks_at {
        sleep_until(looks_at).await;
        changes.changed().await;
    }
}

fn respond(events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static) -> Response {
    let heartbeat = KeepAlive::new().interval(HEARTBEAT);
    let events = ([UNBUFFERED], Sse::new(events).keep_alive(heartbeat));
    reply::with_common_headers(events.into_response())
}

/// JSON has no line breaks outside of its strings, and writes those inside as `\n`.
fn sse(kind: &str, data: &Value) -> Event {
    Event::default().event(kind).data(data.to_string())
}

/// Cuts the name of a run out of `runs/ID/events`.
fn run_of(name: &str) -> &str {
    let name = name.strip_prefix("runs/").unwrap_or(name);
    name.strip_suffix("/events").unwrap_or(name)
}

/// Reads where to go on: what browsers send when they come back, or `?after=`. What is no place is the
/// beginning.
fn last_event(query: &Query, headers: &HeaderMap) -> u64 {
    let header = headers.get(LAST_EVENT_ID);
    let header = header.and_then(|value| value.to_str().ok()?.parse().ok());
    let query = || query.all("after").first()?.parse().ok();
    header.or_else(query).unwrap_or(0)
}

fn too_many() -> Problem {
    let detail =
        format!("{MOST} are being told already: ask again in a moment, or ask for the run itself");
    Problem::new(503, detail).with_header("retry-after", "5")
}
