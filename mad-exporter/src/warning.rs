//! What is not as somebody might believe, though it works.

use std::fmt;
use std::net::SocketAddr;

/// What is not as somebody might believe, though it works.
///
/// [`Exporter::warnings`](crate::Exporter::warnings) lists them: write them to the log at the start.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Warning {
    /// Others than those on this host reach this address, and there is no token: only probes, `/health` and
    /// `/metrics` are served there.
    NoToken {
        /// The address that was asked for.
        address: SocketAddr,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoToken { address } => write!(
                f,
                "{address} is reached from beyond this host and there is no token, so that only probes, \
                 /health and /metrics are served there: set a token with `.token_from_env(\"MAD_TOKEN\")`, \
                 or say that this is all with `.listen_probes(..)`"
            ),
        }
    }
}
