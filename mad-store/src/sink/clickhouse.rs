//! ClickHouse: rows over HTTP, in a table that is made if it is not there.

use std::fmt::Write as _;

use serde_json::json;

use super::http::Http;
use super::target::Target;
use super::{Reading, Receipt, Sink, SinkError};

/// Of rows with one key, the engine keeps one; `FINAL` shows one before it has come to that.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS mad_samples (name String, series String, at_ms Int64, value Float64, \
    unit String, label_names Array(String), label_values Array(String)) \
    ENGINE = ReplacingMergeTree() ORDER BY (name, series, at_ms)";

/// `INSERT INTO mad_samples FORMAT JSONEachRow`, as a part of an address.
const INSERT: &str = "query=INSERT%20INTO%20mad_samples%20FORMAT%20JSONEachRow";

/// Each insert becomes a file that the engine has to merge with others: its makers advise 10,000 rows and more.
const ROWS_AT_ONCE: usize = 20_000;

/// A ClickHouse; `?database=..` says where the table is.
#[derive(Debug)]
pub(super) struct ClickHouse {
    http: Http,
    insert: String,
    has_table: bool,
}

impl ClickHouse {
    pub(super) fn new(target: &Target) -> Result<Self, SinkError> {
        let http = Http::new(target, "/")?;
        let separator = if target.query.is_empty() { "?" } else { "&" };
        Ok(Self {
            insert: format!("{}{separator}{INSERT}", http.url()),
            http,
            has_table: false,
        })
    }
}

impl Sink for ClickHouse {
    fn send(&mut self, batch: &[Reading]) -> Result<Receipt, SinkError> {
        if !self.has_table {
            self.http.post(&[], TABLE.as_bytes())?;
            self.has_table = true;
        }
        let mut rows = String::new();
        for reading in batch {
            _ = writeln!(rows, "{}", row(reading));
        }
        self.http
            .post_to(&self.insert, &[], rows.as_bytes())?
            .accepted()?;
        Ok(Receipt::taken(batch.len()))
    }

    fn batch_size(&self) -> usize {
        ROWS_AT_ONCE
    }
}

fn row(reading: &Reading) -> serde_json::Value {
    let (names, values): (Vec<_>, Vec<_>) = reading
        .labels
        .iter()
        .map(|(name, value)| (name, value))
        .unzip();
    json!({
        "name": reading.name,
        "series": reading.series(),
        "at_ms": reading.at,
        "value": reading.value,
        "unit": reading.unit,
        "label_names": names,
        "label_values": values,
    })
}
