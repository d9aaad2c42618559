//! The connections of the server, and what bounds them.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::http::HeaderValue;
use axum::http::header::{CONNECTION, TRANSFER_ENCODING};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tower::Service;

use super::Door;
use super::descriptors;
use super::listener::{Arrival, Listener};
use super::open_requests::OpenRequests;
use super::seats::{Seated, Seats};
use super::stall::StallGuard;
use super::stream::Stream;
use super::turns::SeatedStream;
use crate::authority::Peer;

/// How many connections there may be, where the system lets the process open twice as many files.
const MAX_CONNECTIONS: u32 = 2_048;

/// How many connections that ask again and again are answered at once.
const TURNS: usize = 32;

/// How many requests a connection may bring: nobody keeps one for ever.
const MAX_REQUESTS: u64 = 1_000;

/// How long the head of a request may take, and how long a connection may be idle before it.
const HEAD_DEADLINE: Duration = Duration::from_secs(2);

/// How long a client may take nothing of what it is sent.
const STALL_DEADLINE: Duration = Duration::from_secs(10);

/// How many bytes of answers may wait for clients that are slow to take them.
const MAX_UNSENT: usize = 32 * 1024 * 1024;

/// How much of an answer the system may hold for a client, beside that.
const SEND_BUFFER: usize = 128 * 1024;

/// A smaller answer makes no difference to that.
const LARGE_ANSWER: usize = 16 * 1024;

/// How large the head of a request may be.
const MAX_HEAD: usize = 8 * 1024;

/// How many headers there may be.
const MAX_HEADERS: usize = 64;

/// How long nothing is accepted after the system refused, as it does when it is out of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The connections of the server, through whichever door they came.
#[derive(Debug)]
pub(super) struct Connections {
    seats: Seats,
    turns: Arc<Semaphore>,
    requests: OpenRequests,
    is_closing: watch::Sender<bool>,
}

impl Connections {
    pub(super) fn new() -> Self {
        let connections = descriptors::half_of_them()
            .map_or(MAX_CONNECTIONS, |half| half.clamp(1, MAX_CONNECTIONS));
        Self {
            seats: Seats::new(connections, MAX_UNSENT),
            turns: Arc::new(Semaphore::new(TURNS)),
            requests: OpenRequests::default(),
            is_closing: watch::Sender::new(false),
        }
    }

    /// Accepts connections and serves each; it never ends by itself.
    pub(super) async fn accept_from(&self, door: &Door<Listener>) {
        // Connections get it from their listener. It is a bound, and works as well without.
        _ = door.listener.socket().set_send_buffer_size(SEND_BUFFER);
        loop {
            match door.listener.accept().await {
                Ok(arrival) => self.serve(arrival, &door.router).await,
                Err(_) => sleep(ACCEPT_PAUSE).await,
            }
        }
    }

    /// Serves a connection, or drops it when there is no seat: better a quick no than a queue.
    async fn serve(&self, arrival: Arrival, router: &Router) {
        if let Some(seated) = self.seats.find(arrival.peer().ip()).await {
            let connection = Connection {
                peer: arrival.peer().clone(),
                router: router.clone(),
                seats: self.seats.clone(),
                seated,
                turns: Arc::clone(&self.turns),
                requests: self.requests.clone(),
                is_closing: self.is_closing.subscribe(),
            };
            tokio::spawn(connection.open(arrival));
        }
    }

    /// Waits until every request that came is answered.
    pub(super) async fn no_request_is_open(&self) {
        self.requests.none_is_open().await;
    }

    /// Tells connections to end after what they are answering, and waits for them.
    pub(super) async fn close(&self) {
        self.is_closing.send_replace(true);
        self.seats.are_free().await;
    }
}

/// One connection.
struct Connection {
    peer: Peer,
    router: Router,
    seats: Seats,
    seated: Seated,
    turns: Arc<Semaphore>,
    requests: OpenRequests,
    is_closing: watch::Receiver<bool>,
}

impl Connection {
    /// Serves somebody once they have agreed on how to talk, which is a part of asking.
    async fn open(mut self, arrival: Arrival) {
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
        let mut is_closing = self.is_closing.clone();
        let seat = Arc::clone(self.seated.seat());
        let turns = Arc::clone(&self.turns);
        let stream = SeatedStream::new(stream, Arc::clone(&seat), turns);
        let io = StallGuard::new(TokioIo::new(stream), STALL_DEADLINE);
        let service = service_fn(|request| self.answer(request));
        let mut connection = pin!(http().serve_connection(io, service));
        // What goes wrong on a connection is its client's affair.
        tokio::select! {
            biased;
            () = seat.must_leave() => return,
            _ = is_closing.wait_for(|is_closing| *is_closing) => {}
            _ = connection.as_mut() => return,
        }
        connection.as_mut().graceful_shutdown();
        _ = connection.await;
    }

    fn answer(
        &self,
        request: hyper::Request<Incoming>,
    ) -> impl Future<Output = Result<Response, Infallible>> + use<> {
        let open = self.requests.open();
        let seat = Arc::clone(self.seated.seat());
        let seats = self.seats.clone();
        let is_last = seat.is_asked() >= MAX_REQUESTS || is_framed_by_chunks(&request);
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(self.peer.clone());
        let answer = self.router.clone().call(request);
        async move {
            let _open = open;
            let mut answer = answer.await?;
            if is_last {
                let close = HeaderValue::from_static("close");
                answer.headers_mut().insert(CONNECTION, close);
            }
            let bytes = answer.body().size_hint().exact();
            let bytes = bytes.and_then(|bytes| bytes.try_into().ok()).unwrap_or(0);
            if bytes > LARGE_ANSWER {
                seats.make_room_for(bytes);
            }
            seat.is_answered(bytes);
            Ok(answer)
        }
    }
}

/// Says whether nobody may ask behind this: where such a request ends, a proxy may see otherwise, above
/// all if it has a `Content-Length` as well. What it hid there would be somebody else's request.
fn is_framed_by_chunks(request: &hyper::Request<Incoming>) -> bool {
    request.headers().contains_key(TRANSFER_ENCODING)
}

fn http() -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_DEADLINE)
        .max_header_size(MAX_HEAD)
        .max_headers(MAX_HEADERS);
    http
}
