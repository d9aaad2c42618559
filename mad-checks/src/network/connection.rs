//! A TCP connection that ends with the run.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

use super::deadline::timed_out;
use super::{Deadline, NetworkError};

/// A connection on which nothing takes longer than the deadline allows.
#[derive(Debug)]
pub(crate) struct Connection {
    socket: TcpStream,
    deadline: Deadline,
}

/// Connects to one address.
pub(crate) fn connect(address: SocketAddr, deadline: Deadline) -> Result<Connection, NetworkError> {
    let refuse = |source| NetworkError::Connect { address, source };
    let left = deadline.left().map_err(refuse)?;
    let socket = TcpStream::connect_timeout(&address, left).map_err(refuse)?;
    Ok(Connection { socket, deadline })
}

/// Connects to the first address that lets it; each has its share of the time.
///
/// The failures before it are returned as well.
pub(crate) fn connect_to_any(
    addresses: &[SocketAddr],
    deadline: Deadline,
) -> Result<(Connection, Vec<NetworkError>), NetworkError> {
    let mut failures = Vec::new();
    for (index, &address) in addresses.iter().enumerate() {
        match connect(address, deadline.share_of(addresses.len() - index)) {
            Ok(connection) => return Ok((connection.until(deadline), failures)),
            Err(error) => failures.push(error),
        }
    }
    if failures.len() == 1 {
        return Err(failures.remove(0));
    }
    Err(NetworkError::ConnectAny { failures })
}

impl Connection {
    fn until(self, deadline: Deadline) -> Self {
        Self { deadline, ..self }
    }

    pub(crate) fn peer(&self) -> io::Result<SocketAddr> {
        self.socket.peer_addr()
    }
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.set_read_timeout(Some(self.deadline.left()?))?;
        self.socket.read(buffer).map_err(plainly)
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.set_write_timeout(Some(self.deadline.left()?))?;
        self.socket.write(bytes).map_err(plainly)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

/// A timeout of a socket is called "resource temporarily unavailable" on Unix.
fn plainly(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => timed_out(),
        _ => error,
    }
}
