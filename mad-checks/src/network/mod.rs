//! Talking to a peer, within the time that a run has.

mod address;
mod connection;
mod deadline;
mod http;
mod resolver;
#[cfg(feature = "tls")]
mod tls;
#[cfg(not(feature = "tls"))]
#[path = "without_tls.rs"]
mod tls;

use std::io;
use std::net::SocketAddr;

use thiserror::Error;

pub(crate) use address::Address;
pub(crate) use connection::{connect, connect_to_any};
pub(crate) use deadline::Deadline;
pub(crate) use http::{Response, Url};
pub(crate) use resolver::Resolver;
#[cfg(feature = "tls")]
pub(crate) use tls::Presented;
pub(crate) use tls::Trust;

/// Why a peer could not be asked, or did not answer.
#[derive(Debug, Error)]
pub(crate) enum NetworkError {
    #[error("`{0}` is no address: write `host:port`, such as `db.internal:5432` or `[::1]:5432`")]
    NotAnAddress(String),
    #[error("`{url}` cannot be asked: {why}")]
    Url { url: String, why: &'static str },
    #[error("the name `{host}` cannot be looked up")]
    Lookup { host: String, source: io::Error },
    #[error(
        "the name `{host}` cannot be looked up: the system's resolver has not answered in time"
    )]
    LookupStuck { host: String },
    #[error("the name `{host}` has no address")]
    NoAddress { host: String },
    #[error("{address} cannot be connected to")]
    Connect {
        address: SocketAddr,
        source: io::Error,
    },
    #[error("none of the {} addresses can be connected to: {}", failures.len(), listed(failures))]
    ConnectAny { failures: Vec<NetworkError> },
    #[error("the peer did not do its part: {doing}")]
    Exchange {
        doing: &'static str,
        source: io::Error,
    },
    #[error("the peer's answer is no HTTP that can be read: {0}")]
    NotHttp(&'static str),
    #[cfg(not(feature = "tls"))]
    #[error("https needs the feature `tls` of mad-checks")]
    WithoutTls,
    #[cfg(feature = "tls")]
    #[error("the certificates given to trust are no PEM with a certificate in it")]
    NotPem,
    #[cfg(feature = "tls")]
    #[error("`{0}` is no name that a certificate can have")]
    NotAServerName(String),
    #[cfg(feature = "tls")]
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
}

/// Lists failures, each with its cause.
fn listed(failures: &[NetworkError]) -> String {
    let texts: Vec<_> = failures.iter().map(with_cause).collect();
    texts.join("; ")
}

pub(crate) fn with_cause(error: &NetworkError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
