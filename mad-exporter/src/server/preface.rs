//! Whether a connection is one of HTTP/2, which begins with words that no request begins with.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What a client of HTTP/2 says first.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A stream of which the beginning was read, and is read again.
#[derive(Debug)]
pub(super) struct Opened<S> {
    stream: S,
    beginning: Vec<u8>,
    read_again: usize,
}

impl<S: AsyncRead + Unpin> Opened<S> {
    /// Reads as much as it takes to tell.
    pub(super) async fn read(stream: S) -> io::Result<Self> {
        let mut opened = Self {
            stream,
            beginning: Vec::with_capacity(PREFACE.len()),
            read_again: 0,
        };
        while opened.may_be_http2() && !opened.is_http2() {
            if opened.read_more().await? == 0 {
                break;
            }
        }
        Ok(opened)
    }

    /// Says whether the client has said that it speaks HTTP/2.
    pub(super) fn is_http2(&self) -> bool {
        self.beginning == PREFACE
    }

    fn may_be_http2(&self) -> bool {
        PREFACE.starts_with(&self.beginning)
    }

    async fn read_more(&mut self) -> io::Result<usize> {
        let mut bytes = [0; PREFACE.len()];
        let mut buffer = ReadBuf::new(&mut bytes[self.beginning.len()..]);
        poll_fn(|context| Pin::new(&mut self.stream).poll_read(context, &mut buffer)).await?;
        self.beginning.extend_from_slice(buffer.filled());
        Ok(buffer.filled().len())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Opened<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let rest = &self.beginning[self.read_again..];
        if rest.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let length = rest.len().min(buffer.remaining());
        buffer.put_slice(&rest[..length]);
        self.read_again += length;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Opened<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
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
