//! Redis: a stream for each series, with the time as the number of the entry.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use super::target::{Secret, Target, with_port};
use super::{Reading, Receipt, Sink, SinkError, stream};

const PORT: u16 = 6379;

/// So many entries are kept of a series, about.
const LONGEST_STREAM: &str = "100000";

/// No line of an answer is longer.
const LONGEST_LINE: u64 = 64 * 1024;

/// A Redis, or what speaks like one.
#[derive(Debug)]
pub(super) struct Redis {
    address: String,
    user: Option<String>,
    secret: Option<Secret>,
    database: String,
    connection: Option<BufReader<TcpStream>>,
    /// The series that are in the index for sure.
    indexed: HashSet<String>,
}

/// What a command was answered with.
type Reply = Result<String, String>;

impl Redis {
    pub(super) fn new(target: &Target, host: &str) -> Self {
        Self {
            address: with_port(host, PORT),
            user: target.user.clone(),
            secret: target.secret.clone(),
            database: target.path.trim_matches('/').to_owned(),
            connection: None,
            indexed: HashSet::new(),
        }
    }

    /// Connects, says who we are, and chooses the database.
    fn open(&self) -> Result<BufReader<TcpStream>, SinkError> {
        let mut connection = BufReader::new(stream::connect(&self.address)?);
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
        for reply in self.exchange(&mut connection, &hello)? {
            reply.map_err(SinkError::denied)?;
        }
        Ok(connection)
    }

    /// Sends commands at once, and reads a reply to each.
    fn exchange(
        &self,
        connection: &mut BufReader<TcpStream>,
        commands: &[Vec<&str>],
    ) -> Result<Vec<Reply>, SinkError> {
        let lost = |error| SinkError::unavailable(format_args!("{}: {error}", self.address));
        let mut bytes = Vec::new();
        for command in commands {
            write_command(&mut bytes, command);
        }
        connection.get_mut().write_all(&bytes).map_err(lost)?;
        commands
            .iter()
            .map(|_| read_reply(connection).map_err(lost))
            .collect()
    }
}

impl Sink for Redis {
    fn send(&mut self, batch: &[Reading]) -> Result<Receipt, SinkError> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.open()?,
        };
        let entries: Vec<_> = batch.iter().map(Entry::of).collect();
        let new: Vec<_> = entries
            .iter()
            .filter(|entry| !self.indexed.contains(&entry.key))
            .collect();
        let mut commands: Vec<_> = entries.iter().map(Entry::add).collect();
        commands.extend(new.iter().flat_map(|entry| entry.index()));
        let replies = self.exchange(&mut connection, &commands)?;

        let mut receipt = Receipt::default();
        for (number, reply) in replies.into_iter().enumerate() {
            match reply {
                Ok(_) if number < entries.len() => receipt.taken += 1,
                Ok(_) => {}
                Err(reason) => count(reason, &mut receipt)?,
            }
        }
        let new: Vec<_> = new.into_iter().map(|entry| entry.key.clone()).collect();
        self.indexed.extend(new);
        self.connection = Some(connection);
        Ok(receipt)
    }
}

/// What an error means.
fn count(reason: String, receipt: &mut Receipt) -> Result<(), SinkError> {
    let word = reason.split(' ').next().unwrap_or_default();
    match word {
        "NOAUTH" | "WRONGPASS" | "NOPERM" => Err(SinkError::denied(reason)),
        "BUSY" | "CLUSTERDOWN" | "LOADING" | "MASTERDOWN" | "MISCONF" | "OOM" | "READONLY"
        | "TRYAGAIN" => Err(SinkError::unavailable(reason)),
        _ if reason.contains("equal or smaller") => {
            receipt.present += 1;
            Ok(())
        }
        _ => {
            receipt.refused.push(reason);
            Ok(())
        }
    }
}

/// A reading in words.
struct Entry<'batch> {
    key: String,
    labels_key: String,
    reading: &'batch Reading,
    number: String,
    value: String,
}

impl<'batch> Entry<'batch> {
    fn of(reading: &'batch Reading) -> Self {
        let series = reading.series();
        Self {
            key: format!("mad:{series}"),
            labels_key: format!("mad:labels:{series}"),
            reading,
            number: format!("{}-0", reading.at),
            value: reading.value.to_string(),
        }
    }

    fn add(&self) -> Vec<&str> {
        vec![
            "XADD",
            &self.key,
            "MAXLEN",
            "~",
            LONGEST_STREAM,
            &self.number,
            "value",
            &self.value,
        ]
    }

    /// All series are in one set, and the name and the labels of each in a hash.
    fn index(&self) -> [Vec<&str>; 2] {
        let mut labels = vec!["HSET", &self.labels_key, "__name__", &self.reading.name];
        for (name, value) in &self.reading.labels {
            labels.extend([name.as_str(), value.as_str()]);
        }
        [vec!["SADD", "mad:series", &self.key], labels]
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
