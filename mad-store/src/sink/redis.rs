//! Redis: a stream for each series, with the time as the number of the entry.

use std::collections::HashSet;

use super::redis_protocol::{Connection, Server, fault};
use super::target::Target;
use super::{Reading, Receipt, Sink, SinkError};

/// So many entries are kept of a series, about.
const LONGEST_STREAM: &str = "100000";

/// A Redis that has streams.
#[derive(Debug)]
pub(super) struct Redis {
    server: Server,
    open: Option<Open>,
}

/// What is known of a server for as long as the connection lives.
#[derive(Debug)]
struct Open {
    connection: Connection,
    /// The series that are in the index for sure.
    indexed: HashSet<String>,
}

impl Redis {
    pub(super) fn new(target: &Target, host: &str) -> Self {
        Self {
            server: Server::new(target, host),
            open: None,
        }
    }

    fn open(&mut self) -> Result<Open, SinkError> {
        match self.open.take() {
            Some(open) => Ok(open),
            None => Ok(Open {
                connection: self.server.open()?,
                indexed: HashSet::new(),
            }),
        }
    }
}

impl Sink for Redis {
    fn send(&mut self, batch: &[Reading]) -> Result<Receipt, SinkError> {
        let mut open = self.open()?;
        let entries: Vec<_> = batch.iter().map(Entry::of).collect();
        let new: Vec<_> = entries
            .iter()
            .filter(|entry| !open.indexed.contains(&entry.key))
            .collect();
        let mut commands: Vec<_> = entries.iter().map(Entry::add).collect();
        commands.extend(new.iter().flat_map(|entry| entry.index()));
        let replies = open.connection.exchange(&commands)?;

        let mut receipt = Receipt::default();
        for (number, reply) in replies.into_iter().enumerate() {
            match reply {
                Ok(_) if number < entries.len() => receipt.taken += 1,
                Ok(_) => {}
                Err(reason) => count(reason, &mut receipt)?,
            }
        }
        let new: Vec<_> = new.into_iter().map(|entry| entry.key.clone()).collect();
        open.indexed.extend(new);
        self.open = Some(open);
        Ok(receipt)
    }
}

/// What an error means.
fn count(reason: String, receipt: &mut Receipt) -> Result<(), SinkError> {
    if let Some(fault) = fault(&reason) {
        return Err(fault);
    }
    if reason.contains("equal or smaller") {
        receipt.present += 1;
    } else {
        receipt.refused.push(reason);
    }
    Ok(())
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
