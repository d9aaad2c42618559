//! A body in blocks, of which the length is known.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};

/// A body in blocks. Each is freed when it was sent.
#[derive(Debug)]
pub(super) struct Blocks(VecDeque<Bytes>);

impl From<Vec<Bytes>> for Blocks {
    fn from(blocks: Vec<Bytes>) -> Self {
        Self(blocks.into())
    }
}

impl HttpBody for Blocks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|block| Ok(Frame::data(block))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        let length: usize = self.0.iter().map(Bytes::len).sum();
        SizeHint::with_exact(length as u64)
    }
}

impl From<Blocks> for Body {
    fn from(blocks: Blocks) -> Self {
        Self::new(blocks)
    }
}
