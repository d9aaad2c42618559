//! Reports that are JSON: one document, or one on each line.

use serde::de::DeserializeOwned;

use super::error::IngestError;

/// One document.
pub(super) fn document<T: DeserializeOwned>(text: &str, what: &str) -> Result<T, IngestError> {
    serde_json::from_str(text).map_err(|error| refused(&error, error.line(), what))
}

/// A document on each line, with the number of the line; lines with nothing on them are none.
pub(super) fn lines<'text, T: DeserializeOwned>(
    text: &'text str,
    what: &'text str,
) -> impl Iterator<Item = Result<(usize, T), IngestError>> + 'text {
    let lines = text.lines().enumerate();
    let lines = lines.filter(|(_, line)| !line.trim().is_empty());
    lines.map(move |(index, line)| match serde_json::from_str(line) {
        Ok(event) => Ok((index + 1, event)),
        Err(error) => Err(refused(&error, index + 1, what)),
    })
}

fn refused(error: &serde_json::Error, line: usize, what: &str) -> IngestError {
    // The place within is that of the line already.
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or_default();
    IngestError::at(line, format!("it is no {what}: {said}"))
}
