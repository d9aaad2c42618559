//! Rust source as the rules see it: code apart from comments and literals.
//!
//! A real parser would be slower to build than the rules are worth. Telling code, comments and
//! literals apart is enough for rules that look for words, and it keeps them from tripping over a
//! word in a text.

/// A Rust file.
#[derive(Debug)]
pub(crate) struct Source {
    /// From the root of the workspace.
    pub(crate) file: String,
    /// The code; comments and what stands between quotes are blanks.
    pub(crate) code: String,
    /// The comments; all else is blanks.
    pub(crate) comments: String,
    pub(crate) n_lines: usize,
}

impl Source {
    pub(crate) fn new(file: impl Into<String>, text: impl AsRef<str>) -> Self {
        let text = text.as_ref();
        Self {
            file: file.into(),
            code: only(Kind::Code, text),
            comments: only(Kind::Comment, text),
            n_lines: text.lines().count(),
        }
    }

    /// Returns the code without what stands under `#[cfg(test)]`.
    pub(crate) fn code_without_tests(&self) -> String {
        const ATTRIBUTE: &str = "#[cfg(test)]";
        let mut rest = self.code.as_str();
        let mut kept = String::new();
        while let Some(start) = rest.find(ATTRIBUTE) {
            let (before, item) = rest.split_at(start);
            let (tests, after) = item.split_at(item_length(item));
            kept.push_str(before);
            kept.push_str(&blank(tests));
            rest = after;
        }
        kept + rest
    }
}

/// Returns where the item ends that `code` begins with: at a `;`, or at the brace that closes it.
fn item_length(code: &str) -> usize {
    let mut depth = 0_usize;
    for (at, character) in code.char_indices() {
        match character {
            ';' if depth == 0 => return at + 1,
            '{' => depth += 1,
            '}' if depth <= 1 => return at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

/// Returns the line, from 1, in which the byte at `offset` stands.
pub(crate) fn line_of(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

/// Returns where `word` stands in `code` as a word, not as a part of a longer one.
pub(crate) fn find_word<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_whole = |at: &usize| {
        let before = code[..*at].chars().next_back();
        let after = code[*at + word.len()..].chars().next();
        !before.is_some_and(is_word_character) && !after.is_some_and(is_word_character)
    };
    code.match_indices(word).map(|(at, _)| at).filter(is_whole)
}

pub(crate) fn is_word_character(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Code,
    Comment,
    Literal,
}

fn only(wanted: Kind, text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    let mut previous = None;
    while !rest.is_empty() {
        let (kind, length) = token(rest, previous);
        let (token, after) = rest.split_at(length);
        if kind == wanted {
            shown.push_str(token);
        } else {
            shown.push_str(&blank(token));
        }
        previous = token.chars().next_back();
        rest = after;
    }
    shown
}

/// Returns blanks of the same shape: as many lines, of as many bytes each.
fn blank(text: &str) -> String {
    let blanks = text
        .bytes()
        .map(|byte| if byte == b'\n' { '\n' } else { ' ' });
    blanks.collect()
}

/// Returns the kind and the length of what the text begins with; code comes by the character.
fn token(text: &str, previous: Option<char>) -> (Kind, usize) {
    if text.starts_with("//") {
        return (Kind::Comment, text.find('\n').unwrap_or(text.len()));
    }
    if text.starts_with("/*") {
        return (Kind::Comment, block_comment_length(text));
    }
    if let Some(length) = raw_string_length(text, previous) {
        return (Kind::Literal, length);
    }
    if text.starts_with('"') {
        return (Kind::Literal, quoted_length(text, '"'));
    }
    if is_character_literal(text) {
        return (Kind::Literal, quoted_length(text, '\''));
    }
    (Kind::Code, text.chars().next().map_or(0, char::len_utf8))
}

fn block_comment_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// Returns the length of a raw string, whose `r` must not be the end of a longer word.
fn raw_string_length(text: &str, previous: Option<char>) -> Option<usize> {
    if previous.is_some_and(|it| is_word_character(it) && !matches!(it, 'b' | 'c')) {
        return None;
    }
    let after = text.strip_prefix('r')?;
    let quoted = after.trim_start_matches('#');
    let hashes = &after[..after.len() - quoted.len()];
    let content = quoted.strip_prefix('"')?;
    let end = format!("\"{hashes}");
    let content_length = content
        .find(&end)
        .map_or(content.len(), |at| at + end.len());
    Some(text.len() - content.len() + content_length)
}

fn quoted_length(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        if is_escaped {
            is_escaped = false;
        } else if character == '\\' {
            is_escaped = true;
        } else if character == quote {
            return at + 1;
        }
    }
    text.len()
}

/// Tells `'a'` from the lifetime `'a`.
fn is_character_literal(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next() == Some('\'')
        && (characters.next() == Some('\\') || characters.next() == Some('\''))
}

#[cfg(test)]
mod tests {
    use super::{Source, find_word, line_of};

    #[track_caller]
    fn check(text: &str, code: &str, comments: &str) {
        let source = Source::new("a.rs", text);
        assert_eq!(source.code.trim_end(), code);
        assert_eq!(source.comments.trim(), comments);
        assert_eq!(source.code.len(), text.len());
    }

    #[test]
    fn comments_are_no_code() {
        check("a; // b\nc", "a;     \nc", "// b");
        check(
            "a /* b /* c */ d */ e",
            "a                   e",
            "/* b /* c */ d */",
        );
    }

    #[test]
    fn what_stands_in_a_literal_is_neither_code_nor_comment() {
        check(r#"f("// a \" b"); c"#, "f(           ); c", "");
        check(r##"f(r#"a " b"#); c"##, "f(          ); c", "");
        check(r#"f(br"a\"); c"#, "f(b     ); c", "");
        check(r"f('\'', '/', '/'); c", "f(    ,    ,    ); c", "");
        check("f(\"ä\"); c", "f(    ); c", "");
    }

    #[test]
    fn a_lifetime_opens_no_literal() {
        check("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}", "");
    }

    #[test]
    fn tests_can_be_left_out_and_lines_stay_where_they_are() {
        let text = "one\n#[cfg(test)]\nmod tests {\n { two }\n}\n#[cfg(test)]\nuse three;\nfour";
        let code = Source::new("a.rs", text).code_without_tests();
        assert!(code.contains("one") && !code.contains("two") && !code.contains("three"));
        assert_eq!(line_of(&code, code.find("four").unwrap()), 8);
    }

    #[test]
    fn a_word_is_found_whole() {
        let found: Vec<_> = find_word("http https http_ (http)", "http").collect();
        assert_eq!(found, [0, 18]);
    }
}
