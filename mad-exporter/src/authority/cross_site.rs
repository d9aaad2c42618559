//! Requests that a browser sends because some page told it to.
//!
//! A page may send a POST to any host without asking; it cannot keep the browser from saying where
//! that came from.

use axum::http::HeaderMap;
use axum::http::header::{HeaderName, ORIGIN};
use axum::http::request::Parts;

use super::host::addressed_host;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Says whether a page of another site sent this.
pub(super) fn is_cross_site(head: &Parts) -> bool {
    says_cross_site(&head.headers) || is_foreign_origin(head)
}

fn says_cross_site(headers: &HeaderMap) -> bool {
    let mut sites = headers.get_all(SEC_FETCH_SITE).iter();
    sites.any(|site| !matches!(site.as_bytes(), b"same-origin" | b"none"))
}

fn is_foreign_origin(head: &Parts) -> bool {
    let host = addressed_host(head);
    let is_own = |origin: &str| {
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        match (authority, host) {
            (Some(authority), Some(host)) => authority.eq_ignore_ascii_case(host),
            _ => false,
        }
    };
    let mut origins = head.headers.get_all(ORIGIN).iter();
    origins.any(|origin| !origin.to_str().is_ok_and(is_own))
}
