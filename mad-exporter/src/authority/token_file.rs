//! Tokens in a file.

use std::fmt;
use std::path::{Path, PathBuf};

use super::scope::{Scope, Scopes};
use super::token::{InvalidToken, Token};
use super::tokens::Tokens;
use crate::private_file::{self, PrivateFileError};

/// Reads the tokens of a file: one a line, with a name and its scopes before it or alone.
pub(crate) fn read(path: &Path) -> Result<Tokens, TokenFileError> {
    let text = private_file::read(path).map_err(Trouble::File);
    let tokens = text.and_then(|text| parse(&text));
    tokens.map_err(|trouble| TokenFileError {
        path: path.to_owned(),
        trouble,
    })
}

fn parse(text: &str) -> Result<Tokens, Trouble> {
    let lines = (1..).zip(text.lines().map(str::trim));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let tokens = lines.map(|(number, line)| {
        let token =
            parse_line(number, line).and_then(|token| token.checked().map_err(Mistake::Token));
        token.map_err(|mistake| Trouble::Line { number, mistake })
    });
    let tokens = tokens.collect::<Result<Vec<_>, _>>()?;
    if tokens.is_empty() {
        return Err(Trouble::Empty);
    }
    // Each has been looked at.
    Ok(Tokens::of_checked(tokens))
}

fn parse_line(number: usize, line: &str) -> Result<Token, Mistake> {
    let words: Vec<_> = line.split_whitespace().collect();
    match words[..] {
        [secret] => Ok(Token::new(format!("line {number}"), secret, Scopes::ALL)),
        [name, scopes, secret] => {
            let scopes = scopes.split(',').map(str::parse::<Scope>);
            let scopes = scopes.collect::<Result<Scopes, _>>();
            Ok(Token::new(
                name,
                secret,
                scopes.map_err(|_| Mistake::Scope)?,
            ))
        }
        _ => Err(Mistake::Words(words.len())),
    }
}

/// What is wrong with a file of tokens. Nothing of what is in it is shown.
#[derive(Debug)]
pub(crate) struct TokenFileError {
    path: PathBuf,
    trouble: Trouble,
}

#[derive(Debug)]
enum Trouble {
    File(PrivateFileError),
    Empty,
    Line { number: usize, mistake: Mistake },
}

#[derive(Debug, Eq, PartialEq)]
enum Mistake {
    Words(usize),
    Scope,
    Token(InvalidToken),
}

impl TokenFileError {
    /// Returns what the system said, if it was that.
    pub(crate) fn io(&self) -> Option<&std::io::Error> {
        match &self.trouble {
            Trouble::File(error) => error.io(),
            _ => None,
        }
    }
}

impl fmt::Display for TokenFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the tokens in `{}` cannot be used: ",
            self.path.display()
        )?;
        match &self.trouble {
            Trouble::File(error) => error.fmt(f),
            Trouble::Empty => f.write_str("there is none: write one, or leave the file out"),
            Trouble::Line { number, mistake } => write!(f, "line {number}: {mistake}"),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(words) => write!(
                f,
                "{words} words: write the token alone, or `NAME SCOPE,SCOPE TOKEN`"
            ),
            Self::Scope => f.write_str(
                "the second word is no list of scopes, such as `read` or `admin,trigger:scratch`",
            ),
            Self::Token(error) => error.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use mad_core::Effects;

    use super::*;

    #[test]
    fn a_line_is_a_token_alone_or_with_a_name_and_scopes() {
        let text = "# who      what          token\r\n\n  s1 \ndeployer\tadmin,trigger:scratch  s2\ngrafana read s#3";
        let tokens = parse(text).unwrap();
        let check = |secret: &str, name: &str, scopes: Scopes| {
            let grant = tokens.grant(secret).unwrap();
            assert_eq!((grant.name(), grant.scopes()), (name, scopes));
        };
        check("s1", "line 3", Scopes::ALL);
        check(
            "s2",
            "deployer",
            Scopes::from([Scope::Admin, Scope::Trigger(Effects::Scratch)]),
        );
        check("s#3", "grafana", Scopes::from([Scope::Read]));
        assert_eq!(tokens.grant("read"), None);
    }

    #[test]
    fn a_mistake_is_told_with_its_line_and_without_what_is_in_it() {
        for (text, part) in [
            ("", "there is none"),
            ("# only this\n", "there is none"),
            ("good\nci c4n4ry", "line 2: 2 words"),
            ("ci read c4n4ry c4n4ry", "line 1: 4 words"),
            ("ci c4n4ry read", "line 1: the second word"),
            ("ci read, c4n4ry", "line 1: the second word"),
            ("ci read c4n\u{e4}ry", "line 1: the token has a character"),
        ] {
            let trouble = parse(text).unwrap_err();
            let error = TokenFileError {
                path: "tokens".into(),
                trouble,
            };
            assert!(error.to_string().contains(part), "{error}");
            assert!(!format!("{error} {error:?}").contains("c4n"), "{error:?}");
        }
    }
}
