//! Tables as spreadsheets and trackers export them.

use std::collections::HashSet;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::import::ImportError;

/// What stands between the columns: commas, and where a comma is for decimals, something else.
const BETWEEN: [u8; 3] = [b',', b';', b'\t'];

/// Reads the rows by the names of the columns in the first line, each with where it stands, in words.
pub(super) fn read<W: DeserializeOwned>(text: &str) -> Result<Vec<(String, W)>, ImportError> {
    let wrong = |error| ImportError::Csv(Box::new(error));
    // Lines are counted by what ends them, and a text of several is one wherever it was exported.
    let text = text.replace("\r\n", "\n");
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .delimiter(between(&text))
        .from_reader(text.as_bytes());
    let names = reader.headers().map_err(wrong)?.clone();
    if names.is_empty() {
        return Err(ImportError::NoColumns);
    }
    let names: Vec<String> = names.iter().map(str::to_lowercase).collect();
    let mut before = HashSet::new();
    if let Some(again) = names.iter().find(|name| !before.insert(*name)) {
        return Err(ImportError::ColumnTwice(again.clone()));
    }
    let written = |row: Result<csv::StringRecord, csv::Error>| {
        let row = row.map_err(wrong)?;
        let place = format!("line {}", row.position().map_or(0, csv::Position::line));
        let cells = names.iter().cloned().zip(row.iter().map(Value::from));
        let written = serde_json::from_value(Value::Object(cells.collect::<Map<_, _>>()));
        match written {
            Ok(written) => Ok((place, written)),
            Err(error) => Err(ImportError::Row(place, error)),
        }
    };
    reader.records().map(written).collect()
}

/// What stands between the names of the columns most often.
fn between(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default().bytes();
    let often = |wanted: &u8| first.clone().filter(|byte| byte == wanted).count();
    // Of those that are equal the last is taken, and a comma is what is usual.
    let most = BETWEEN.into_iter().rev().max_by_key(often);
    most.unwrap_or(b',')
}
