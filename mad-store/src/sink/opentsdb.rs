//! OpenTSDB: lines over TCP as over telnet, or JSON over HTTP.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::http::Http;
use super::spelling::plain_word;
use super::target::Target;
use super::{Reading, Receipt, Sink, SinkError, stream};

const PORT: u16 = 4242;

/// A server that takes `put` lines.
#[derive(Debug)]
pub(super) struct Telnet {
    address: String,
}

impl Telnet {
    pub(super) fn new(target: &Target) -> Self {
        Self {
            address: target.address(PORT),
        }
    }
}

impl Sink for Telnet {
    fn send(&mut self, batch: &[Reading]) -> Result<Receipt, SinkError> {
        let mut lines = String::new();
        for reading in batch {
            write_line(&mut lines, reading);
        }
        // It answers nothing to what it takes, and a line to each that it refuses.
        let said = stream::deliver(&self.address, lines.as_bytes())?;
        let refused: Vec<_> = said.lines().map(str::to_owned).collect();
        Ok(Receipt {
            taken: batch.len().saturating_sub(refused.len()),
            refused,
            ..Receipt::default()
        })
    }
}

/// `put name seconds number label=value`. OpenTSDB takes milliseconds, too, which VictoriaMetrics reads as seconds here.
fn write_line(lines: &mut String, reading: &Reading) {
    let seconds = reading.at.div_euclid(1000);
    _ = write!(lines, "put {} {seconds} {}", reading.name, reading.value);
    for (name, value) in &reading.labels {
        _ = write!(lines, " {name}={}", plain_word(value));
    }
    lines.push('\n');
}

/// A server that takes JSON at `/api/put`.
#[derive(Debug)]
pub(super) struct Json {
    http: Http,
}

impl Json {
    pub(super) fn new(target: &Target) -> Result<Self, SinkError> {
        Ok(Self {
            http: Http::new(target, "/api/put")?,
        })
    }
}

impl Sink for Json {
    fn send(&mut self, batch: &[Reading]) -> Result<Receipt, SinkError> {
        let points: Vec<_> = batch.iter().map(point).collect();
        let body = Value::from(points).to_string();
        let headers = [("Content-Type", "application/json")];
        self.http.post(&headers, body.as_bytes())?;
        Ok(Receipt::taken(batch.len()))
    }
}

fn point(reading: &Reading) -> Value {
    let tags = reading.labels.iter();
    let tags = tags.map(|(name, value)| (name.clone(), Value::from(plain_word(value))));
    let tags: serde_json::Map<_, _> = tags.collect();
    json!({ "metric": reading.name, "timestamp": reading.at, "value": reading.value, "tags": tags })
}
