//! The connections of the server, and what bounds them.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::sleep;
use tower::Service;

use super::open_requests::OpenRequests;
use super::stall::StallGuard;

/// How many connections there may be.
const MAX_CONNECTIONS: u32 = 512;

/// How many of them are kept for callers on this host, such as a probe that is a command.
const KEPT_FOR_LOOPBACK: usize = 32;

/// How long the head of a request may take, and how long a connection may be idle before it.
const HEAD_DEADLINE: Duration = Duration::from_secs(2);

/// How long a client may take nothing of what it is sent.
const STALL_DEADLINE: Duration = Duration::from_secs(10);

/// How large the head of a request may be.
const MAX_HEAD: usize = 8 * 1024;

/// How many headers there may be.
const MAX_HEADERS: usize = 64;

/// How long nothing is accepted after the system refused, as it does when it is out of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The connections of the server.
#[derive(Debug)]
pub(super) struct Connections {
    router: Router,
    slots: Arc<Semaphore>,
    requests: OpenRequests,
    is_closing: watch::Sender<bool>,
}

impl Connections {
    pub(super) fn new(router: Router) -> Self {
        Self {
            router,
            slots: Arc::new(Semaphore::new(MAX_CONNECTIONS as usize)),
            requests: OpenRequests::default(),
            is_closing: watch::Sender::new(false),
        }
    }

    /// Accepts connections and serves each; it never ends by itself.
    pub(super) async fn accept_from(&self, listener: &TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => self.serve(stream, peer),
                Err(_) => sleep(ACCEPT_PAUSE).await,
            }
        }
    }

    /// Serves a connection, or drops it when there are too many: better a quick no than a queue.
    fn serve(&self, stream: TcpStream, peer: SocketAddr) {
        if let Some(slot) = self.slot(peer) {
            let connection = Connection {
                peer,
                router: self.router.clone(),
                requests: self.requests.clone(),
                is_closing: self.is_closing.subscribe(),
                _slot: slot,
            };
            tokio::spawn(connection.serve(stream));
        }
    }

    fn slot(&self, peer: SocketAddr) -> Option<OwnedSemaphorePermit> {
        let kept = if peer.ip().to_canonical().is_loopback() {
            0
        } else {
            KEPT_FOR_LOOPBACK
        };
        if self.slots.available_permits() <= kept {
            return None;
        }
        Arc::clone(&self.slots).try_acquire_owned().ok()
    }

    /// Waits until every request that came is answered.
    pub(super) async fn no_request_is_open(&self) {
        self.requests.none_is_open().await;
    }

    /// Tells connections to end after what they are answering, and waits for them.
    pub(super) async fn close(&self) {
        self.is_closing.send_replace(true);
        // All slots are free when no connection is left.
        _ = self.slots.acquire_many(MAX_CONNECTIONS).await;
    }
}

/// One connection.
struct Connection {
    peer: SocketAddr,
    router: Router,
    requests: OpenRequests,
    is_closing: watch::Receiver<bool>,
    _slot: OwnedSemaphorePermit,
}

impl Connection {
    async fn serve(self, stream: TcpStream) {
        // An answer is written at once and whole; there is nothing to wait for.
        _ = stream.set_nodelay(true);
        let mut is_closing = self.is_closing.clone();
        let service = service_fn(|request| self.answer(request));
        let io = StallGuard::new(TokioIo::new(stream), STALL_DEADLINE);
        let mut connection = pin!(http().serve_connection(io, service));
        // What goes wrong on a connection is its client's affair.
        tokio::select! {
            _ = connection.as_mut() => return,
            _ = is_closing.wait_for(|is_closing| *is_closing) => {}
        }
        connection.as_mut().graceful_shutdown();
        _ = connection.await;
    }

    fn answer(
        &self,
        request: hyper::Request<Incoming>,
    ) -> impl Future<Output = Result<Response, Infallible>> + use<> {
        let open = self.requests.open();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let answer = self.router.clone().call(request);
        async move {
            let _open = open;
            answer.await
        }
    }
}

fn http() -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_DEADLINE)
        .max_header_size(MAX_HEAD)
        .max_headers(MAX_HEADERS);
    http
}
