//! The one rule for the names of checks, tags, cases and observations.

use std::fmt;

/// The longest name that is accepted, in bytes.
pub const MAX_NAME_LENGTH: usize = 64;

/// Says whether `name` is a legal name: 1 to 64 characters of `a-z`, `0-9`, `_`, `.`, `/` and `-`.
///
/// The macros ask this at compile time and [`Registry::add`](crate::Registry::add) at run time, so
/// that a name which was accepted once fits into every format that MAD writes: a metric label, a
/// URL path, a TAP line, a Nagios message.
///
/// ```
/// assert!(mad_core::is_name("orders/place-and-cancel"));
/// assert!(!mad_core::is_name("Orders"));
/// assert!(!mad_core::is_name(""));
/// ```
pub const fn is_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    if bytes.is_empty() || bytes.len() > MAX_NAME_LENGTH {
        return false;
    }
    let mut index = 0;
    while index < bytes.len() {
        if !matches!(bytes[index], b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'/' | b'-') {
            return false;
        }
        index += 1;
    }
    true
}

/// A name that is not one; see [`is_name`] for the rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InvalidName {
    name: String,
}

impl InvalidName {
    /// Returns the name that was refused.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is no name: take 1 to {MAX_NAME_LENGTH} of the characters a-z, 0-9, `_`, `.`, `/`, `-`",
            self.name
        )
    }
}

impl std::error::Error for InvalidName {}

/// Gives `name` back when it is legal.
pub(crate) fn checked_name(name: &str) -> Result<&str, InvalidName> {
    if is_name(name) {
        Ok(name)
    } else {
        Err(InvalidName {
            name: name.to_owned(),
        })
    }
}
