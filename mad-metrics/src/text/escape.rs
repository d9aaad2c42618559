//! What would end a text early, escaped; and read back.

use std::borrow::Cow;

/// Appends the value of a label, as it stands between quotes.
pub(crate) fn append_label_value(page: &mut String, value: &str) {
    append(page, value, &['\\', '\n', '"']);
}

/// Appends a help text, as it stands to the end of its line.
pub(crate) fn append_help(page: &mut String, help: &str) {
    append(page, help, &['\\', '\n']);
}

fn append(page: &mut String, text: &str, special: &[char]) {
    let mut rest = text;
    while let Some(at) = rest.find(special) {
        page.push_str(&rest[..at]);
        page.push_str(match rest.as_bytes()[at] {
            b'\n' => "\\n",
            b'"' => "\\\"",
            _ => "\\\\",
        });
        rest = &rest[at + 1..];
    }
    page.push_str(rest);
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

    fn escaped(append: fn(&mut String, &str), text: &str) -> String {
        let mut page = String::new();
        append(&mut page, text);
        page
    }

    #[test]
    fn what_ends_a_text_is_escaped() {
        assert_eq!(escaped(append_label_value, "\\\"\nä"), "\\\\\\\"\\nä");
        assert_eq!(escaped(append_help, "\\\"\nä"), "\\\\\"\\nä");
    }

    proptest! {
        #[test]
        fn any_value_stays_on_its_line_and_reads_back(value in "(?s).{0,20}|[\\\\\"\n]{0,9}") {
            let text = escaped(append_label_value, &value);
            prop_assert!(!text.contains('\n'));
            prop_assert_eq!(unescaped(&text), value);
        }
    }
}
