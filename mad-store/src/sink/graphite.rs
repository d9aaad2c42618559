//! Graphite: lines with tags, as carbon, VictoriaMetrics, InfluxDB and others take them.

use std::fmt::Write as _;

use super::spelling::percent_encoded;
use super::target::Target;
use super::{Reading, Receipt, Sink, SinkError, stream};

const PORT: u16 = 2003;

/// A server that takes Graphite's plain lines over TCP.
#[derive(Debug)]
pub(super) struct Graphite {
    address: String,
}

impl Graphite {
    pub(super) fn new(target: &Target) -> Self {
        Self {
            address: target.address(PORT),
        }
    }
}

impl Sink for Graphite {
    fn send(&mut self, batch: &[Reading]) -> Result<Receipt, SinkError> {
        let mut lines = String::new();
        for reading in batch {
            write_line(&mut lines, reading);
        }
        stream::deliver(&self.address, lines.as_bytes())?;
        Ok(Receipt::taken(batch.len()))
    }
}

/// `name;label=value number seconds`. Carbon counts in whole seconds.
fn write_line(lines: &mut String, reading: &Reading) {
    lines.push_str(&reading.name);
    for (name, value) in &reading.labels {
        _ = write!(lines, ";{name}={}", tag(value));
    }
    _ = writeln!(lines, " {} {}", reading.value, reading.at.div_euclid(1000));
}

/// A value cannot hold what separates, nor begin with a tilde.
fn tag(value: &str) -> String {
    let is_legal = |letter: char| !letter.is_whitespace() && !letter.is_control() && letter != ';';
    let tag = percent_encoded(value, is_legal);
    match tag.strip_prefix('~') {
        Some(rest) => format!("%7E{rest}"),
        None => tag,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_line_is_one_line_of_three_words(value in ".*", number in any::<f64>(), at in any::<i64>()) {
            let reading = Reading {
                name: "lines".to_owned(),
                labels: vec![("subject".to_owned(), value)],
                unit: String::new(),
                at,
                value: number,
            };
            let mut line = String::new();
            write_line(&mut line, &reading);
            prop_assert_eq!(line.lines().count(), 1);
            prop_assert_eq!(line.split_whitespace().count(), 3);
            prop_assert_eq!(line.matches(';').count(), 1);
        }
    }
}
