//! Answers from what was rendered.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::render::problem::{self, Problem};

/// The media type of what is for people.
pub(super) const PLAIN_TEXT: &str = "text/plain; charset=utf-8";

/// The media type of what has no other: shapes of MAD's own.
pub(super) const JSON: &str = "application/json";

/// Of what changes all the time.
const NO_STORE: &str = "no-store";

const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");

/// As many as most answers have.
const ROOM_FOR_HEADERS: usize = 6;

/// Answers with text for people.
pub(super) fn text(status: u16, text: impl Into<Body>) -> Response {
    typed(status, PLAIN_TEXT, text)
}

/// Answers with a shape as JSON, in lines: it is read in terminals as often as by programs.
pub(super) fn json(status: u16, media_type: &'static str, shape: &impl Serialize) -> Response {
    match serde_json::to_vec_pretty(shape) {
        Ok(mut body) => {
            body.push(b'\n');
            typed(status, media_type, body)
        }
        Err(error) => {
            Problem::new(500, format!("this cannot be written as JSON: {error}")).into_response()
        }
    }
}

/// Answers with a body of some media type, which is out of date at once.
pub(super) fn typed(status: u16, media_type: &'static str, body: impl Into<Body>) -> Response {
    cached(status, media_type, NO_STORE, body)
}

/// Answers with a body of some media type, and says how long it keeps.
pub(super) fn cached(
    status: u16,
    media_type: &'static str,
    cache_control: &'static str,
    body: impl Into<Body>,
) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = self::status(status);
    let headers = response.headers_mut();
    headers.reserve(ROOM_FOR_HEADERS);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache_control));
    headers.insert(X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    response
}

/// Adds what every answer has: where this is called, and not around all routes, it costs a probe next to nothing.
///
/// Whatever does not say how long it keeps is out of date at once.
pub(super) fn with_common_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    let cache = headers.entry(CACHE_CONTROL);
    cache.or_insert(HeaderValue::from_static(NO_STORE));
    response
}

fn status(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = typed(self.status(), problem::MEDIA_TYPE, self.to_json());
        for (name, value) in self.headers() {
            if let Ok(value) = HeaderValue::from_str(value) {
                response
                    .headers_mut()
                    .insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}
