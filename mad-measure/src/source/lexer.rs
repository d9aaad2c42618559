//! What of a text is code, what a comment, and what a literal: enough to count lines, and for a text that does not parse.

/// What a byte of a Rust file belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Code,
    Comment,
    /// Strings and characters, with their quotes.
    Literal,
}

/// Says of each byte what it belongs to. It never fails: what is not closed goes on until the end.
pub(super) fn classes(text: &str) -> Vec<Class> {
    let mut classes = Vec::with_capacity(text.len());
    while classes.len() < text.len() {
        let at = classes.len();
        let (length, class) = piece(text, at);
        classes.resize(at + length, class);
    }
    classes
}

/// How long the piece that begins here is, in bytes, and what it is.
fn piece(text: &str, at: usize) -> (usize, Class) {
    let rest = &text.as_bytes()[at..];
    match rest {
        [b'/', b'/', ..] => (length_until(rest, b'\n'), Class::Comment),
        [b'/', b'*', ..] => (block_comment(rest), Class::Comment),
        [b'"', ..] => (quoted(rest, b'"'), Class::Literal),
        [b'\'', ..] => match character(rest) {
            Some(length) => (length, Class::Literal),
            None => (1, Class::Code),
        },
        [b'r', ..] if !continues_word(text, at) => match raw_string(rest) {
            Some(length) => (length, Class::Literal),
            None => (1, Class::Code),
        },
        _ => (1, Class::Code),
    }
}

/// Whether the letter here stands behind another of the same word; `b` and `c` may stand before the `r` of a raw string.
fn continues_word(text: &str, at: usize) -> bool {
    let before = text.as_bytes()[..at].iter().rev();
    let mut letters = before.take_while(|byte| is_word(**byte)).copied();
    match (letters.next(), letters.next()) {
        (None, _) | (Some(b'b' | b'c'), None) => false,
        (Some(_), _) => true,
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

fn length_until(rest: &[u8], end: u8) -> usize {
    rest.iter()
        .position(|byte| *byte == end)
        .unwrap_or(rest.len())
}

/// They stand in each other.
fn block_comment(rest: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => {
                depth += 1;
                at += 2;
            }
            [b'*', b'/', ..] => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    rest.len()
}

/// From a quote to the next that has no backslash before it.
fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// A character, or nothing where a quote begins a lifetime or a label.
fn character(rest: &[u8]) -> Option<usize> {
    match rest.get(1)? {
        b'\\' => Some(quoted(rest, b'\'')),
        first => {
            let length = match first {
                0..0x80 => 1,
                0x80..0xe0 => 2,
                0xe0..0xf0 => 3,
                _ => 4,
            };
            (rest.get(1 + length) == Some(&b'\'')).then_some(length + 2)
        }
    }
}

/// A string such as `r#".."#`, or nothing where an `r` is only a letter.
fn raw_string(rest: &[u8]) -> Option<usize> {
    let n_hashes = rest[1..].iter().take_while(|byte| **byte == b'#').count();
    let begin = 1 + n_hashes;
    if rest.get(begin) != Some(&b'"') {
        return None;
    }
    let end = |at: &usize| {
        rest[*at] == b'"'
            && rest[at + 1..].len() >= n_hashes
            && rest[at + 1..][..n_hashes].iter().all(|byte| *byte == b'#')
    };
    let end = (begin + 1..rest.len()).find(end);
    Some(end.map_or(rest.len(), |at| at + 1 + n_hashes))
}
