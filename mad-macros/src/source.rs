//! The source above an annotation.
//!
//! Attributes expand from the top down, so those above an annotation are gone when it expands. One of
//! them may be a `#[test]`, which takes the function out of every build but that of the tests: there
//! the annotation is never seen, and what should watch the service is missing without a word. In the
//! build of the tests it is seen, and the source file still says what stands above.
//!
//! This is a courtesy. Where there is no file to read, nothing is found.

use proc_macro::Span;
use syn::Attribute;
use syn::parse::Parser as _;

/// The most lines that one attribute may have to be understood.
const MAX_LINES: usize = 32;

/// Returns the attributes above the annotation that is being expanded, as far as they can be read.
pub(crate) fn attributes_above() -> Vec<Attribute> {
    if !proc_macro::is_available() {
        return Vec::new();
    }
    let annotation = Span::call_site();
    let source = annotation.local_file();
    let text = source.and_then(|file| std::fs::read_to_string(file).ok());
    text.map(|text| above(&text, annotation.line(), annotation.column()))
        .unwrap_or_default()
}

/// Returns the attributes that end right before a line and column, both counted from one.
fn above(text: &str, line: usize, column: usize) -> Vec<Attribute> {
    let lines: Vec<&str> = text.lines().take(line).collect();
    let Some((last, before)) = lines.split_last() else {
        return Vec::new();
    };
    let beside: String = last.chars().take(column.saturating_sub(1)).collect();
    let mut found = Vec::new();
    let mut unread = String::new();
    for line in [&*beside].into_iter().chain(before.iter().rev().copied()) {
        let line = line.trim();
        if unread.is_empty() && !may_end_attribute(line) {
            break;
        }
        unread = format!("{line}\n{unread}");
        if let Ok(attributes) = Attribute::parse_outer.parse_str(&unread) {
            found.extend(attributes);
            unread.clear();
        } else if unread.lines().count() > MAX_LINES {
            break;
        }
    }
    found
}

fn may_end_attribute(line: &str) -> bool {
    line.is_empty() || line.ends_with(']') || line.starts_with("#[") || line.starts_with("//")
}

#[cfg(test)]
mod tests {
    use quote::ToTokens as _;

    use super::above;

    /// Checks what is found above the line `#[here]`.
    fn check(text: &str, expected: &[&str]) {
        let at = text.find("#[here]").unwrap();
        let line = text[..at].lines().count() + usize::from(text[..at].ends_with('\n') || at == 0);
        let column = at - text[..at].rfind('\n').map_or(0, |end| end + 1) + 1;
        let found = above(text, line, column);
        let found = found
            .iter()
            .map(|it| it.path().to_token_stream().to_string());
        assert_eq!(found.collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn attributes_are_found_from_below() {
        check("#[here]\nfn f() {}", &[]);
        check("#[test]\n#[here]\nfn f() {}", &["test"]);
        check(
            "#[a]\n  #[tokio::test(x = 1)]\n  #[here]",
            &["tokio :: test", "a"],
        );
        check("#[test] #[here]", &["test"]);
    }

    #[test]
    fn comments_and_blank_lines_are_no_end() {
        check("#[test] // why\n\n// and so on\n#[here]", &["test"]);
        check("#[test]\n/// What it does.\n#[here]", &["doc", "test"]);
    }

    #[test]
    fn an_attribute_may_have_lines() {
        check("#[test_case(\n    1,\n    2,\n)]\n#[here]", &["test_case"]);
    }

    #[test]
    fn what_belongs_to_another_item_is_not_found() {
        check("#[test]\nfn other() {}\n#[here]", &[]);
        check("#[test] fn other() {} #[here]", &[]);
        check("#[test]\nfn other() -> [u8; 1] { [1]\n}\n\n#[here]", &[]);
        check("#[test]\nconst A: [u8; 1] =\n[1]\n;\n#[here]", &[]);
    }

    #[test]
    fn a_line_that_is_not_there_is_no_reason_to_panic() {
        assert!(above("", 1, 1).is_empty());
        assert!(above("ä", 9, 9).is_empty());
        assert!(above("#[test]", 0, 0).is_empty());
    }
}
