//! One argument of an annotation and the kinds of value that it can have.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::time::Duration;

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{LitBool, LitInt, LitStr, Path, Token};

use crate::duration;
use crate::list::split_at_commas;
use crate::size;
use crate::suggestion::nearest;

/// An argument as it was written.
pub(crate) struct Argument {
    pub(crate) word: Ident,
    value: Value,
}

enum Value {
    /// `word`
    None,
    /// `word = value`
    Assigned(TokenStream),
    /// `word(values)`
    Listed(TokenStream),
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let word = input.call(Ident::parse_any)?;
        let value = if input.parse::<Option<Token![=]>>()?.is_some() {
            Value::Assigned(input.parse()?)
        } else if input.peek(syn::token::Paren) {
            Value::Listed(input.parse::<proc_macro2::Group>()?.stream())
        } else {
            Value::None
        };
        Ok(Self { word, value })
    }
}

/// A text that holds a duration.
pub(crate) struct WrittenDuration {
    pub(crate) value: Duration,
    pub(crate) literal: LitStr,
}

/// A text that holds a size of memory.
pub(crate) struct WrittenSize {
    pub(crate) bytes: u64,
    pub(crate) literal: LitStr,
}

/// One `case(name, values..)`.
pub(crate) struct Case {
    pub(crate) name: Ident,
    pub(crate) values: Vec<TokenStream>,
}

/// One of an enum's variants, by the name that it has in mad-core.
#[derive(Clone, Copy)]
pub(crate) struct Variant(pub(crate) &'static str);

/// An argument together with the form that its option asks for.
///
/// Each method reads one kind of value, and refuses anything else by showing that form.
pub(crate) struct Given<'a> {
    pub(crate) argument: &'a Argument,
    pub(crate) form: &'static str,
}

