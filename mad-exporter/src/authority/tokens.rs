//! The tokens that are valid.

use subtle::Choice;

use super::scope::Grant;
use super::token::{InvalidToken, Token};

/// The tokens that are valid.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tokens(Vec<Token>);

impl Tokens {
    /// Takes tokens that can be used, all of them or none.
    pub(crate) fn new(tokens: impl IntoIterator<Item = Token>) -> Result<Self, InvalidToken> {
        let tokens: Result<_, _> = tokens.into_iter().map(Token::checked).collect();
        Ok(Self(tokens?))
    }

    /// Takes tokens that have passed [`Token::checked`].
    pub(super) fn of_checked(tokens: Vec<Token>) -> Self {
        Self(tokens)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns what the bearer of this secret may do.
    pub(super) fn grant(&self, presented: &str) -> Option<&Grant> {
        let found = find(&self.0, |token| token.is(presented.as_bytes()));
        found.map(Token::grant)
    }
}

/// Finds the first that fits. All are asked, so that the time does not tell which one it was, or that
/// there was one.
fn find<T>(all: &[T], fits: impl Fn(&T) -> Choice) -> Option<&T> {
    let choices: Vec<Choice> = all.iter().map(fits).collect();
    all.iter().zip(choices).rev().fold(
        None,
        |found, (one, fits)| {
            if fits.into() { Some(one) } else { found }
        },
    )
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::authority::Scopes;

    #[test]
    fn any_of_several_tokens_is_valid_and_tells_whose_it_is() {
        let token = |name: &str| Token::new(name, format!("secret-of-{name}"), Scopes::ALL);
        let tokens = Tokens::new(["old", "new"].map(token)).unwrap();
        for name in ["old", "new"] {
            let grant = tokens.grant(&format!("secret-of-{name}"));
            assert_eq!(grant.unwrap().name(), name);
        }
        assert_eq!(tokens.grant("secret-of-nobody"), None);
        assert_eq!(Tokens::default().grant(""), None);
    }

    #[test]
    fn one_that_cannot_be_used_spoils_the_rest() {
        let tokens = [
            Token::new("good", "x", Scopes::ALL),
            Token::new("bad", "x", Scopes::NONE),
        ];
        let name = "bad".to_owned();
        assert_eq!(
            Tokens::new(tokens).unwrap_err(),
            InvalidToken::Useless { name }
        );
    }

    /// A clock could not tell on a busy machine: this counts what takes the time.
    #[test]
    fn every_token_is_compared_wherever_the_right_one_stands() {
        for right in [Some(0), Some(3), None] {
            let compared = Cell::new(0);
            let found = find(&[0, 1, 2, 3], |number| {
                compared.set(compared.get() + 1);
                u8::from(Some(*number) == right).into()
            });
            assert_eq!(found.copied(), right);
            assert_eq!(compared.get(), 4);
        }
    }
}
