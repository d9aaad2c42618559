//! Numbers from the files in which the kernel tells them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// A file that does not tell what it should.
#[derive(Debug, Error)]
pub(crate) enum Unreadable {
    #[error("{} cannot be read: {error}", file.display())]
    File { file: PathBuf, error: io::Error },
    #[error("{} has no number where {what} should be", file.display())]
    NoNumber { file: PathBuf, what: String },
}

pub(crate) fn read(file: &Path) -> Result<String, Unreadable> {
    fs::read_to_string(file).map_err(|error| Unreadable::File {
        file: file.to_owned(),
        error,
    })
}

/// Reads a file that some systems do not have.
pub(crate) fn read_if_there(file: &Path) -> Result<Option<String>, Unreadable> {
    match read(file) {
        Ok(text) => Ok(Some(text)),
        Err(Unreadable::File { error, .. }) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns the number that is all of the file.
pub(crate) fn whole_number(file: &Path, text: &str) -> Result<u64, Unreadable> {
    parsed(file, "it", text.trim())
}

/// Returns the number that comes after `name` on the line that begins with it.
pub(crate) fn number_after(file: &Path, text: &str, name: &str) -> Result<u64, Unreadable> {
    let rest = text.lines().find_map(|line| {
        let rest = line.strip_prefix(name)?;
        rest.starts_with(char::is_whitespace).then_some(rest)
    });
    let number = rest.and_then(|rest| rest.split_whitespace().next());
    parsed(file, name, number.unwrap_or_default())
}

fn parsed(file: &Path, what: &str, number: &str) -> Result<u64, Unreadable> {
    number.parse().map_err(|_| Unreadable::NoNumber {
        file: file.to_owned(),
        what: format!("`{what}`"),
    })
}
