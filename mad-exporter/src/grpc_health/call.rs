//! How a call ends: with a message, or with a code and why.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, stream};
use http_body_util::StreamBody;
use hyper::body::Frame;

use super::envelope::sealed;

/// The media type of what is answered.
const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/grpc");

const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");

/// How a call ended, as a number on the wire.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Code {
    Cancelled = 1,
    DeadlineExceeded = 4,
    NotFound = 5,
    ResourceExhausted = 8,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
}

/// Why a call came to no answer, or came to its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Refusal {
    code: Code,
    /// ASCII without `%`, so that it goes into a header as it is.
    message: &'static str,
}

impl Refusal {
    pub(crate) const fn new(code: Code, message: &'static str) -> Self {
        Self { code, message }
    }

    fn headers(self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(GRPC_STATUS, HeaderValue::from(self.code as u16));
        headers.insert(GRPC_MESSAGE, HeaderValue::from_static(self.message));
        headers
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = ([(CONTENT_TYPE, MEDIA_TYPE)], self.headers()).into_response();
        *response.body_mut() = Body::empty();
        response
    }
}

/// What comes of a call next.
pub(crate) type Part = Frame<Bytes>;

/// A message of the answer.
pub(super) fn message(message: &[u8]) -> Part {
    Frame::data(sealed(message))
}

/// That the answer is over, and well.
fn end() -> Part {
    let mut trailers = HeaderMap::new();
    trailers.insert(GRPC_STATUS, HeaderValue::from_static("0"));
    Frame::trailers(trailers)
}

/// That the answer is over, and why.
pub(super) fn broken_off(refusal: Refusal) -> Part {
    Frame::trailers(refusal.headers())
}

/// Answers with one message.
pub(crate) fn answer(bytes: &[u8]) -> Response {
    stream_of(stream::iter([message(bytes), end()]))
}

/// Answers with messages as they come.
pub(super) fn stream_of(parts: impl Stream<Item = Part> + Send + 'static) -> Response {
    use futures_util::StreamExt;

    let body = StreamBody::new(parts.map(Ok::<_, Infallible>));
    ([(CONTENT_TYPE, MEDIA_TYPE)], Body::new(body)).into_response()
}
