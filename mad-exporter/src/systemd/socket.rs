//! Where a service manager listens.

use std::ffi::OsStr;
use std::io;

/// A way to the service manager.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub(super) struct Socket {
    socket: std::os::unix::net::UnixDatagram,
    address: std::os::unix::net::SocketAddr,
}

#[cfg(target_os = "linux")]
impl Socket {
    /// Takes a path, or after an `@` a name that is in no file system.
    pub(super) fn open(address: &OsStr) -> io::Result<Self> {
        use std::os::linux::net::SocketAddrExt as _;
        use std::os::unix::ffi::OsStrExt as _;
        use std::os::unix::net::{SocketAddr, UnixDatagram};

        let address = match address.as_bytes() {
            [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
            [b'/', ..] => SocketAddr::from_pathname(address)?,
            _ => {
                let problem = "it is no path and no `@name`";
                return Err(io::Error::new(io::ErrorKind::Unsupported, problem));
            }
        };
        let socket = UnixDatagram::unbound()?;
        // A manager that takes nothing costs this datagram and no more.
        socket.set_write_timeout(Some(std::time::Duration::from_secs(1)))?;
        Ok(Self { socket, address })
    }

    pub(super) fn send(&self, text: &str) -> io::Result<()> {
        self.socket
            .send_to_addr(text.as_bytes(), &self.address)
            .map(drop)
    }
}

/// There is none on this system.
#[cfg(not(target_os = "linux"))]
#[derive(Debug)]
pub(super) enum Socket {}

#[cfg(not(target_os = "linux"))]
impl Socket {
    pub(super) fn open(_: &OsStr) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn send(&self, _: &str) -> io::Result<()> {
        match *self {}
    }
}
