//! The lines that rrdcached and its clients exchange.

use std::fmt;
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::os::unix::net::UnixStream;

use super::SinkError;
use super::stream::{self, PATIENCE};

/// How an answer begins that a relay gives for a server that is away.
pub(super) const UNAVAILABLE: &str = "unavailable:";

/// No line of the protocol is longer.
pub(super) const LONGEST_LINE: u64 = 8192;

/// So many bytes are gathered before they are sent.
const MOST_UNSENT: usize = 64 * 1024;

/// A stream of bytes both ways.
trait Stream: Read + Write + Send {}

impl<S: Read + Write + Send> Stream for S {}

/// A connection to a server, which answers each command before the next.
pub(super) struct Connection {
    stream: BufReader<Box<dyn Stream>>,
    /// What is to be sent before an answer is waited for.
    unsent: Vec<u8>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Connection(..)")
    }
}

impl Connection {
    /// Connects to `host:port`, or to the path of a socket.
    pub(super) fn open(address: &str) -> Result<Self, SinkError> {
        let stream: Box<dyn Stream> = if address.starts_with('/') {
            Box::new(open_socket(address)?)
        } else {
            Box::new(stream::connect(address)?)
        };
        Ok(Self {
            stream: BufReader::new(stream),
            unsent: Vec::new(),
        })
    }

    /// Sends a command, and returns the number and the text that answer it. Lines that follow are left out.
    pub(super) fn ask(&mut self, command: &str) -> Result<(i64, String), SinkError> {
        self.write(format_args!("{command}\n"))?;
        let (status, text) = self.answer()?;
        for _ in 0..status {
            self.line()?;
        }
        Ok((status, text))
    }

    /// Sends commands at once, and returns those that failed, by their index, with the reason of each.
    pub(super) fn batch(&mut self, commands: &[String]) -> Result<Vec<(usize, String)>, SinkError> {
        self.begin_batch()?;
        for command in commands {
            self.write(format_args!("{command}\n"))?;
        }
        self.end_batch()
    }

    pub(super) fn begin_batch(&mut self) -> Result<(), SinkError> {
        match self.ask("BATCH")? {
            (0, _) => Ok(()),
            (_, reason) => Err(SinkError::unavailable(reason)),
        }
    }

    pub(super) fn end_batch(&mut self) -> Result<Vec<(usize, String)>, SinkError> {
        self.write(format_args!(".\n"))?;
        let (n_errors, _) = self.answer()?;
        let mut errors = Vec::new();
        for _ in 0..n_errors {
            let line = self.line()?;
            let (number, reason) = line.split_once(' ').unwrap_or((&line, ""));
            let number: usize = number.parse().map_err(|_| foreign(&line))?;
            errors.push((number.saturating_sub(1), reason.to_owned()));
        }
        Ok(errors)
    }

    /// Writes what is not to be answered at once.
    pub(super) fn write(&mut self, text: fmt::Arguments<'_>) -> Result<(), SinkError> {
        self.unsent.extend_from_slice(text.to_string().as_bytes());
        if self.unsent.len() < MOST_UNSENT {
            return Ok(());
        }
        self.flush()
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        let sent = self.stream.get_mut().write_all(&self.unsent);
        self.unsent.clear();
        sent.map_err(|error| lost(&error))
    }

    /// The first line of an answer: how many follow, or a negative number for an error, and a text.
    pub(super) fn answer(&mut self) -> Result<(i64, String), SinkError> {
        let line = self.line()?;
        let (number, text) = line.split_once(' ').unwrap_or((&line, ""));
        let number = number.parse().map_err(|_| foreign(&line))?;
        Ok((number, text.to_owned()))
    }

    pub(super) fn line(&mut self) -> Result<String, SinkError> {
        self.flush()?;
        read_line(&mut self.stream).map_err(|error| lost(&error))
    }
}

/// Reads a line of bounded length, without its end.
pub(super) fn read_line(stream: &mut BufReader<impl Read>) -> io::Result<String> {
    let mut line = String::new();
    stream.take(LONGEST_LINE).read_line(&mut line)?;
    match line.strip_suffix('\n') {
        Some(line) => Ok(line.trim_end_matches('\r').to_owned()),
        None if line.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
        None => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "a line is cut off or too long",
        )),
    }
}

fn open_socket(path: &str) -> Result<UnixStream, SinkError> {
    let open = || {
        let stream = UnixStream::connect(path)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(stream)
    };
    open().map_err(|error: io::Error| match error.kind() {
        io::ErrorKind::PermissionDenied => SinkError::denied(format_args!("{path}: {error}")),
        _ => SinkError::unavailable(format_args!("{path}: {error}")),
    })
}

fn lost(error: &io::Error) -> SinkError {
    SinkError::unavailable(format_args!("the connection is lost: {error}"))
}

fn foreign(line: &str) -> SinkError {
    let beginning: String = line.chars().take(60).collect();
    SinkError::denied(format_args!("what answers is not rrdcached: {beginning:?}"))
}
