//! What Redis and its clients exchange, and what its errors mean.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use super::target::{Secret, Target, with_port};
use super::{SinkError, stream};

const PORT: u16 = 6379;

/// No line of an answer is longer.
const LONGEST_LINE: u64 = 64 * 1024;

/// A Redis, or what speaks like one, and who we are to it.
#[derive(Debug)]
pub(super) struct Server {
    address: String,
    user: Option<String>,
    secret: Option<Secret>,
    database: String,
}

/// A connection that was let in.
#[derive(Debug)]
pub(super) struct Connection {
    address: String,
    stream: BufReader<TcpStream>,
}

/// What a command was answered with.
pub(super) type Reply = Result<String, String>;

impl Server {
    pub(super) fn new(target: &Target, host: &str) -> Self {
        Self {
            address: with_port(host, PORT),
            user: target.user.clone(),
            secret: target.secret.clone(),
            database: target.path.trim_matches('/').to_owned(),
        }
    }

    /// Connects, says who we are, and chooses the database.
    pub(super) fn open(&self) -> Result<Connection, SinkError> {
        let mut connection = Connection {
            address: self.address.clone(),
            stream: BufReader::new(stream::connect(&self.address)?),
        };
        let mut hello = Vec::new();
        if let Some(secret) = &self.secret {
            let user = self.user.as_deref();
            hello.push(
                [Some("AUTH"), user, Some(secret.reveal())]
                    .into_iter()
                    .flatten()
                    .collect(),
            );
        }
        if !self.database.is_empty() {
            hello.push(vec!["SELECT", &self.database]);
        }
        for reply in connection.exchange(&hello)? {
            reply.map_err(SinkError::denied)?;
        }
        Ok(connection)
    }
}

impl Connection {
    /// Sends commands at once, and reads a reply to each.
    pub(super) fn exchange(&mut self, commands: &[Vec<&str>]) -> Result<Vec<Reply>, SinkError> {
        let Self { address, stream } = self;
        let lost = |error| SinkError::unavailable(format_args!("{address}: {error}"));
        let mut bytes = Vec::new();
        for command in commands {
            write_command(&mut bytes, command);
        }
        stream.get_mut().write_all(&bytes).map_err(lost)?;
        commands
            .iter()
            .map(|_| read_reply(stream).map_err(lost))
            .collect()
    }
}

/// What an error means, if it is about more than one command.
pub(super) fn fault(reason: &str) -> Option<SinkError> {
    match reason.split(' ').next().unwrap_or_default() {
        "NOAUTH" | "WRONGPASS" | "NOPERM" => Some(SinkError::denied(reason)),
        "BUSY" | "CLUSTERDOWN" | "LOADING" | "MASTERDOWN" | "MISCONF" | "OOM" | "READONLY"
        | "TRYAGAIN" => Some(SinkError::unavailable(reason)),
        _ => None,
    }
}

/// A command, as an array of texts.
fn write_command(bytes: &mut Vec<u8>, words: &[&str]) {
    bytes.extend_from_slice(format!("*{}\r\n", words.len()).as_bytes());
    for word in words {
        bytes.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        bytes.extend_from_slice(word.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
}

/// A simple reply, a number, a text or an error. Our commands are answered with nothing else.
fn read_reply(connection: &mut BufReader<TcpStream>) -> std::io::Result<Reply> {
    let mut line = String::new();
    connection
        .by_ref()
        .take(LONGEST_LINE)
        .read_line(&mut line)?;
    let foreign = || std::io::Error::other("what answers is not Redis");
    let line = line.strip_suffix("\r\n").ok_or_else(foreign)?;
    match line.split_at_checked(1) {
        Some(("+" | ":", text)) => Ok(Ok(text.to_owned())),
        Some(("-", reason)) => Ok(Err(reason.to_owned())),
        Some(("$", length)) => {
            let length: u64 = length
                .parse()
                .ok()
                .filter(|length| *length < LONGEST_LINE)
                .ok_or_else(foreign)?;
            let mut text = Vec::new();
            connection
                .by_ref()
                .take(length + 2)
                .read_to_end(&mut text)?;
            Ok(Ok(String::from_utf8_lossy(&text).trim_end().to_owned()))
        }
        _ => Err(foreign()),
    }
}
