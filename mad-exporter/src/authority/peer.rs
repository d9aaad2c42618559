//! Who is at the other end of a connection.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::ConnectInfo;
use axum::http::request::Parts;

use super::scope::{Grant, Scopes};

/// A client's certificate, verified.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ClientCertificate {
    /// Whom it is for, as RFC 4514 writes it.
    pub(crate) subject: String,
    /// What is granted to whoever has one of this kind.
    pub(crate) scopes: Scopes,
}

impl ClientCertificate {
    /// Returns what it grants by itself, if it does.
    pub(super) fn grant(&self) -> Option<Grant> {
        let grant = Grant::new(self.subject.clone(), self.scopes);
        (self.scopes != Scopes::NONE).then_some(grant)
    }
}

/// Who is at the other end of a connection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Peer {
    /// A caller over the network, be it the one inside this host.
    Network(SocketAddr),
    /// A caller over the network who has shown a certificate that was asked for and verified.
    #[cfg_attr(
        not(feature = "tls"),
        expect(dead_code, reason = "without TLS nobody shows a certificate")
    )]
    Certified(SocketAddr, Arc<ClientCertificate>),
    /// A caller through a socket in the file system, with the number of its process if that is known.
    Unix(Option<i32>),
    /// The application's server does not say.
    Unknown,
}

impl Peer {
    /// Returns the peer that a server has put into a request: MAD's own, or the application's.
    pub(crate) fn of(head: &Parts) -> Self {
        if let Some(peer) = head.extensions.get::<Self>() {
            return peer.clone();
        }
        let address = head.extensions.get::<ConnectInfo<SocketAddr>>();
        address.map_or(Self::Unknown, |address| Self::Network(address.0))
    }

    /// Returns the certificate that the caller has shown.
    pub(crate) fn certificate(&self) -> Option<&ClientCertificate> {
        match self {
            Self::Certified(_, certificate) => Some(certificate),
            _ => None,
        }
    }

    /// Returns the address of a caller that has one.
    pub(crate) fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Network(address) | Self::Certified(address, _) => {
                Some(address.ip().to_canonical())
            }
            Self::Unix(_) | Self::Unknown => None,
        }
    }

    /// Says whether the caller is on this host.
    pub(crate) fn is_local(&self) -> bool {
        matches!(self, Self::Unix(_)) || self.ip().is_some_and(|address| address.is_loopback())
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(address) | Self::Certified(address, _) => address.fmt(f),
            Self::Unix(Some(process)) => write!(f, "process {process}"),
            Self::Unix(None) => f.write_str("a process on this host"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}
