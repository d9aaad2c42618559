//! The secret that lets its bearer act and see.

use std::fmt;

use subtle::ConstantTimeEq;

/// The secret that lets its bearer act and see. It is compared in constant time and never shown.
#[derive(Clone)]
pub(crate) struct Token(String);

impl Token {
    /// Takes a token that can be sent in a header as it is.
    pub(crate) fn new(text: String) -> Result<Self, InvalidToken> {
        if text.trim().is_empty() {
            return Err(InvalidToken::Blank);
        }
        match text.bytes().position(|byte| !byte.is_ascii_graphic()) {
            Some(position) => Err(InvalidToken::Invisible { position }),
            None => Ok(Self(text)),
        }
    }

    /// Says whether this is the token. How long it takes tells no more than the length.
    pub(crate) fn is(&self, presented: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(presented).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Why a text cannot be a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum InvalidToken {
    Blank,
    /// The byte at this position, from 0, is no visible ASCII character.
    Invisible {
        position: usize,
    },
}

impl fmt::Display for InvalidToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => f.write_str(
                "the token is empty: set one (`openssl rand -hex 32` makes a good one), \
                 or leave it unset to serve loopback callers only",
            ),
            Self::Invisible { position } => write!(
                f,
                "the token has a character at position {position} that is not visible ASCII, \
                 such as a blank or the line feed at the end of a file: leave it out",
            ),
        }
    }
}

impl std::error::Error for InvalidToken {}

#[cfg(test)]
mod tests {
    use super::{InvalidToken, Token};

    #[test]
    fn only_visible_ascii_can_be_a_token() {
        let check = |text: &str, expected: InvalidToken| {
            assert_eq!(Token::new(text.to_owned()).unwrap_err(), expected);
        };
        check("", InvalidToken::Blank);
        check(" \n", InvalidToken::Blank);
        check("secret\n", InvalidToken::Invisible { position: 6 });
        check("se cret", InvalidToken::Invisible { position: 2 });
        check("sécret", InvalidToken::Invisible { position: 1 });
    }

    #[test]
    fn a_token_is_compared_whole_and_never_shown() {
        let token = Token::new("s3cret!".to_owned()).unwrap();
        assert!(token.is(b"s3cret!"));
        for other in [&b""[..], b"s3cret", b"s3cret!!", b"S3CRET!"] {
            assert!(!token.is(other));
        }
        assert!(!format!("{token:?}").contains("s3cret"));
    }
}
