//! A stream with somebody beside it who looks at what passes, or steps in.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Whoever stands beside a stream. Where it does not step in, everything passes as it is.
pub(super) trait Companion: Unpin {
    /// Reads.
    fn poll_read<S: AsyncRead>(
        &mut self,
        stream: Pin<&mut S>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        stream.poll_read(context, buffer)
    }

    /// Looks at what became of a write, and says what is to become of it.
    fn written(
        &mut self,
        written: Poll<io::Result<usize>>,
        _: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        written
    }

    /// The same for what sends all that was written, at the end too.
    fn flushed(
        &mut self,
        flushed: Poll<io::Result<()>>,
        _: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        flushed
    }
}

/// A stream, and whoever stands beside it.
#[derive(Debug)]
pub(super) struct Accompanied<S, C> {
    stream: S,
    companion: C,
}

impl<S, C> Accompanied<S, C> {
    pub(super) const fn new(stream: S, companion: C) -> Self {
        Self { stream, companion }
    }

    #[cfg(feature = "grpc")]
    pub(super) const fn companion(&self) -> &C {
        &self.companion
    }
}

impl<S: AsyncRead + Unpin, C: Companion> AsyncRead for Accompanied<S, C> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let stream = Pin::new(&mut this.stream);
        this.companion.poll_read(stream, context, buffer)
    }
}

impl<S: AsyncWrite + Unpin, C: Companion> AsyncWrite for Accompanied<S, C> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.companion.written(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, buffers);
        self.companion.written(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.companion.flushed(flushed, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let closed = Pin::new(&mut self.stream).poll_shutdown(context);
        self.companion.flushed(closed, context)
    }
}
