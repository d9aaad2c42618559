//! The places where callers come in: addresses and sockets in the file system.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

#[cfg(feature = "tls")]
use rustls::ServerConfig;
use socket2::SockRef;
use tokio::net::TcpStream;
#[cfg(feature = "tls")]
use tokio_rustls::TlsAcceptor;

use super::stream::Stream;
#[cfg(feature = "tls")]
use super::tls::{Tls, TlsError, client_certificate};
#[cfg(unix)]
use super::unix::{BoundSocket, SocketFile, UnixSocket};
use crate::authority::Peer;
#[cfg(feature = "tls")]
use crate::authority::Scopes;
use crate::reload::Reload;
#[cfg(feature = "tls")]
use crate::reload::Reloaded;

/// A place where callers come in.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Tcp(SocketAddr),
    #[cfg(unix)]
    Unix(UnixSocket),
    #[cfg(feature = "tls")]
    Tls(SocketAddr, Tls),
}

impl Place {
    /// Returns its address, if it has one.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(address) => Some(*address),
            #[cfg(unix)]
            Self::Unix(_) => None,
            #[cfg(feature = "tls")]
            Self::Tls(address, _) => Some(*address),
        }
    }

    /// Says whether whoever comes in is known by that alone.
    pub(crate) fn knows_callers(&self) -> bool {
        match self {
            Self::Tcp(_) => false,
            #[cfg(unix)]
            Self::Unix(_) => false,
            #[cfg(feature = "tls")]
            Self::Tls(_, tls) => tls.knows_callers(),
        }
    }

    /// Says whether somebody can come in who is not on this host.
    pub(crate) fn is_beyond_this_host(&self) -> bool {
        let ip = self.address().map(|address| address.ip().to_canonical());
        ip.is_some_and(|ip| !ip.is_loopback())
    }

    /// Takes the place; callers wait until it is served.
    pub(crate) fn bind(self) -> io::Result<Bound> {
        match self {
            Self::Tcp(address) => Ok(Bound::Tcp(TcpListener::bind(address)?)),
            #[cfg(unix)]
            Self::Unix(socket) => Ok(Bound::Unix(socket.bind()?)),
            #[cfg(feature = "tls")]
            Self::Tls(address, tls) => {
                let scopes = tls.client_scopes();
                let config = tls.load().map_err(TlsError::into_io)?;
                let listener = TcpListener::bind(address)?;
                Ok(Bound::Tls(
                    listener,
                    Security {
                        config: Arc::new(config),
                        scopes,
                    },
                ))
            }
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            #[cfg(unix)]
            Self::Unix(socket) => socket.path().display().fmt(f),
            #[cfg(feature = "tls")]
            Self::Tls(address, _) => address.fmt(f),
        }
    }
}

/// A place that is taken, and not served yet.
#[derive(Debug)]
pub(crate) enum Bound {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(BoundSocket),
    #[cfg(feature = "tls")]
    Tls(TcpListener, Security),
}

/// What a TLS listener needs beyond a TCP listener.
#[cfg(feature = "tls")]
#[derive(Clone, Debug)]
pub(crate) struct Security {
    config: Arc<Reloaded<ServerConfig>>,
    /// What a client's certificate grants.
    scopes: Scopes,
}

impl Bound {
    /// Returns its address, with the port that it got; none if it is in the file system.
    pub(crate) fn address(&self) -> io::Result<Option<SocketAddr>> {
        match self {
            Self::Tcp(listener) => listener.local_addr().map(Some),
            #[cfg(unix)]
            Self::Unix(_) => Ok(None),
            #[cfg(feature = "tls")]
            Self::Tls(listener, _) => listener.local_addr().map(Some),
        }
    }

    /// Returns what is read again when its files change.
    pub(crate) fn reloaded(&self) -> Option<Arc<dyn Reload>> {
        match self {
            Self::Tcp(_) => None,
            #[cfg(unix)]
            Self::Unix(_) => None,
            #[cfg(feature = "tls")]
            Self::Tls(_, security) => Some(Arc::clone(&security.config) as _),
        }
    }

