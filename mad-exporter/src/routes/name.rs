//! The name that a path ends in.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;

/// What stands in a path after its first part: the name of a check, or `runs/` and the name of a run.
///
/// It may hold slashes, plain or as `%2F`. Bytes that are no text become characters that no name has.
#[derive(Debug)]
pub(super) struct Name {
    pub(super) text: String,
    /// How many slashes stand in it as they are: so many folders down it is.
    pub(super) depth: usize,
}

impl<S: Sync> FromRequestParts<S> for Name {
    type Rejection = Infallible;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let path = head.uri.path().trim_start_matches('/');
        let name = path.split_once('/').map_or("", |(_, name)| name);
        Ok(Self {
            text: percent_decode_str(name).decode_utf8_lossy().into_owned(),
            depth: name.matches('/').count(),
        })
    }
}