impl Given<'_> {
    /// Reads a word that stands alone.
    pub(crate) fn bare(&self) -> syn::Result<Ident> {
        match &self.argument.value {
            Value::None => Ok(self.argument.word.clone()),
            Value::Assigned(tokens) | Value::Listed(tokens) => Err(self.misshapen(tokens)),
        }
    }

    /// Reads a text that is not empty.
    pub(crate) fn text(&self) -> syn::Result<LitStr> {
        let text: LitStr = self.assigned()?;
        if text.value().trim().is_empty() {
            return Err(self.refused(&text, "the text is empty"));
        }
        Ok(text)
    }

    /// Reads a duration that is not zero.
    pub(crate) fn duration(&self) -> syn::Result<WrittenDuration> {
        let duration = self.delay()?;
        if duration.value.is_zero() {
            return Err(self.refused(&duration.literal, "zero is no duration here"));
        }
        Ok(duration)
    }

    /// Reads a duration that may be zero.
    pub(crate) fn delay(&self) -> syn::Result<WrittenDuration> {
        let literal: LitStr = self.assigned()?;
        match duration::parse(&literal.value()) {
            Ok(value) => Ok(WrittenDuration { value, literal }),
            Err(reason) => Err(self.refused(&literal, reason)),
        }
    }

    /// Reads a whole number.
    pub(crate) fn number(&self, range: RangeInclusive<u32>) -> syn::Result<u32> {
        let literal: LitInt = self.assigned()?;
        match literal.base10_parse() {
            Ok(number) if range.contains(&number) => Ok(number),
            _ => {
                let (low, high) = range.into_inner();
                Err(self.refused(&literal, format_args!("the number is from {low} to {high}")))
            }
        }
    }

    /// Reads a size in bytes.
    pub(crate) fn size(&self) -> syn::Result<WrittenSize> {
        let literal: LitStr = self.assigned()?;
        match size::parse(&literal.value()) {
            Some(bytes) => Ok(WrittenSize { bytes, literal }),
            None => Err(self.refused(&literal, size::FORM)),
        }
    }

    /// Reads `true` or `false`.
    pub(crate) fn truth(&self) -> syn::Result<bool> {
        self.assigned().map(|literal: LitBool| literal.value)
    }

    /// Reads one of these words.
    pub(crate) fn one_of(&self, words: &[(&str, Variant)]) -> syn::Result<Variant> {
        let word: Ident = self.assigned_by(Ident::parse_any)?;
        self.known(&word.to_string(), &word, words)
    }

    /// Reads a text that is one of these words.
    pub(crate) fn one_of_texts(&self, words: &[(&str, Variant)]) -> syn::Result<(Variant, LitStr)> {
        let text: LitStr = self.assigned()?;
        let chosen = self.known(&text.value(), &text, words)?;
        Ok((chosen, text))
    }

    fn known(
        &self,
        written: &str,
        at: &dyn ToTokens,
        words: &[(&str, Variant)],
    ) -> syn::Result<Variant> {
        let known = words.iter().find(|(known, _)| *known == written);
        known.map(|&(_, value)| value).ok_or_else(|| {
            match nearest(written, words.iter().map(|&(known, _)| known)) {
                Some(near) => self.refused(at, format_args!("did you mean `{near}`?")),
                None => self.misshapen(at),
            }
        })
    }

    /// Reads the path of a crate.
    pub(crate) fn path(&self) -> syn::Result<Path> {
        self.assigned_by(Path::parse_mod_style)
    }

    /// Reads texts that are not empty, at least one.
    pub(crate) fn texts(&self) -> syn::Result<Vec<LitStr>> {
        let texts: Vec<LitStr> = split_at_commas(self.listed()?)
            .into_iter()
            .map(|tokens| self.whole(<LitStr as Parse>::parse, &tokens))
            .collect::<syn::Result<_>>()?;
        if texts.is_empty() {
            return Err(self.misshapen(&self.argument.word));
        }
        Ok(texts)
    }

    /// Reads a case: its name, then the values of the parameters.
    pub(crate) fn case(&self) -> syn::Result<Case> {
        let mut parts = split_at_commas(self.listed()?).into_iter();
        let name = parts
            .next()
            .ok_or_else(|| self.misshapen(&self.argument.word))?;
        Ok(Case {
            name: self.whole(<Ident as Parse>::parse, &name)?,
            values: parts.collect(),
        })
    }

    fn assigned<T: Parse>(&self) -> syn::Result<T> {
        self.assigned_by(T::parse)
    }

    fn assigned_by<T>(&self, parse: fn(ParseStream<'_>) -> syn::Result<T>) -> syn::Result<T> {
        match &self.argument.value {
            Value::Assigned(tokens) => self.whole(parse, tokens),
            Value::None | Value::Listed(_) => Err(self.misshapen(&self.argument.word)),
        }
    }

    fn listed(&self) -> syn::Result<TokenStream> {
        match &self.argument.value {
            Value::Listed(tokens) => Ok(tokens.clone()),
            Value::None | Value::Assigned(_) => Err(self.misshapen(&self.argument.word)),
        }
    }

    /// Reads a value that has to be all that there is.
    fn whole<T>(
        &self,
        parse: fn(ParseStream<'_>) -> syn::Result<T>,
        tokens: &TokenStream,
    ) -> syn::Result<T> {
        let value_and_rest = |input: ParseStream<'_>| {
            let value = parse(input).map_err(|_| self.misshapen(tokens))?;
            Ok((value, input.parse::<TokenStream>()?))
        };
        let (value, rest) = value_and_rest.parse2(tokens.clone())?;
        if rest.is_empty() {
            Ok(value)
        } else {
            Err(self.refused(rest, "a comma is missing before this"))
        }
    }

    /// Makes the error for a value of another kind.
    fn misshapen(&self, at: &dyn ToTokens) -> syn::Error {
        self.error(at, format_args!("write {}", self.form))
    }

    /// Makes the error for a value of the right kind that is not accepted.
    fn refused(&self, at: impl ToTokens, reason: impl Display) -> syn::Error {
        self.error(&at, format_args!("`{}`: {reason}", self.argument.word))
    }

    fn error(&self, at: &dyn ToTokens, message: impl Display) -> syn::Error {
        let at = at.to_token_stream();
        if at.is_empty() {
            syn::Error::new_spanned(&self.argument.word, message)
        } else {
            syn::Error::new_spanned(at, message)
        }
    }
}
