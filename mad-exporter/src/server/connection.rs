//! One connection: who may ask on it, how often, and when it ends.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::http::HeaderValue;
use axum::http::header::{CONNECTION, TRANSFER_ENCODING};
use axum::response::{IntoResponse as _, Response};
use futures_util::future::{Either, ready};
use hyper::body::Incoming;
use hyper::service::service_fn;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tower::Service;

use super::accompanied::Accompanied;
use super::listener::Arrival;
use super::open_requests::{OpenRequest, OpenRequests};
use super::protocol::{HEAD_DEADLINE, MAX_HEADERS, guarded, http1};
use super::seat_notes::SeatNotes;
use super::seats::{Seat, Seated, Seats};
use super::stream::Stream;
use crate::authority::Peer;
use crate::render::problem::Problem;

#[cfg(feature = "grpc")]
mod http2;

/// How many requests a connection may bring: nobody keeps one for ever.
const MAX_REQUESTS: u64 = 1_000;

/// A smaller answer makes no difference to those that wait for their clients.
const LARGE_ANSWER: usize = 16 * 1024;

/// One connection.
pub(super) struct Connection {
    pub(super) peer: Peer,
    pub(super) router: Router,
    pub(super) seats: Arc<Seats>,
    pub(super) seated: Seated,
    pub(super) requests: OpenRequests,
    pub(super) is_closing: watch::Receiver<bool>,
}

impl Connection {
    /// Serves somebody once they have agreed on how to talk, which is a part of asking.
    pub(super) async fn open(mut self, arrival: Arrival) {
        let seat = Arc::clone(self.seated.seat());
        let opened = tokio::select! {
            biased;
            () = seat.must_leave() => return,
            opened = timeout(HEAD_DEADLINE, arrival.open()) => opened,
        };
        if let Ok(Ok((stream, peer))) = opened {
            self.peer = peer;
            self.serve(stream).await;
        }
    }

    async fn serve(self, stream: Stream) {
        let seat = Arc::clone(self.seated.seat());
        let stream = Accompanied::new(stream, SeatNotes(Arc::clone(&seat)));
        tokio::select! {
            biased;
            () = seat.must_leave() => {}
            () = self.converse(stream) => {}
            () = self.asks_nothing() => {}
        }
    }

    /// Comes if nothing was asked in the time that the first request may take.
    async fn asks_nothing(&self) {
        sleep(HEAD_DEADLINE).await;
        if self.seated.seat().answers() > 0 {
            std::future::pending::<()>().await;
        }
    }

    #[cfg(not(feature = "grpc"))]
    async fn converse(&self, stream: Accompanied<Stream, SeatNotes>) {
        self.converse_in_http1(stream).await;
    }

    async fn converse_in_http1(&self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let service = service_fn(|request| self.answer(request));
        let mut connection = pin!(http1().serve_connection(guarded(stream), service));
        tokio::select! {
            biased;
            () = self.is_closing() => {}
            _ = connection.as_mut() => return,
        }
        connection.as_mut().graceful_shutdown();
        _ = connection.await;
    }

    async fn is_closing(&self) {
        let mut is_closing = self.is_closing.clone();
        _ = is_closing.wait_for(|is_closing| *is_closing).await;
    }

    fn answer(
        &self,
        request: hyper::Request<Incoming>,
    ) -> impl Future<Output = Result<Response, Infallible>> + use<> {
        let asked = self.ask();
        let has_too_many_headers = request.headers().len() > MAX_HEADERS;
        let is_last = asked.is_last || has_too_many_headers || is_framed_by_chunks(&request);
        let answer = if has_too_many_headers {
            Either::Left(ready(Ok(too_many_headers())))
        } else {
            Either::Right(self.route(request))
        };
        async move {
            let mut answer = answer.await?;
            if is_last {
                let close = HeaderValue::from_static("close");
                answer.headers_mut().insert(CONNECTION, close);
            }
            asked.end_with(&answer);
            Ok(answer)
        }
    }

    fn ask(&self) -> Asked {
        let seat = Arc::clone(self.seated.seat());
        Asked {
            is_last: seat.is_asked() >= MAX_REQUESTS,
            seat,
            seats: Arc::clone(&self.seats),
            bytes: 0,
            _open: self.requests.open(),
        }
    }

    fn route(
        &self,
        request: hyper::Request<Incoming>,
    ) -> impl Future<Output = Result<Response, Infallible>> + use<> {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(self.peer.clone());
        self.router.clone().call(request)
    }
}

fn too_many_headers() -> Response {
    let detail = format!("a request has {MAX_HEADERS} headers at most");
    Problem::new(431, detail).into_response()
}

/// Says whether nobody may ask behind this: where such a request ends, a proxy may see otherwise, above
/// all if it has a `Content-Length` as well. What it hid there would be somebody else's request.
fn is_framed_by_chunks(request: &hyper::Request<Incoming>) -> bool {
    request.headers().contains_key(TRANSFER_ENCODING)
}

/// A request that the server is at work on, for as long as this is there.
struct Asked {
    /// Whether nobody may ask behind it, as there were enough.
    is_last: bool,
    seat: Arc<Seat>,
    seats: Arc<Seats>,
    /// How large the answer is, as far as it is known.
    bytes: usize,
    _open: OpenRequest,
}

impl Asked {
    /// There is an answer, and room is made for it if it is large.
    fn end_with(mut self, answer: &Response) {
        let bytes = answer.body().size_hint().exact();
        self.bytes = bytes.and_then(|bytes| bytes.try_into().ok()).unwrap_or(0);
        if self.seat.unsent() + self.bytes > LARGE_ANSWER {
            self.seats.make_room_for(self.bytes);
        }
    }
}

impl Drop for Asked {
    /// Also if nobody wanted the answer any more.
    fn drop(&mut self) {
        self.seat.is_answered(self.bytes);
    }
}
