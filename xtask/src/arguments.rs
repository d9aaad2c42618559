//! The command line: a verb and at most one flag.

use std::fmt::{Display, Write as _};
use std::process::ExitCode;

/// Something that `cargo xtask` can do.
#[derive(Debug)]
pub(crate) struct Verb {
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    /// The flags that it accepts; they exclude each other.
    pub(crate) flags: &'static [Flag],
    pub(crate) run: fn(Option<&str>) -> crate::Result<ExitCode>,
}

/// A flag of a verb.
#[derive(Debug)]
pub(crate) struct Flag {
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
}

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Request {
    Help,
    Run {
        verb: &'static Verb,
        flag: Option<&'static str>,
    },
}

/// Reads the words after `cargo xtask`.
///
/// # Errors
///
/// What is wrong and what is accepted instead.
pub(crate) fn parse(verbs: &'static [Verb], words: &[String]) -> Result<Request, String> {
    let asks_for_help = |word: &String| matches!(word.as_str(), "--help" | "-h" | "help");
    if words.iter().any(asks_for_help) {
        return Ok(Request::Help);
    }
    let (name, flags) = words.split_first().ok_or("no verb given")?;
    let verb = verbs.iter().find(|verb| verb.name == name).ok_or_else(|| {
        let names = verbs.iter().map(|verb| verb.name);
        format!("unknown verb `{name}`; there is {}", listed(names))
    })?;
    let flag = match flags {
        [] => None,
        [flag] => Some(accepted_flag(verb, flag)?),
        [..] => return Err(format!("`{name}` takes one flag at most")),
    };
    Ok(Request::Run { verb, flag })
}

fn accepted_flag(verb: &Verb, word: &str) -> Result<&'static str, String> {
    let flag = verb.flags.iter().find(|flag| flag.name == word);
    flag.map(|flag| flag.name).ok_or_else(|| {
        let name = verb.name;
        match verb.flags {
            [] => format!("`{name}` takes no arguments, so not `{word}`"),
            flags => format!(
                "`{name}` does not know `{word}`; there is {}",
                listed(flags.iter().map(|flag| flag.name))
            ),
        }
    })
}

fn listed<N: Display>(names: impl Iterator<Item = N>) -> String {
    let quoted: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// Returns the help text.
pub(crate) fn usage(verbs: &[Verb]) -> String {
    let mut text = String::from("Usage: cargo xtask <verb> [flag]\n\n");
    for verb in verbs {
        _ = writeln!(text, "  {:<18}{}", verb.name, verb.summary);
        for flag in verb.flags {
            _ = writeln!(text, "    {:<16}{}", flag.name, flag.summary);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Request, parse, usage};
    use crate::VERBS;

    fn parsed(line: &str) -> Result<Request, String> {
        let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        parse(VERBS, &words)
    }

    #[track_caller]
    fn check_refused(line: &str, message: &str) {
        assert_eq!(parsed(line).unwrap_err(), message);
    }

    #[test]
    fn a_verb_comes_with_one_of_its_flags_or_none() {
        let flag_of = |line| match parsed(line) {
            Ok(Request::Run { verb, flag }) => (verb.name, flag),
            other => panic!("{line}: {other:?}"),
        };
        assert_eq!(flag_of("test"), ("test", None));
        assert_eq!(flag_of("test --quick"), ("test", Some("--quick")));
        assert_eq!(flag_of("tidy"), ("tidy", None));
    }

    #[test]
    fn a_mistake_names_what_is_accepted() {
        check_refused("", "no verb given");
        check_refused(
            "tset",
            "unknown verb `tset`; there is `test`, `tidy`, `bench`, `chaos`, `soak`, `footprint`",
        );
        check_refused(
            "test --fast",
            "`test` does not know `--fast`; there is `--quick`, `--all`",
        );
        check_refused("tidy now", "`tidy` takes no arguments, so not `now`");
        check_refused("test --quick --all", "`test` takes one flag at most");
    }

    #[test]
    fn help_is_given_anywhere_and_names_every_verb_and_flag() {
        for line in ["--help", "-h", "help", "test --help"] {
            assert!(matches!(parsed(line), Ok(Request::Help)), "{line}");
        }
        let text = usage(VERBS);
        for verb in VERBS {
            assert!(text.contains(verb.name));
            assert!(verb.flags.iter().all(|flag| text.contains(flag.name)));
        }
    }
}
