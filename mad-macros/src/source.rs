//! The source above an annotation.
//!
//! Attributes expand from the top down, so those above an annotation are gone when it expands. One of
//! them may be a `#[test]`, which takes the function out of every build but that of the tests: there
//! the annotation is never seen, and what should watch the service is missing without a word. In the
//! build of the tests it is seen, and the source file still says what stands above.
//!
//! This is a courtesy. Where there is no file to read, nothing is found.

use proc_macro::Span;
use proc_macro2::Ident;
use syn::Attribute;
use syn::parse::Parser as _;

/// The most lines that one attribute may have to be understood.
const MAX_LINES: usize = 32;

/// Returns the attributes above the annotation that is being expanded, as far as they can be read.
///
/// The name is that of its function.
pub(crate) fn attributes_above(name: &Ident) -> Vec<Attribute> {
    if !proc_macro::is_available() {
        return Vec::new();
    }
    let annotation = Span::call_site();
    let is_variable = annotation.source_text().is_some_and(|it| it.contains('$'));
    if is_variable {
        // A macro has passed it on as `$(#[$attribute])*`, as `proptest!` does. Where the name is, the
        // user wrote it, in a line below all attributes.
        let before = text_before(name.span().unwrap()).unwrap_or_default();
        return above(&before[..before.rfind('\n').unwrap_or(0)]);
    }
    above(&text_before(annotation).unwrap_or_default())
}

/// Returns what the source file has before a place.
fn text_before(place: Span) -> Option<String> {
    let mut text = std::fs::read_to_string(place.local_file()?).ok()?;
    let at = offset(&text, place.line(), place.column())?;
    // An editor's text may be newer than the file.
    let is_here = text[at..].starts_with(&place.source_text()?);
    text.truncate(at);
    is_here.then_some(text)
}

/// Returns where a line and a column are, both counted from one; a column is a character.
fn offset(text: &str, line: usize, column: usize) -> Option<usize> {
    let start = match line.checked_sub(1)? {
        0 => 0,
        before => text.match_indices('\n').nth(before - 1)?.0 + 1,
    };
    let mut characters = text[start..].char_indices();
    let (within, _) = characters.nth(column.checked_sub(1)?)?;
    Some(start + within)
}

/// Returns the attributes that a text ends with, the last one first.
fn above(text: &str) -> Vec<Attribute> {
    let mut found = Vec::new();
    let mut unread = String::new();
    for line in text.lines().rev().map(str::trim) {
        if unread.is_empty() && (line.is_empty() || line.starts_with("//")) {
            continue;
        }
        if unread.is_empty() && !line.starts_with("#[") && !line.ends_with(']') {
            break;
        }
        unread = format!("{line}\n{unread}");
        if let Ok(attributes) = Attribute::parse_outer.parse_str(&unread) {
            found.extend(attributes.into_iter().rev());
            unread.clear();
        } else if unread.lines().count() > MAX_LINES {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use quote::ToTokens as _;

    use super::{above, offset};

    /// Checks what a text ends with, the last one first.
    fn check(text: &str, expected: &[&str]) {
        let found = above(text);
        let found = found
            .iter()
            .map(|it| it.path().to_token_stream().to_string());
        assert_eq!(found.collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn attributes_are_found_from_below() {
        check("", &[]);
        check("fn f() {}\n", &[]);
        check("#[test]\n", &["test"]);
        check("#[a]\n  #[tokio::test(x = 1)]\n  ", &["tokio :: test", "a"]);
        check("#[a] #[test] ", &["test", "a"]);
    }

    #[test]
    fn comments_and_blank_lines_are_no_end() {
        check("#[test] // why\n\n// and so on\n", &["test"]);
        check("#[test]\n/// What it does.\n", &["test"]);
    }

    #[test]
    fn an_attribute_may_have_lines() {
        check("#[test_case(\n    1,\n    2,\n)]\n", &["test_case"]);
    }

    #[test]
    fn what_belongs_to_another_item_is_not_found() {
        check("#[test]\nfn other() {}\n", &[]);
        check("#[test] fn other() {} ", &[]);
        check("#[test]\nfn other() -> [u8; 1] { [1]\n}\n\n", &[]);
        check("#[test]\nconst A: [u8; 1] =\n[1]\n;\n", &[]);
        check("#[test]\nfn other() { [\n1]\n", &[]);
    }

    #[test]
    fn places_are_counted_in_characters() {
        assert_eq!(offset("ab\ncd", 1, 1), Some(0));
        assert_eq!(offset("ab\ncd", 2, 2), Some(4));
        assert_eq!(offset("äb\nöd", 2, 2), Some(6));
    }

    #[test]
    fn a_place_that_is_not_there_is_no_reason_to_panic() {
        for (line, column) in [(0, 0), (0, 1), (1, 0), (1, 9), (9, 1)] {
            assert_eq!(offset("ä\n", line, column), None, "{line}:{column}");
        }
    }
}
