//! Those who have been served once and ask for more.
//!
//! The first request of a connection is answered by a task of its own. Then the connection joins the
//! crowd, which is a single task beside the one that accepts: it comes to a part of its connections, and
//! then it is the turn of those who are new. So a probe waits for the answers to some sixty others, and not
//! for one to each of thousands.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::spawn_local;

use super::seats::Seat;

/// All that happens on a connection until it ends.
pub(super) type Life = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The way into the crowd.
#[derive(Clone, Debug)]
pub(super) struct Crowd {
    // There are no more than seats.
    entrance: UnboundedSender<Life>,
}

impl Crowd {
    /// Makes an empty one, in the `LocalSet` that is entered.
    pub(super) fn gather() -> Self {
        let (entrance, newcomers) = unbounded_channel();
        spawn_local(let_in(newcomers));
        Self { entrance }
    }

    /// Follows a connection until it has been served once; then it goes on in the crowd.
    pub(super) async fn join_when_served(self, mut life: Life, seat: Arc<Seat>) {
        let is_over = poll_fn(|context| match life.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(true),
            Poll::Pending if seat.was_served() => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        });
        if !is_over.await {
            // If nobody lets it in, the server has ended.
            _ = self.entrance.send(life);
        }
    }
}

async fn let_in(mut newcomers: UnboundedReceiver<Life>) {
    while let Some(life) = newcomers.recv().await {
        spawn_local(life);
    }
}
