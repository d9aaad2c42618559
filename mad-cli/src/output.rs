//! What the program says. A reader that has gone away, such as `head`, is no mistake.

use std::error::Error;
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

/// Writes an error with all its causes to the standard error output.
pub(crate) fn complain_of(error: &dyn Error) {
    complain(with_causes(error));
}

/// An error and all its causes in one line.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |words, cause| {
        format!("{words}: {cause}")
    })
}

/// Makes one line of what a service says, of so many letters at most, without anything that moves a terminal.
pub(crate) fn line(text: &str, letters: usize) -> String {
    let mut line: String = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(letters + 1)
        .collect();
    if line.chars().count() > letters {
        line.pop();
        line.pop();
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn what_a_service_says_moves_no_terminal() {
        assert_eq!(line("a\n\u{1b}[31mb\r", 20), "a  [31mb ");
        assert_eq!(line("abcdef", 6), "abcdef");
        assert_eq!(line("abcdefg", 6), "abcde…");
    }
}
