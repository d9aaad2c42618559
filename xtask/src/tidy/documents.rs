//! Rules for what a newcomer reads: the documents exist and their commands work.

use super::finding::Finding;
use crate::arguments::{self, Verb};

/// The files that every clone has, each with the reason.
const REQUIRED: &[(&str, &str)] = &[
    ("README.md", "it is read first"),
    ("ARCHITECTURE.md", "it says what must never depend on what"),
    ("CHANGELOG.md", "users read there what changed for them"),
    ("CONTRIBUTING.md", "it says how a change gets in"),
    ("LICENSE-APACHE", "the manifests name this licence"),
    ("LICENSE-MIT", "the manifests name this licence"),
    (".ci/run", "CI starts there"),
];

/// The documents whose commands are looked at.
pub(crate) const WITH_COMMANDS: &[&str] = &["README.md", "CONTRIBUTING.md"];

/// What a command in a document may name.
pub(crate) struct Known<'a> {
    pub(crate) examples: Vec<&'a str>,
    pub(crate) verbs: &'static [Verb],
}

/// Finds required files that do not exist.
pub(crate) fn missing(exists: impl Fn(&str) -> bool) -> Vec<Finding> {
    let missing = REQUIRED.iter().filter(|(file, _)| !exists(file));
    missing
        .map(|(file, why)| Finding::error(*file, 1, "there is no such file", why))
        .collect()
}

/// Looks at the commands in the fenced blocks of a document.
pub(crate) fn check(file: &str, text: &str, known: &Known<'_>) -> Vec<Finding> {
    let finding = |(line, command)| {
        let mistake = mistake(command, known)?;
        let why = "a command that newcomers type must work";
        Some(Finding::error(file, line, mistake, why))
    };
    fenced_lines(text).filter_map(finding).collect()
}

/// Returns the lines between fences, each with its number from 1.
fn fenced_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_inside = false;
    let numbered = text.lines().enumerate();
    numbered.filter_map(move |(index, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_inside ^= is_fence;
        (is_inside && !is_fence).then_some((index + 1, line))
    })
}

fn mistake(line: &str, known: &Known<'_>) -> Option<String> {
    let words = command_words(line);
    match words.as_slice() {
        ["cargo", "xtask", rest @ ..] => {
            let rest: Vec<_> = rest.iter().map(|word| (*word).to_owned()).collect();
            arguments::parse(known.verbs, &rest).err()
        }
        ["cargo", "run", rest @ ..] => {
            let at = rest.iter().position(|word| *word == "--example")?;
            let name = rest.get(at + 1).copied().unwrap_or_default();
            (!known.examples.contains(&name)).then(|| format!("there is no example `{name}`"))
        }
        _ => None,
    }
}

/// Returns the words of a command: without the prompt, the variables set for it and the comment.
fn command_words(line: &str) -> Vec<&str> {
    let line = line.split(" #").next().unwrap_or_default();
    let words = line.split_whitespace();
    words
        .skip_while(|word| *word == "$" || word.contains('='))
        .take_while(|word| !matches!(*word, "&" | "&&" | "|" | ";" | ">"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Known, REQUIRED, check, missing};
    use crate::VERBS;

    #[track_caller]
    fn check_found(text: &str, expected: &[&str]) {
        let known = Known {
            examples: vec!["shop"],
            verbs: VERBS,
        };
        let findings = check("README.md", text, &known);
        let shown: Vec<_> = findings.iter().map(ToString::to_string).collect();
        assert_eq!(shown.len(), expected.len(), "{shown:#?}");
        for (shown, expected) in shown.iter().zip(expected) {
            assert!(shown.starts_with(expected), "{shown}");
        }
    }

    #[test]
    fn an_example_exists() {
        check_found("```sh\n$ cargo run --example shop # starts it\n```", &[]);
        check_found(
            "Try:\n\n```sh\nPORT=1 cargo run -p examples --example shpo -- --port 1\n```",
            &["README.md:4: there is no example `shpo`"],
        );
        check_found(
            "```\ncargo run --example\n```",
            &["README.md:2: there is no example ``"],
        );
    }

    #[test]
    fn a_verb_exists_and_knows_its_flag() {
        check_found("```\ncargo xtask test --quick && echo good\n```", &[]);
        check_found(
            "```\ncargo xtask tset\n```",
            &["README.md:2: unknown verb `tset`"],
        );
        check_found(
            "```\ncargo xtask test --fast\n```",
            &["README.md:2: `test` does not know"],
        );
    }

    #[test]
    fn text_and_other_commands_are_left_alone() {
        check_found("cargo xtask tset", &[]);
        check_found("```\ncurl localhost\n```\ncargo xtask tset\n", &[]);
        check_found("```\ncargo run\n```", &[]);
    }

    #[test]
    fn a_missing_file_is_shown() {
        assert!(missing(|_| true).is_empty());
        assert_eq!(missing(|_| false).len(), REQUIRED.len());
        let shown = missing(|file| file != "README.md")[0].to_string();
        assert_eq!(
            shown,
            "README.md:1: there is no such file (it is read first)"
        );
    }
}
