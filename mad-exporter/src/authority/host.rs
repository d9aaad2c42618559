//! The host that a request is for, as its sender calls it.

use std::net::IpAddr;

use axum::http::HeaderMap;
use axum::http::header::{HOST, HeaderName};
use axum::http::request::Parts;

/// Returns the host and port that a request is for: in its target, as HTTP/2 has it, or in `Host`.
pub(super) fn addressed_host(head: &Parts) -> Option<&str> {
    match head.uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => only(&head.headers, &HOST),
    }
}

/// The names of this host that the program knows of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hosts(Vec<String>);

impl Hosts {
    pub(crate) fn new(names: Vec<String>) -> Self {
        Self(names)
    }

    pub(crate) fn are_known(&self) -> bool {
        !self.0.is_empty()
    }

    /// Says whether a request asks for this host by a name that is its own, or by an address, which no
    /// page of another site can make a browser take for a name. One that names no host comes from no
    /// browser.
    pub(crate) fn is_meant(&self, head: &Parts) -> bool {
        if head.uri.authority().is_none() && !head.headers.contains_key(HOST) {
            return true;
        }
        addressed_host(head).is_some_and(|authority| {
            is_loopback(authority) || address_of(authority).is_some() || self.has(authority)
        })
    }

    /// Says whether this is this very host, whichever way it is called.
    pub(super) fn is_this_host(&self, authority: &str) -> bool {
        is_loopback(authority) || self.has(authority)
    }

    fn has(&self, authority: &str) -> bool {
        let host = host_of(authority);
        self.0.iter().any(|name| name.eq_ignore_ascii_case(host))
    }
}

/// Says whether this is this very host, by name or by address.
fn is_loopback(authority: &str) -> bool {
    host_of(authority).eq_ignore_ascii_case("localhost")
        || address_of(authority).is_some_and(|address| address.to_canonical().is_loopback())
}

fn address_of(authority: &str) -> Option<IpAddr> {
    let host = host_of(authority);
    host.trim_start_matches('[')
        .trim_end_matches(']')
        .parse()
        .ok()
}

/// Cuts the port off.
fn host_of(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// Returns a header that is there once. Of two, nobody can say which one others went by.
pub(super) fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

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
            assert!(is_loopback(host), "{host}");
        }
        for host in foreign {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
