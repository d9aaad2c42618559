//! The source above an annotation.
//!
//! Attributes expand from the top down, so those above an annotation are gone when it expands. One of
//! them may be a `#[test]`, which takes the function out of every build but that of the tests: there
//! the annotation is never seen, and what should watch the service is missing without a word. In the
//! build of the tests it is seen, and the source file still says what stands above.
//!
//! This is a courtesy. Where there is no file to read, nothing is found.

use std::cell::RefCell;
use std::fs;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::SystemTime;

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
        let name = name.span().unwrap();
        return Place::of(name).map_or_else(Vec::new, |place| above(place.lines_before()));
    }
    Place::of(annotation).map_or_else(Vec::new, |place| above(place.text_before()))
}

/// Where something stands in a source file.
struct Place {
    file: Rc<File>,
    at: usize,
}

impl Place {
    fn of(span: Span) -> Option<Self> {
        let file = File::read(span.local_file()?)?;
        let at = file.offset(span.line(), span.column())?;
        // An editor's text may be newer than the file.
        let is_here = file.text[at..].starts_with(&span.source_text()?);
        is_here.then_some(Self { file, at })
    }

    fn text_before(&self) -> &str {
        &self.file.text[..self.at]
    }

    fn lines_before(&self) -> &str {
        let text = self.text_before();
        &text[..text.rfind('\n').unwrap_or(0)]
    }
}

/// A source file.
struct File {
    path: PathBuf,
    modified: SystemTime,
    text: String,
    /// Where its lines start.
    lines: Vec<usize>,
}

impl File {
    /// Reads a file, once for all the annotations that follow one another in it.
    fn read(path: PathBuf) -> Option<Rc<Self>> {
        thread_local! {
            static LAST: RefCell<Option<Rc<File>>> = const { RefCell::new(None) };
        }
        let modified = fs::metadata(&path).ok()?.modified().ok()?;
        LAST.with_borrow_mut(|last| {
            let is_it = |file: &Rc<Self>| file.path == path && file.modified == modified;
            if !last.as_ref().is_some_and(is_it) {
                let text = fs::read_to_string(&path).ok()?;
                *last = Some(Rc::new(Self::new(path, modified, text)));
            }
            last.clone()
        })
    }

    fn new(path: PathBuf, modified: SystemTime, text: String) -> Self {
        let after_line_ends = text.match_indices('\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(after_line_ends).collect();
        Self {
            path,
            modified,
            text,
            lines,
        }
    }

    /// Returns where a line and a column are, both counted from one; a column is a character.
    fn offset(&self, line: usize, column: usize) -> Option<usize> {
        let start = *self.lines.get(line.checked_sub(1)?)?;
        let mut characters = self.text[start..].char_indices();
        let (within, _) = characters.nth(column.checked_sub(1)?)?;
        Some(start + within)
    }
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
        } else if line.starts_with("#[") || unread.lines().count() > MAX_LINES {
            // What starts like an attribute and goes on as something else is an item in one line.
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use quote::ToTokens as _;

    use super::{File, PathBuf, SystemTime, above};

    fn offset(text: &str, line: usize, column: usize) -> Option<usize> {
        let file = File::new(PathBuf::new(), SystemTime::UNIX_EPOCH, text.to_owned());
        file.offset(line, column)
    }

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
