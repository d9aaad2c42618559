//! Lines over TCP to servers that say nothing.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use super::SinkError;

/// How long a server may take to let us in, and to take and answer one batch.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// How much of what a server says is kept.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Connects within the patience.
pub(super) fn connect(address: &str) -> Result<TcpStream, SinkError> {
    let addresses = address
        .to_socket_addrs()
        .map_err(|error| match error.kind() {
            ErrorKind::InvalidInput => SinkError::denied(format_args!("{address}: {error}")),
            _ => SinkError::unavailable(format_args!("{address}: {error}")),
        })?;
    let mut last = None;
    for address in addresses {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => {
                let timeouts = stream
                    .set_read_timeout(Some(PATIENCE))
                    .and_then(|()| stream.set_write_timeout(Some(PATIENCE)));
                timeouts.map_err(SinkError::unavailable)?;
                return Ok(stream);
            }
            Err(error) => last = Some(error),
        }
    }
    let why = last.map_or_else(
        || "the name has no address".to_owned(),
        |error| error.to_string(),
    );
    Err(SinkError::unavailable(format_args!("{address}: {why}")))
}

/// Sends lines over a connection of their own, and returns what the server says until it closes, too.
///
/// That is what makes sure that it read them to the end. Servers of such protocols acknowledge nothing, and what was
/// written to one that has died meanwhile is lost without a word; but it then resets the connection and does not
/// close it.
pub(super) fn deliver(address: &str, lines: &[u8]) -> Result<String, SinkError> {
    let lost = |error| SinkError::unavailable(format_args!("{address}: {error}"));
    let mut stream = connect(address)?;
    stream.write_all(lines).map_err(lost)?;
    stream.shutdown(Shutdown::Write).map_err(lost)?;
    let mut said = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer).map_err(lost)? {
            0 => return Ok(String::from_utf8_lossy(&said).into_owned()),
            length if said.len() < LONGEST_ANSWER => said.extend_from_slice(&buffer[..length]),
            _ => {}
        }
    }
}
