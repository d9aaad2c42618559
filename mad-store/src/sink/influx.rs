//! InfluxDB's line protocol, which VictoriaMetrics and others take too.

use std::fmt::Write as _;

use super::http::Http;
use super::spelling::percent_encoded;
use super::target::Target;
use super::{Reading, Receipt, Sink, SinkError};

/// A server that takes lines over HTTP: `/write?db=..` of version 1, `/api/v2/write?org=..&bucket=..` of version 2.
#[derive(Debug)]
pub(super) struct Influx {
    http: Http,
}

impl Influx {
    pub(super) fn new(target: &Target) -> Result<Self, SinkError> {
        let mut target = target.clone();
        let separator = if target.query.is_empty() { "" } else { "&" };
        _ = write!(target.query, "{separator}precision=ms");
        Ok(Self {
            http: Http::new(&target, "/write")?,
        })
    }
}

impl Sink for Influx {
    fn send(&mut self, batch: &[Reading]) -> Result<Receipt, SinkError> {
        let mut lines = String::new();
        for reading in batch {
            write_line(&mut lines, reading);
        }
        let headers = [("Content-Type", "text/plain; charset=utf-8")];
        self.http.post(&headers, lines.as_bytes())?;
        Ok(Receipt::taken(batch.len()))
    }
}

/// `name,label=value value=number milliseconds`
fn write_line(lines: &mut String, reading: &Reading) {
    lines.push_str(&reading.name);
    for (name, value) in &reading.labels {
        _ = write!(lines, ",{name}={}", tag(value));
    }
    _ = writeln!(lines, " value={} {}", reading.value, reading.at);
}

/// The protocol has escapes for what separates, and none for line feeds and backslashes.
fn tag(value: &str) -> String {
    let encoded = percent_encoded(value, |letter| !letter.is_control() && letter != '\\');
    let mut tag = String::with_capacity(encoded.len());
    for letter in encoded.chars() {
        if matches!(letter, ',' | '=' | ' ') {
            tag.push('\\');
        }
        tag.push(letter);
    }
    tag
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_separates_is_escaped() {
        assert_eq!(tag(r"a, b=c\"), r"a\,\ b\=c%5C");
    }

    proptest! {
        #[test]
        fn no_tag_ends_its_line_or_itself(value in ".*") {
            let tag = tag(&value);
            prop_assert!(!tag.contains('\n'));
            let bare = tag.replace("\\,", "").replace("\\=", "").replace("\\ ", "");
            prop_assert!(!bare.contains([',', '=', ' ', '\\']));
        }
    }
}
