//! The connections of the server, and what bounds them.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::sync::watch;
use tokio::time::sleep;

use super::connection::Connection;
use super::crowd::Crowd;
use super::listener::{Arrival, Listener};
use super::open_requests::OpenRequests;
use super::seats::Seats;
use super::{Door, descriptors};

/// How many connections there may be, where the system lets the process open twice as many files.
const MAX_CONNECTIONS: u32 = 2_048;

/// How many bytes of answers may wait for clients that are slow to take them.
const MAX_UNSENT: usize = 32 * 1024 * 1024;

/// How much of an answer the system may hold for a client, beside that.
const SEND_BUFFER: usize = 128 * 1024;

/// How many may wait to be accepted, if the system allows it: whoever comes beyond tries again after a
/// second, which is too late for a probe.
const BACKLOG: i32 = 4_096;

/// How long nothing is accepted after the system refused, as it does when it is out of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The connections of the server, through whichever door they came.
#[derive(Debug)]
pub(super) struct Connections {
    seats: Arc<Seats>,
    crowd: Crowd,
    requests: OpenRequests,
    is_closing: watch::Sender<bool>,
}

impl Connections {
    /// Makes the connections of a server, in the `LocalSet` that is entered.
    pub(super) fn new() -> Self {
        let connections = descriptors::half_of_them()
            .map_or(MAX_CONNECTIONS, |half| half.clamp(1, MAX_CONNECTIONS));
        Self {
            seats: Arc::new(Seats::new(connections, MAX_UNSENT)),
            crowd: Crowd::gather(),
            requests: OpenRequests::default(),
            is_closing: watch::Sender::new(false),
        }
    }

    /// Accepts connections and serves each; it never ends by itself.
    pub(super) async fn accept_from(&self, door: &Door<Listener>) {
        let socket = door.listener.socket();
        // Connections get it from their listener. It is a bound, and works as well without.
        _ = socket.set_send_buffer_size(SEND_BUFFER);
        _ = socket.listen(BACKLOG);
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
                seats: Arc::clone(&self.seats),
                seated,
                requests: self.requests.clone(),
                is_closing: self.is_closing.subscribe(),
            };
            let seat = Arc::clone(connection.seated.seat());
            let life = Box::pin(connection.open(arrival));
            tokio::spawn(self.crowd.clone().join_when_served(life, seat));
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
