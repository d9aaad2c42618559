//! rrdcached: a round-robin database of each series, over TCP or a socket of this machine.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::rrd_protocol::{Connection, UNAVAILABLE};
use super::spelling::{hash, plain_word};
use super::{Reading, Receipt, Sink, SinkError};

/// How much of what something is called stands in the name of its file.
const LONGEST_WORD: usize = 80;

/// A day by minutes, a quarter by hours, ten years by days: 58 KB for a series. Whatever came last counts until
/// something else comes, for a month at most.
const SHAPE: &str = "-s 60 -O DS:value:GAUGE:2678400:U:U \
    RRA:LAST:0.999:1:1440 RRA:AVERAGE:0.999:60:2208 RRA:AVERAGE:0.999:1440:3660";

/// A daemon that keeps round-robin databases.
#[derive(Debug)]
pub(super) struct Rrdcached {
    address: String,
    connection: Option<Connection>,
}

impl Rrdcached {
    /// At `host:port`, or at the path of a socket.
    pub(super) fn new(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            connection: None,
        }
    }

    /// Makes the files that are missing, sends their readings again, and has all of them written to the disk.
    fn send_over(
        &self,
        connection: &mut Connection,
        batch: &[Reading],
    ) -> Result<Receipt, SinkError> {
        let mut receipt = Receipt::default();
        let lines: Vec<_> = batch.iter().map(Line::of).collect();
        let missing = update(connection, &lines.iter().collect::<Vec<_>>(), &mut receipt)?;
        if !missing.is_empty() {
            create(connection, &missing)?;
            let still_missing = update(connection, &missing, &mut receipt)?;
            receipt.refused.extend(
                still_missing
                    .iter()
                    .map(|_| "its file cannot be made".to_owned()),
            );
        }
        // What is acknowledged is in its memory. After this it is in the files.
        let files: BTreeSet<_> = lines.iter().map(|line| &line.file).collect();
        let flushes: Vec<_> = files.iter().map(|file| format!("FLUSH {file}")).collect();
        let lost = connection
            .batch(&flushes)?
            .into_iter()
            .find(|(_, reason)| !reason.contains("No such file"));
        match lost {
            Some((_, reason)) => Err(SinkError::unavailable(format_args!(
                "{}: {reason}",
                self.address
            ))),
            None => Ok(receipt),
        }
    }
}

impl Sink for Rrdcached {
    fn send(&mut self, batch: &[Reading]) -> Result<Receipt, SinkError> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => Connection::open(&self.address)?,
        };
        let receipt = self.send_over(&mut connection, batch)?;
        // One that failed is not used again.
        self.connection = Some(connection);
        Ok(receipt)
    }
}

/// An update of a file.
#[derive(Debug)]
struct Line {
    file: String,
    second: i64,
    value: f64,
}

impl Line {
    fn of(reading: &Reading) -> Self {
        Self {
            file: file(reading),
            second: reading.at.div_euclid(1000),
            value: reading.value,
        }
    }
}

/// `host/metric/word-hash.rrd`: what a relay decides by comes first, and the hash of the whole series last.
fn file(reading: &Reading) -> String {
    let known = ["subject", "package", "kind", "status"].map(|label| reading.label(label));
    let about = known
        .into_iter()
        .find(|label| !label.is_empty())
        .unwrap_or("all");
    let mut word = plain_word(about);
    word.truncate(LONGEST_WORD);
    let host = match reading.label("host") {
        "" => "anywhere".to_owned(),
        host => plain_word(host).trim_start_matches('.').to_owned(),
    };
    format!(
        "{host}/{}/{word}-{:016x}.rrd",
        reading.name,
        hash(&reading.series()) >> 64
    )
}

/// Sends updates, counts what came of them, and returns those whose files are not there.
fn update<'lines>(
    connection: &mut Connection,
    lines: &[&'lines Line],
    receipt: &mut Receipt,
) -> Result<Vec<&'lines Line>, SinkError> {
    let commands = lines
        .iter()
        .map(|line| format!("UPDATE {} {}:{}", line.file, line.second, line.value));
    let errors = connection.batch(&commands.collect::<Vec<_>>())?;
    receipt.taken += lines.len().saturating_sub(errors.len());
    let mut missing = Vec::new();
    for (index, reason) in errors {
        if reason.contains("No such file") {
            missing.extend(lines.get(index));
        } else if reason.contains("illegal attempt to update") {
            // Its time is that of the newest reading, or before it.
            receipt.present += 1;
        } else if reason.starts_with(UNAVAILABLE) {
            return Err(SinkError::unavailable(reason));
        } else {
            receipt.refused.push(reason);
        }
    }
    Ok(missing)
}

/// Makes files that begin just before their first reading.
fn create(connection: &mut Connection, missing: &[&Line]) -> Result<(), SinkError> {
    let mut begins = BTreeMap::<&str, i64>::new();
    for line in missing {
        let begin = begins.entry(&line.file).or_insert(line.second);
        *begin = line.second.min(*begin);
    }
    for (file, begin) in begins {
        let mut command = String::new();
        _ = write!(command, "CREATE {file} -b {} {SHAPE}", begin - 1);
        let (status, reason) = connection.ask(&command)?;
        // Another push may have been faster.
        if status < 0 && !reason.contains("File exists") {
            return Err(if reason.starts_with(UNAVAILABLE) {
                SinkError::unavailable(reason)
            } else {
                SinkError::denied(format_args!("{file} cannot be made: {reason}"))
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_file_is_one_word_that_stays_below_its_folder(host in ".*", subject in ".*") {
            let labels = [("host", host), ("subject", subject)];
            let labels = labels.map(|(name, value)| (name.to_owned(), value)).to_vec();
            let reading = Reading { name: "lines".to_owned(), labels, unit: String::new(), at: 0, value: 0.0 };
            let file = file(&reading);
            prop_assert!(file.split('/').all(|part| !part.is_empty() && part != "." && part != ".."));
            prop_assert_eq!(file.split('/').count(), 3);
            prop_assert!(!file.contains(char::is_whitespace));
        }
    }
}
