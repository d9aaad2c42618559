//! How many requests are worked on at once that are no probes.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures_util::future::Either;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::{Layer, Service};

use crate::render::problem::Problem;

/// So many that nobody who means well is refused, and so few that there is room for probes beside them.
const MOST: usize = 256;

/// Those who wait for something that is no probe.
///
/// As a layer it answers who finds room, and refuses everybody else.
#[derive(Clone, Debug)]
pub(super) struct Crowd {
    room: Arc<Semaphore>,
}

impl Default for Crowd {
    fn default() -> Self {
        Self {
            room: Arc::new(Semaphore::new(MOST)),
        }
    }
}

impl<S> Layer<S> for Crowd {
    type Service = Crowded<S>;

    fn layer(&self, inner: S) -> Crowded<S> {
        Crowded {
            inner,
            crowd: self.clone(),
        }
    }
}

/// What is answered to those who find room.
#[derive(Clone, Debug)]
pub(super) struct Crowded<S> {
    inner: S,
    crowd: Crowd,
}

impl<S> Service<Request> for Crowded<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Unpin,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Admission<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let place = Arc::clone(&self.crowd.room).try_acquire_owned().ok();
        let answer = if place.is_some() {
            Either::Left(self.inner.call(request))
        } else {
            Either::Right(ready(Ok(too_many().into_response())))
        };
        Admission {
            answer,
            _place: place,
        }
    }
}

/// An answer in the making, with the place that it takes.
#[derive(Debug)]
pub(super) struct Admission<F> {
    answer: Either<F, Ready<Result<Response, Infallible>>>,
    _place: Option<OwnedSemaphorePermit>,
}

impl<F: Future<Output = Result<Response, Infallible>> + Unpin> Future for Admission<F> {
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.answer).poll(context)
    }
}

fn too_many() -> Problem {
    let detail = format!("{MOST} requests are being answered: ask again in a moment");
    Problem::new(503, detail).with_header("retry-after", "1")
}
