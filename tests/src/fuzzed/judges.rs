//! Whether an answer is what its media type says, as far as that can be told without the writer.

use std::collections::BTreeMap;

use serde_json::Value;

use super::instance::Answer;

/// Fails if an answer is not what its media type says.
pub(super) fn judge(answer: &Answer) {
    let media_type = answer.media_type();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if essence.ends_with("json") {
        is_json(answer);
    } else if media_type.contains("version=0.0.4") {
        is_exposition(answer.text());
    } else if essence.starts_with("text/") {
        is_plain(answer.text());
    }
}

fn is_json(answer: &Answer) {
    let value: Value = serde_json::from_slice(&answer.body).expect("it is JSON");
    if answer.media_type().starts_with("application/problem+json") {
        assert_eq!(value["status"], answer.status.as_u16(), "{value}");
        assert!(value["detail"].is_string(), "{value}");
    }
}

/// Every line is a comment or a sample: what stands in quotes ends, and a number is behind it.
pub(super) fn is_exposition(page: &str) {
    assert!(page.ends_with('\n'), "{page}");
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let rest = behind_labels(line);
        let value: Result<f64, _> = rest.trim().parse();
        assert!(value.is_ok(), "{line}");
    }
}

/// Reads the labels of a sample: `name{label="value",..} ..`.
pub(super) fn labels_of(line: &str) -> BTreeMap<String, String> {
    let (_, mut rest) = line.split_once('{').unwrap_or((line, "}"));
    let mut labels = BTreeMap::new();
    while let Some((name, quoted)) = rest.split_once("=\"") {
        let mut value = String::new();
        let mut letters = quoted.chars();
        loop {
            match letters.next().expect("what is quoted ends") {
                '"' => break,
                '\\' => value.push(match letters.next() {
                    Some('n') => '\n',
                    Some(letter @ ('\\' | '"')) => letter,
                    other => panic!("no escape: {other:?} in {line}"),
                }),
                letter => value.push(letter),
            }
        }
        labels.insert(name.to_owned(), value);
        rest = letters.as_str();
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => break,
        }
    }
    assert!(rest.starts_with('}'), "{line}");
    labels
}

/// Returns what is behind the labels of a sample, or behind its name if it has none.
fn behind_labels(line: &str) -> &str {
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (at, letter) in line.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            '}' if !is_quoted => return &line[at + 1..],
            ' ' if !is_quoted && !line[..at].contains('{') => return &line[at..],
            _ => {}
        }
    }
    line
}

/// Text for people and for programs that read lines: it moves no cursor and rings no bell.
fn is_plain(text: &str) {
    let is_legal = |letter: char| !letter.is_control() || matches!(letter, '\n' | '\t');
    assert!(text.chars().all(is_legal), "{text:?}");
}
