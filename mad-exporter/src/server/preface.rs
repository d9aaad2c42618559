//! Whether a connection is one of HTTP/2, which begins with words that no request begins with.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, ReadBuf};

use super::accompanied::{Accompanied, Companion};

/// What a client of HTTP/2 says first.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A stream of which the beginning was read, and is read again.
pub(super) type Opened<S> = Accompanied<S, Beginning>;

/// Reads as much as it takes to tell.
pub(super) async fn read<S: AsyncRead + Unpin>(mut stream: S) -> io::Result<Opened<S>> {
    let mut beginning = Beginning {
        bytes: Vec::with_capacity(PREFACE.len()),
        read_again: 0,
    };
    while beginning.may_be_http2() && !beginning.is_http2() {
        if beginning.read_more(&mut stream).await? == 0 {
            break;
        }
    }
    Ok(Opened::new(stream, beginning))
}

/// What a client has said first.
#[derive(Debug)]
pub(super) struct Beginning {
    bytes: Vec<u8>,
    read_again: usize,
}

impl Beginning {
    /// Says whether the client has said that it speaks HTTP/2.
    pub(super) fn is_http2(&self) -> bool {
        self.bytes == PREFACE
    }

    fn may_be_http2(&self) -> bool {
        PREFACE.starts_with(&self.bytes)
    }

    async fn read_more(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> io::Result<usize> {
        let mut bytes = [0; PREFACE.len()];
        let mut buffer = ReadBuf::new(&mut bytes[self.bytes.len()..]);
        poll_fn(|context| Pin::new(&mut *stream).poll_read(context, &mut buffer)).await?;
        self.bytes.extend_from_slice(buffer.filled());
        Ok(buffer.filled().len())
    }
}

impl Companion for Beginning {
    fn poll_read<S: AsyncRead>(
        &mut self,
        stream: Pin<&mut S>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let rest = &self.bytes[self.read_again..];
        if rest.is_empty() {
            return stream.poll_read(context, buffer);
        }
        let length = rest.len().min(buffer.remaining());
        buffer.put_slice(&rest[..length]);
        self.read_again += length;
        Poll::Ready(Ok(()))
    }
}
