//! Tables as spreadsheets and trackers export them.

use serde_json::{Map, Value};

use super::import::{ImportError, Object};

/// What stands between the columns: commas, and where a comma is for decimals, something else.
const BETWEEN: [u8; 3] = [b',', b';', b'\t'];

/// Reads the rows as objects of texts, by the names of the columns in the first line.
pub(super) fn read(text: &str) -> Result<Vec<Object>, ImportError> {
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
    let object = |row: Result<csv::StringRecord, csv::Error>| {
        let row = row.map_err(wrong)?;
        let line = row.position().map_or(0, csv::Position::line);
        let cells = names.iter().cloned().zip(row.iter().map(Value::from));
        Ok(Object {
            place: format!("line {line}"),
            value: Value::Object(cells.collect::<Map<_, _>>()),
        })
    };
    reader.records().map(object).collect()
}

/// What stands between the names of the columns most often.
fn between(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default().bytes();
    let often = |wanted: &u8| first.clone().filter(|byte| byte == wanted).count();
    // Of those that are equal the last is taken, and a comma is what is usual.
    let most = BETWEEN.into_iter().rev().max_by_key(often);
    most.unwrap_or(b',')
}
