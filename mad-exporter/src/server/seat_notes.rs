//! Tells the seat of a connection what its client does.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, ReadBuf};

use super::accompanied::Companion;
use super::seats::Seat;

/// Tells a seat what its client does.
#[derive(Debug)]
pub(super) struct SeatNotes(pub(super) Arc<Seat>);

impl Companion for SeatNotes {
    fn poll_read<S: AsyncRead>(
        &mut self,
        stream: Pin<&mut S>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = stream.poll_read(context, buffer);
        if read.is_ready() {
            self.0.has_spoken();
        }
        read
    }

    fn written(
        &mut self,
        written: Poll<io::Result<usize>>,
        _: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = &written {
            self.0.has_taken(*bytes);
        }
        written
    }
}
