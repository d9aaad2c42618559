//! Tables as spreadsheets and trackers export them.

use std::collections::HashSet;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::import::ImportError;

/// What stands between the columns: commas, and where a comma is for decimals, something else.
const BETWEEN: [u8; 3] = [b',', b';', b'\t'];

/// Reads the rows by the names of the columns in the first line, which may be these, each with where it stands, in words. A column
/// without a name and a row without a cell are what spreadsheets leave behind.
pub(super) fn read<W: DeserializeOwned>(
    text: &str,
    known: &[&'static str],
) -> Result<Vec<(String, W)>, ImportError> {
    let wrong = |error| ImportError::Csv(Box::new(error));
    // Lines are counted by what ends them, and a text of several is one wherever it was exported.
    let text = text.replace("\r\n", "\n");
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .delimiter(between(&text))
        .from_reader(text.as_bytes());
    let head = reader.headers().map_err(wrong)?.clone();
    let names = names(&head, line_of(&text, &head), known)?;
    let written = |row: csv::StringRecord| {
        let place = format!("line {}", line_of(&text, &row));
        if row.len() != names.len() {
            return Err(ImportError::Cells(place, row.len(), names.len()));
        }
        let pairs = names.iter().cloned().zip(row.iter().map(Value::from));
        let filled = pairs.filter(|(name, _)| !name.is_empty());
        match serde_json::from_value(Value::Object(filled.collect::<Map<_, _>>())) {
            Ok(written) => Ok((place, written)),
            Err(error) => Err(ImportError::Row(place, error)),
        }
    };
    let mut all = Vec::new();
    for row in reader.records() {
        let row = row.map_err(wrong)?;
        if row.iter().any(|cell| !cell.is_empty()) {
            all.push(written(row)?);
        }
    }
    Ok(all)
}

/// Returns the names of the columns in small letters, each once.
fn names(
    head: &csv::StringRecord,
    line: usize,
    known: &[&'static str],
) -> Result<Vec<String>, ImportError> {
    let names: Vec<String> = head.iter().map(str::to_lowercase).collect();
    let mut before = HashSet::new();
    for name in names.iter().filter(|name| !name.is_empty()) {
        if !known.contains(&name.as_str()) {
            return Err(ImportError::Column {
                line,
                name: name.clone(),
                known: known.join("`, `"),
            });
        }
        if !before.insert(name) {
            return Err(ImportError::ColumnTwice(name.clone()));
        }
    }
    if before.is_empty() {
        return Err(ImportError::NoColumns);
    }
    Ok(names)
}

/// In which line of the text a row begins: the reader counts from the empty ones before it.
fn line_of(text: &str, row: &csv::StringRecord) -> usize {
    let Some(position) = row.position() else {
        return 1;
    };
    let [line, at] = [position.line(), position.byte()].map(|one| usize::try_from(one).ok());
    let rest = at.and_then(|at| text.as_bytes().get(at..)).unwrap_or(&[]);
    line.unwrap_or(1) + rest.iter().take_while(|byte| **byte == b'\n').count()
}

/// What stands between the names of the columns most often.
fn between(text: &str) -> u8 {
    let first = text.trim_start().lines().next().unwrap_or_default().bytes();
    let often = |wanted: &u8| first.clone().filter(|byte| byte == wanted).count();
    // Of those that are equal the last is taken, and a comma is what is usual.
    let most = BETWEEN.into_iter().rev().max_by_key(often);
    most.unwrap_or(b',')
}