    /// Hands it to the runtime that this is called in.
    pub(super) fn listen(self) -> io::Result<Listener> {
        match self {
            Self::Tcp(listener) => listen_tcp(listener).map(Listener::Tcp),
            #[cfg(feature = "tls")]
            Self::Tls(listener, security) => Ok(Listener::Tls(listen_tcp(listener)?, security)),
            #[cfg(unix)]
            Self::Unix(socket) => {
                let (listener, file) = socket.into_parts();
                listener.set_nonblocking(true)?;
                let listener = tokio::net::UnixListener::from_std(listener)?;
                Ok(Listener::Unix {
                    listener,
                    _file: file,
                })
            }
        }
    }
}

fn listen_tcp(listener: TcpListener) -> io::Result<tokio::net::TcpListener> {
    listener.set_nonblocking(true)?;
    tokio::net::TcpListener::from_std(listener)
}

/// A place that is served.
#[derive(Debug)]
pub(super) enum Listener {
    Tcp(tokio::net::TcpListener),
    #[cfg(unix)]
    Unix {
        listener: tokio::net::UnixListener,
        /// It goes when this does.
        _file: SocketFile,
    },
    #[cfg(feature = "tls")]
    Tls(tokio::net::TcpListener, Security),
}

impl Listener {
    /// Returns the socket below it, for its options.
    pub(super) fn socket(&self) -> SockRef<'_> {
        match self {
            Self::Tcp(listener) => SockRef::from(listener),
            #[cfg(unix)]
            Self::Unix { listener, .. } => SockRef::from(listener),
            #[cfg(feature = "tls")]
            Self::Tls(listener, _) => SockRef::from(listener),
        }
    }

    /// Waits for somebody to come in.
    pub(super) async fn accept(&self) -> io::Result<Arrival> {
        match self {
            Self::Tcp(listener) => {
                let (stream, address) = accept_tcp(listener).await?;
                Ok(Arrival::of(Stream::Tcp(stream), Peer::Network(address)))
            }
            #[cfg(feature = "tls")]
            Self::Tls(listener, security) => {
                let (stream, address) = accept_tcp(listener).await?;
                let arrival = Arrival::of(Stream::Tcp(stream), Peer::Network(address));
                Ok(Arrival {
                    security: Some(security.clone()),
                    ..arrival
                })
            }
            #[cfg(unix)]
            Self::Unix { listener, .. } => {
                let (stream, _) = listener.accept().await?;
                let process = stream.peer_cred().ok().and_then(|peer| peer.pid());
                Ok(Arrival::of(Stream::Unix(stream), Peer::Unix(process)))
            }
        }
    }
}

async fn accept_tcp(listener: &tokio::net::TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    let (stream, address) = listener.accept().await?;
    // An answer is written at once and whole; there is nothing to wait for.
    _ = stream.set_nodelay(true);
    Ok((stream, address))
}

/// Somebody who has come in, and has said nothing yet.
#[derive(Debug)]
pub(super) struct Arrival {
    stream: Stream,
    peer: Peer,
    #[cfg(feature = "tls")]
    security: Option<Security>,
}

impl Arrival {
    fn of(stream: Stream, peer: Peer) -> Self {
        Self {
            stream,
            peer,
            #[cfg(feature = "tls")]
            security: None,
        }
    }

    pub(super) fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Agrees on how to talk. It waits for the other side, where there is something to agree on.
    #[cfg(not(feature = "tls"))]
    #[expect(clippy::unused_async, reason = "with TLS it waits")]
    pub(super) async fn open(self) -> io::Result<(Stream, Peer)> {
        Ok((self.stream, self.peer))
    }

    /// Agrees on how to talk. It waits for the other side, where there is something to agree on.
    #[cfg(feature = "tls")]
    pub(super) async fn open(self) -> io::Result<(Stream, Peer)> {
        let (stream, Security { config, scopes }) = match (self.stream, self.security) {
            (Stream::Tcp(stream), Some(security)) => (stream, security),
            (stream, _) => return Ok((stream, self.peer)),
        };
        let stream = TlsAcceptor::from(config.current()).accept(stream).await?;
        let peer = match (client_certificate(stream.get_ref().1, scopes), self.peer) {
            (Some(certificate), Peer::Network(address)) => {
                Peer::Certified(address, Arc::new(certificate))
            }
            (_, peer) => peer,
        };
        Ok((Stream::Tls(Box::new(stream)), peer))
    }
}
