//! Texts of checks, made fit for formats of lines.

/// How many characters of a text stand on a line.
const MAX_LENGTH: usize = 512;

/// Makes one line of a text: no control characters, no separators of lines, and not too long.
pub(super) fn line(text: &str) -> String {
    text.trim().chars().take(MAX_LENGTH).map(clean).collect()
}

/// Makes lines of a text, without control characters: a terminal must not obey what a check says.
pub(super) fn lines(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(|line| line.chars().map(clean).collect())
}

fn clean(letter: char) -> char {
    // Some readers end a line at these two.
    let is_separator = matches!(letter, '\u{2028}' | '\u{2029}');
    if letter.is_control() || is_separator {
        ' '
    } else {
        letter
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_text_is_one_line_and_has_nothing_that_a_terminal_obeys(text in any::<String>()) {
            let line = line(&text);
            prop_assert!(!line.contains(|letter: char| letter.is_control()));
            let has_separator = line.contains(['\u{2028}', '\u{2029}']);
            prop_assert!(!has_separator);
            prop_assert!(line.chars().count() <= MAX_LENGTH);
            prop_assert!(lines(&text).all(|line| !line.contains(|letter: char| letter.is_control())));
        }
    }
}
