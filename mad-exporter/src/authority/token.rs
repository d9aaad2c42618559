//! A secret, who bears it, and what that bearer may do.

use std::fmt;

use subtle::{Choice, ConstantTimeEq};

use super::scope::{Grant, Scopes};

/// A secret that lets its bearer do what its scopes say. It is never shown.
///
/// Of several, any one does: while a token is replaced, the old and the new are valid together.
///
/// ```
/// use mad_core::Effects;
/// use mad_exporter::{Scope, Token};
///
/// let token = Token::new("deployer", "3f2c1ab", [Scope::Admin, Scope::Trigger(Effects::Scratch)]);
/// assert!(format!("{token:?}").contains("deployer"));
/// assert!(!format!("{token:?}").contains("3f2c1ab"));
/// ```
#[derive(Clone)]
pub struct Token {
    secret: String,
    grant: Grant,
}

impl Token {
    /// Makes a token. The name is for the audit log; the secret is sent as `Authorization: Bearer SECRET`.
    ///
    /// A secret that cannot be sent so is refused when the exporter starts.
    pub fn new(
        name: impl Into<String>,
        secret: impl Into<String>,
        scopes: impl Into<Scopes>,
    ) -> Self {
        Self {
            secret: secret.into(),
            grant: Grant::new(name, scopes),
        }
    }

    /// Passes a token on that can be sent in a header as it is, and that is good for something.
    pub(crate) fn checked(self) -> Result<Self, InvalidToken> {
        if self.secret.trim().is_empty() {
            return Err(InvalidToken::Blank);
        }
        if self.grant.scopes() == Scopes::NONE {
            return Err(InvalidToken::Useless {
                name: self.grant.name().to_owned(),
            });
        }
        match self
            .secret
            .bytes()
            .position(|byte| !byte.is_ascii_graphic())
        {
            Some(position) => Err(InvalidToken::Invisible { position }),
            None => Ok(self),
        }
    }

    /// Returns who bears it, and what they may do.
    pub(super) fn grant(&self) -> &Grant {
        &self.grant
    }

    /// Says whether this is the secret. How long it takes tells no more than the length.
    pub(super) fn is(&self, presented: &[u8]) -> Choice {
        self.secret.as_bytes().ct_eq(presented)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("grant", &self.grant)
            .finish_non_exhaustive()
    }
}

/// Why a text cannot be a token.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum InvalidToken {
    Blank,
    /// The byte at this position, from 0, is no visible ASCII character.
    Invisible {
        position: usize,
    },
    /// It has no scope.
    Useless {
        name: String,
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
            Self::Useless { name } => write!(
                f,
                "the token {name:?} has no scope, so that nobody can do anything with it: \
                 give it one, such as `Scope::Read`",
            ),
        }
    }
}

impl std::error::Error for InvalidToken {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_visible_ascii_can_be_a_token() {
        let check = |secret: &str, expected: InvalidToken| {
            let token = Token::new("any", secret, Scopes::ALL);
            assert_eq!(token.checked().unwrap_err(), expected);
        };
        check("", InvalidToken::Blank);
        check(" \n", InvalidToken::Blank);
        check("secret\n", InvalidToken::Invisible { position: 6 });
        check("se cret", InvalidToken::Invisible { position: 2 });
        check("sécret", InvalidToken::Invisible { position: 1 });
    }

    #[test]
    fn a_token_is_compared_whole_and_never_shown() {
        let token = Token::new("any", "s3cret!", Scopes::ALL);
        assert!(bool::from(token.is(b"s3cret!")));
        for other in [&b""[..], b"s3cret", b"s3cret!!", b"S3CRET!"] {
            assert!(!bool::from(token.is(other)));
        }
        assert!(!format!("{token:?}").contains("s3cret"));
    }
}
