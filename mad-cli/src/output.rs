//! What the program says. A reader that has gone away, such as `head`, is no mistake.

use std::fmt::Display;
use std::io::{self, Write as _};

/// Writes a text to the standard output, as it is.
pub(crate) fn print(text: impl Display) {
    _ = write!(io::stdout(), "{text}");
}

/// Writes a line to the standard error output: what is wrong, and what to do.
pub(crate) fn complain(complaint: impl Display) {
    _ = writeln!(io::stderr(), "mad: {complaint}");
}
