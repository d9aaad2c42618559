//! Who may act and who may see.
//!
//! Everybody may ask whether the service works. What acts (starting a self-test, draining) and what
//! reveals (error texts, file names) is for whoever has the token; where no token is set, for
//! callers from this host.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::header::{AUTHORIZATION, FORWARDED, HOST, HeaderName, ORIGIN, VIA};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};

use crate::render::problem::Problem;
use crate::token::Token;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What a proxy adds when it passes on what somebody else asked.
const FORWARDING: [HeaderName; 4] = [
    FORWARDED,
    VIA,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-real-ip"),
];

/// Who may act and who may see.
#[derive(Debug)]
pub(crate) struct Authority {
    token: Option<Token>,
}

impl Authority {
    pub(crate) fn new(token: Option<Token>) -> Self {
        Self { token }
    }

    /// Lets a request pass that acts or reveals, or says what is missing. It reads the head only.
    pub(crate) fn admit(&self, head: &Parts) -> Result<(), Problem> {
        refuse_cross_site(head)?;
        match &self.token {
            Some(token) => admit_bearer(token, &head.headers),
            None => admit_loopback(head),
        }
    }
}

/// Says whether a request with this method asks for more than to look.
pub(crate) fn acts(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD)
}

/// Returns where a request comes from, if its server says so.
pub(crate) fn peer(head: &Parts) -> Option<SocketAddr> {
    let peer = head.extensions.get::<ConnectInfo<SocketAddr>>()?;
    Some(peer.0)
}

/// Refuses what a browser sends because some page told it to.
///
/// A page may send a POST to any host without asking; it cannot keep the browser from saying where
/// that came from.
fn refuse_cross_site(head: &Parts) -> Result<(), Problem> {
    if !acts(&head.method) || !(says_cross_site(&head.headers) || is_foreign_origin(head)) {
        return Ok(());
    }
    let detail =
        "a page of another site sent this: send it from a program, or from a page of this service";
    Err(Problem::new(403, detail))
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

fn admit_bearer(token: &Token, headers: &HeaderMap) -> Result<(), Problem> {
    if bearer(headers).is_some_and(|presented| token.is(presented.as_bytes())) {
        return Ok(());
    }
    let detail = "send the token of this service: `Authorization: Bearer TOKEN`";
    Err(Problem::new(401, detail).with_header("www-authenticate", "Bearer"))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = only(headers, &AUTHORIZATION)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Lets callers from this host pass, and no page that a browser on this host was made to load.
fn admit_loopback(head: &Parts) -> Result<(), Problem> {
    let is_loopback = peer(head).is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    // A name that a foreign page's host resolves to this host is still that page's name.
    let is_addressed = addressed_host(head).is_some_and(is_loopback_authority);
    if is_loopback && is_addressed && !is_forwarded(&head.headers) {
        return Ok(());
    }
    let detail = "without a token this is served to callers on the same host only, who ask for \
                  `localhost`, `127.0.0.1` or `[::1]`: set a token with `.token_from_env(\"MAD_TOKEN\")` \
                  and send it as `Authorization: Bearer TOKEN`";
    Err(Problem::new(403, detail))
}

/// A proxy on this host makes everybody a caller from this host.
fn is_forwarded(headers: &HeaderMap) -> bool {
    FORWARDING.iter().any(|name| headers.contains_key(name))
}

/// Returns the host and port that a request is for: in its target, as HTTP/2 has it, or in `Host`.
fn addressed_host(head: &Parts) -> Option<&str> {
    match head.uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => only(&head.headers, &HOST),
    }
}

fn is_loopback_authority(authority: &str) -> bool {
    let host = host_of(authority);
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = |address: std::net::IpAddr| address.to_canonical().is_loopback();
    host.eq_ignore_ascii_case("localhost") || address.parse().is_ok_and(is_loopback)
}

/// Cuts the port off.
fn host_of(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// Returns a header that is there once. Of two, nobody can say which one others went by.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::is_loopback_authority;

    #[test]
    fn loopback_is_known_by_name_and_by_address() {
        let loopback = [
            "localhost",
            "LOCALHOST:80",
            "127.0.0.1",
            "127.3.2.1:9",
            "[::1]",
            "[::1]:9464",
        ];
        let foreign = [
            "",
            "localhost.evil.example",
            "127.0.0.1.evil.example:80",
            "10.0.0.1",
            "[::2]:1",
            "evil.example",
        ];
        for host in loopback {
            assert!(is_loopback_authority(host), "{host}");
        }
        for host in foreign {
            assert!(!is_loopback_authority(host), "{host}");
        }
    }
}
