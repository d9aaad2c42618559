//! The places where callers come in: addresses and sockets in the file system.

use std::io;
use std::net::{SocketAddr, TcpListener};

use socket2::SockRef;

use super::stream::Stream;
#[cfg(unix)]
use super::unix::{BoundSocket, SocketFile, UnixSocket};
use crate::authority::Peer;

/// A place where callers come in.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Tcp(SocketAddr),
    #[cfg(unix)]
    Unix(UnixSocket),
}

impl Place {
    /// Says whether somebody can come in who is not on this host.
    pub(crate) fn is_beyond_this_host(&self) -> bool {
        match self {
            Self::Tcp(address) => !address.ip().to_canonical().is_loopback(),
            #[cfg(unix)]
            Self::Unix(_) => false,
        }
    }

    /// Takes the place; callers wait until it is served.
    pub(crate) fn bind(self) -> io::Result<Bound> {
        match self {
            Self::Tcp(address) => Ok(Bound::Tcp(TcpListener::bind(address)?)),
            #[cfg(unix)]
            Self::Unix(socket) => Ok(Bound::Unix(socket.bind()?)),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            #[cfg(unix)]
            Self::Unix(socket) => socket.path().display().fmt(f),
        }
    }
}

/// A place that is taken, and not served yet.
#[derive(Debug)]
pub(crate) enum Bound {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(BoundSocket),
}

impl Bound {
    /// Returns its address, with the port that it got; none if it is in the file system.
    pub(crate) fn address(&self) -> io::Result<Option<SocketAddr>> {
        match self {
            Self::Tcp(listener) => listener.local_addr().map(Some),
            #[cfg(unix)]
            Self::Unix(_) => Ok(None),
        }
    }

    /// Hands it to the runtime that this is called in.
    pub(super) fn listen(self) -> io::Result<Listener> {
        match self {
            Self::Tcp(listener) => {
                listener.set_nonblocking(true)?;
                tokio::net::TcpListener::from_std(listener).map(Listener::Tcp)
            }
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
}

impl Listener {
    /// Returns the socket below it, for its options.
    pub(super) fn socket(&self) -> SockRef<'_> {
        match self {
            Self::Tcp(listener) => SockRef::from(listener),
            #[cfg(unix)]
            Self::Unix { listener, .. } => SockRef::from(listener),
        }
    }

    /// Waits for somebody to come in.
    pub(super) async fn accept(&self) -> io::Result<(Stream, Peer)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, address) = listener.accept().await?;
                // An answer is written at once and whole; there is nothing to wait for.
                _ = stream.set_nodelay(true);
                Ok((Stream::Tcp(stream), Peer::Network(address)))
            }
            #[cfg(unix)]
            Self::Unix { listener, .. } => {
                let (stream, _) = listener.accept().await?;
                let process = stream.peer_cred().ok().and_then(|peer| peer.pid());
                Ok((Stream::Unix(stream), Peer::Unix(process)))
            }
        }
    }
}
