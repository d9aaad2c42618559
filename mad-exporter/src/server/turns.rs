//! Whose request is read next, when many ask again and again.
//!
//! Whoever asks once in a while is answered at once. Whoever asks again as soon as there is an answer
//! waits for a turn, in the order of asking: so a probe waits for as many answers as there are turns,
//! and not for one of each connection.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use super::seats::Seat;

/// Who asks again within this time is in a hurry.
const HURRY: Duration = Duration::from_millis(100);

/// A stream that can say whether there is something to read.
pub(super) trait ReadReady {
    fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>>;
}

/// The stream of a connection: it waits for its turn to read, and its seat is told of what is taken.
#[derive(Debug)]
pub(super) struct SeatedStream<S> {
    stream: S,
    seat: Arc<Seat>,
    turn: Turn,
}

impl<S> SeatedStream<S> {
    pub(super) fn new(stream: S, seat: Arc<Seat>, turns: Arc<Semaphore>) -> Self {
        let turn = Turn {
            turns,
            wait: None,
            taken: None,
        };
        Self { stream, seat, turn }
    }

    fn note(&mut self, written: &Poll<io::Result<usize>>) {
        match written {
            Poll::Ready(Ok(bytes)) => self.seat.has_taken(*bytes),
            Poll::Ready(Err(_)) => {}
            // Nobody else waits for this client.
            Poll::Pending => self.turn.end(),
        }
    }
}

impl<S: AsyncRead + ReadReady + Unpin> AsyncRead for SeatedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.turn.is_used_up(&this.seat) {
            this.turn.end();
        }
        if !this.turn.is_taken() && this.seat.was_answered_within(HURRY) {
            ready!(this.stream.poll_read_ready(context))?;
            ready!(this.turn.poll(&this.seat, context));
        }
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        if read.is_pending() && !this.seat.is_at_work() {
            this.turn.end();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for SeatedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, buffers);
        self.note(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

type Wait = dyn Future<Output = Result<OwnedSemaphorePermit, AcquireError>> + Send + Sync;

/// The turn of a connection: for one request, from reading it to writing its answer.
struct Turn {
    turns: Arc<Semaphore>,
    /// While it waits, its place in the line.
    wait: Option<Pin<Box<Wait>>>,
    /// With how often the client had asked before.
    taken: Option<(u64, OwnedSemaphorePermit)>,
}

impl Turn {
    fn is_taken(&self) -> bool {
        self.taken.is_some()
    }

    /// Says whether a request was answered in it; the next takes a turn of its own.
    fn is_used_up(&self, seat: &Seat) -> bool {
        let answers = self.taken.as_ref().map(|(answers, _)| *answers);
        answers.is_some_and(|answers| answers != seat.answers()) && !seat.is_at_work()
    }

    fn end(&mut self) {
        self.taken = None;
        self.wait = None;
    }

    /// Waits for a turn.
    fn poll(&mut self, seat: &Seat, context: &mut Context<'_>) -> Poll<()> {
        let turn = if let Some(wait) = &mut self.wait {
            ready!(wait.as_mut().poll(context)).ok()
        } else if let Ok(turn) = Arc::clone(&self.turns).try_acquire_owned() {
            Some(turn)
        } else {
            let wait = Arc::clone(&self.turns).acquire_owned();
            let wait = self.wait.insert(Box::pin(wait));
            ready!(wait.as_mut().poll(context)).ok()
        };
        self.wait = None;
        // The line is never closed.
        self.taken = turn.map(|turn| (seat.answers(), turn));
        Poll::Ready(())
    }
}

impl std::fmt::Debug for Turn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Turn")
            .field("is_waiting", &self.wait.is_some())
            .field("is_taken", &self.is_taken())
            .finish_non_exhaustive()
    }
}
