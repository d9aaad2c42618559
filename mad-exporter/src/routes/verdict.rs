//! What load balancers read of an answer: the status, and a header.

use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;

use super::query::Query;
use crate::render::state::State;

/// To Envoy, a host that answers with it comes after those that do not, whatever its value.
const X_ENVOY_DEGRADED: HeaderName = HeaderName::from_static("x-envoy-degraded");

/// Returns the status for a state, as the one who asks wants it told.
pub(super) fn status(state: State, query: &Query) -> u16 {
    let words = state.words();
    if query.has("consul") {
        words.consul_status
    } else {
        words.status
    }
}

/// Adds the header that Envoy looks for.
pub(super) fn with_envoy_header(state: State, mut answer: Response) -> Response {
    if state == State::Degraded {
        let headers = answer.headers_mut();
        headers.insert(X_ENVOY_DEGRADED, HeaderValue::from_static("true"));
    }
    answer
}
