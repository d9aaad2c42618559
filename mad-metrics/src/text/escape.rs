//! What would end a text early, escaped; and read back.

use std::borrow::Cow;

/// Returns the value of a label, as it stands between quotes.
///
/// There is no way to write a carriage return, which some readers take for the end of a line: it becomes a line feed.
pub(crate) fn quoted(value: &str) -> Cow<'_, str> {
    escaped(value, |byte| matches!(byte, b'\\' | b'\n' | b'\r' | b'"'))
}

/// Returns a help text, as it stands to the end of its line.
pub(crate) fn help(help: &str) -> Cow<'_, str> {
    escaped(help, |byte| matches!(byte, b'\\' | b'\n' | b'\r'))
}

/// Returns a text with a backslash before each letter that is special, which are all of ASCII.
fn escaped(text: &str, is_special: impl Fn(u8) -> bool) -> Cow<'_, str> {
    let find = |text: &str| text.bytes().position(&is_special);
    if find(text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(at) = find(rest) {
        escaped.push_str(&rest[..at]);
        escaped.push_str(match rest.as_bytes()[at] {
            b'\n' | b'\r' => "\\n",
            b'"' => "\\\"",
            _ => "\\\\",
        });
        rest = &rest[at + 1..];
    }
    escaped.push_str(rest);
    Cow::Owned(escaped)
}

/// Returns what the value of a label was before it was escaped.
pub(crate) fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        plain.push(match letter {
            '\\' => match letters.next() {
                Some('n') => '\n',
                Some(other) => other,
                None => '\\',
            },
            letter => letter,
        });
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_ends_a_text_is_escaped() {
        assert_eq!(quoted("\\\"\nä"), "\\\\\\\"\\nä");
        assert_eq!(help("\\\"\nä"), "\\\\\"\\nä");
        assert!(matches!(quoted("nothing"), Cow::Borrowed("nothing")));
    }

    proptest! {
        #[test]
        fn any_value_stays_on_its_line_and_reads_back(value in "(?s).{0,20}|[\\\\\"\n]{0,9}") {
            let text = quoted(&value);
            prop_assert!(!text.contains(['\n', '\r']));
            prop_assert_eq!(&*unescaped(&text), value.replace('\r', "\n"));
        }
    }
}
