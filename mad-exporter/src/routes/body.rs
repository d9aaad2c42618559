//! The bodies of requests: small, in time, and JSON.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::timeout;

use super::reply::JSON;
use crate::render::problem::Problem;

/// How large a body may be.
const MAX_BODY: usize = 16 * 1024;

/// How long a body may take.
const BODY_DEADLINE: Duration = Duration::from_secs(2);

/// Reads the body of a request: JSON, or nothing at all. It is refused as soon as can be seen that it
/// will not do.
pub(super) async fn read_json(headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    let media_type = headers
        .get(CONTENT_TYPE)
        .map(|value| value.to_str().unwrap_or_default());
    if media_type.is_some_and(|media_type| !is_json(media_type)) {
        return Err(not_json());
    }
    let bytes = read(body).await?;
    if media_type.is_none() && !bytes.is_empty() {
        return Err(not_json());
    }
    Ok(bytes)
}

fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(JSON)
}

/// Why a body was not read to its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Unread {
    TooLarge,
    BrokeOff,
    TooSlow,
}

/// Reads a body, of whatever kind.
pub(super) async fn read(body: Body) -> Result<Bytes, Unread> {
    let body = Limited::new(body, MAX_BODY);
    match timeout(BODY_DEADLINE, body.collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Unread::TooLarge),
        Ok(Err(_)) => Err(Unread::BrokeOff),
        Err(_) => Err(Unread::TooSlow),
    }
}

impl From<Unread> for Problem {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::TooLarge => too_large(),
            Unread::BrokeOff => Self::new(400, "the body broke off: send it again"),
            Unread::TooSlow => too_slow(),
        }
    }
}

fn not_json() -> Problem {
    let detail = "a body is JSON here: send `Content-Type: application/json`, or no body at all";
    Problem::new(415, detail)
}

fn too_large() -> Problem {
    let detail = format!("a body has {MAX_BODY} bytes at most: select by pattern or by tag");
    Problem::new(413, detail).with_header("connection", "close")
}

fn too_slow() -> Problem {
    let detail = format!("the body did not come within {BODY_DEADLINE:?}: send it at once");
    Problem::new(408, detail).with_header("connection", "close")
}
