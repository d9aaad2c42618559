//! The token that a service wants from whoever acts, or wants to see everything.

use std::env::{self, VarError};
use std::fmt;
use std::fs;
use std::io;
use std::path::PathBuf;

use crate::arguments::TokenArguments;

/// The environment variable that holds it.
const VARIABLE: &str = "MAD_TOKEN";

/// A secret that is sent and never shown.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Token(String);

impl Token {
    /// Finds the token where the arguments say, or else in the environment; nothing if it is not there.
    pub(crate) fn find(arguments: &TokenArguments) -> Result<Option<Self>, TokenError> {
        if arguments.ask_token {
            let token = rpassword::prompt_password("Token: ").map_err(TokenError::Terminal)?;
            return Self::new(&token).map(Some);
        }
        if let Some(file) = &arguments.token_file {
            let text = fs::read_to_string(file);
            let text = text.map_err(|error| TokenError::File(file.clone(), error))?;
            return Self::new(&text).map(Some);
        }
        match from_environment() {
            Ok(token) => Self::new(&token).map(Some),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(_)) => Err(TokenError::Invisible),
        }
    }

    fn new(text: &str) -> Result<Self, TokenError> {
        // The line feed at the end of a file is none of it.
        let token = text.trim_end_matches(['\r', '\n']);
        if token.is_empty() {
            return Err(TokenError::Empty);
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::Invisible);
        }
        Ok(Self(token.to_owned()))
    }

    /// Returns what the header `Authorization` says.
    pub(crate) fn authorization(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

#[expect(clippy::disallowed_methods, reason = "this is where it is passed in")]
fn from_environment() -> Result<String, VarError> {
    env::var(VARIABLE)
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Why there is no token.
#[derive(Debug)]
pub(crate) enum TokenError {
    Terminal(io::Error),
    File(PathBuf, io::Error),
    Empty,
    Invisible,
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Terminal(error) => write!(f, "the terminal gives no token: {error}"),
            Self::File(file, error) => {
                write!(
                    f,
                    "the token cannot be read from {}: {error}",
                    file.display()
                )
            }
            Self::Empty => write!(
                f,
                "the token is empty: set {VARIABLE} to that of the service, or unset it"
            ),
            Self::Invisible => f.write_str("the token has a character that is not visible ASCII"),
        }
    }
}

impl std::error::Error for TokenError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_feed_of_a_file_is_none_of_the_token() {
        let token = Token::new("secret\r\n").expect("a token");
        assert_eq!(token.authorization(), "Bearer secret");
        assert!(!format!("{token:?}").contains("secret"));
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        assert!(matches!(Token::new("\n"), Err(TokenError::Empty)));
        assert!(matches!(
            Token::new("two words"),
            Err(TokenError::Invisible)
        ));
    }
}
