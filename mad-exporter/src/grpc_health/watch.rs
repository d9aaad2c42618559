//! A service that somebody watches: how it is, and then every change.

use std::pin::Pin;
use std::time::Duration;

use axum::response::Response;
use futures_util::stream;
use mad_core::{Changes, Engine};
use tokio::time::{Sleep, sleep};

use super::call::{Code, Part, Refusal, broken_off, message, stream_of};
use super::message::check_response;
use super::services::{Services, ServingStatus};
use crate::streams::Stream as Place;

/// How many may watch at once.
pub(crate) const MOST: usize = 1_000;

pub(crate) const TOO_MANY: Refusal = Refusal::new(
    Code::ResourceExhausted,
    "1000 watches are open: ask for less, or with Check",
);

const CLOSING: Refusal = Refusal::new(Code::Unavailable, "the instance is about to end");

const OVERDUE: Refusal = Refusal::new(Code::DeadlineExceeded, "the deadline of the call is over");

/// A service that somebody watches.
///
/// What is sent next is decided when it is sent: whoever is slow gets what was on its way, and then the
/// latest, and nothing of what was in between.
#[derive(Debug)]
pub(crate) struct Watch {
    engine: Engine,
    service: String,
    changes: Changes,
    place: Place,
    deadline: Option<Pin<Box<Sleep>>>,
    sent: Option<ServingStatus>,
    is_over: bool,
}

impl Watch {
    pub(crate) fn new(engine: &Engine, service: &str, place: Place) -> Self {
        Self {
            engine: engine.clone(),
            service: service.to_owned(),
            changes: engine.changes(),
            place,
            deadline: None,
            sent: None,
            is_over: false,
        }
    }

    /// Ends it after this time, which the client has set.
    pub(crate) fn with_deadline(mut self, time: Option<Duration>) -> Self {
        self.deadline = time.map(|time| Box::pin(sleep(time)));
        self
    }

    /// Answers with how the service is, and goes on.
    pub(crate) fn into_response(self) -> Response {
        stream_of(stream::unfold(self, async |mut watch| {
            let part = watch.next().await?;
            Some((part, watch))
        }))
    }

    async fn next(&mut self) -> Option<Part> {
        while !self.is_over {
            let status = self.status();
            if self.sent.replace(status) != Some(status) {
                return Some(message(&check_response(status)));
            }
            if let Some(why) = self.wait().await {
                self.is_over = true;
                return Some(broken_off(why));
            }
        }
        None
    }

    fn status(&self) -> ServingStatus {
        let snapshot = self.engine.snapshot();
        let status = Services(&snapshot).status(&self.service);
        status.unwrap_or(ServingStatus::ServiceUnknown)
    }

    /// Waits until there may be something to send; or says why nothing more is.
    async fn wait(&mut self) -> Option<Refusal> {
        let deadline = async {
            match &mut self.deadline {
                Some(deadline) => deadline.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // What has changed is told before the end.
            biased;
            () = self.changes.changed() => None,
            () = self.place.is_closed() => Some(CLOSING),
            () = deadline => Some(OVERDUE),
        }
    }
}
