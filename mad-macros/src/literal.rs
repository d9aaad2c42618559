//! Writes values as the tokens of a `const`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::LitStr;

use crate::argument::{Variant, WrittenDuration, WrittenSize};

/// A literal of one of mad-core's structures, with the fields that were given a value.
pub(crate) struct Literal {
    structure: TokenStream,
    fields: TokenStream,
}

impl Literal {
    pub(crate) fn new(private: &TokenStream, structure: &str) -> Self {
        let structure = word(structure);
        Self {
            structure: quote!(#private::#structure),
            fields: TokenStream::new(),
        }
    }

    /// Sets a field, if there is a value for it.
    pub(crate) fn with(mut self, field: &str, value: Option<TokenStream>) -> Self {
        let field = word(field);
        self.fields
            .extend(value.map(|value| quote!(#field: #value,)));
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Returns the literal with the rest from `DEFAULT`, if any field was given a value.
    pub(crate) fn or_default(self) -> Option<TokenStream> {
        (!self.fields.is_empty()).then(|| self.or("DEFAULT"))
    }

    /// Takes the rest from a constant of the structure.
    pub(crate) fn or(self, rest: &str) -> TokenStream {
        let Self { structure, fields } = self;
        let rest = word(rest);
        if fields.is_empty() {
            quote!(#structure::#rest)
        } else {
            quote!(#structure { #fields ..#structure::#rest })
        }
    }
}

/// Returns a variant of one of mad-core's enums, if there is one.
pub(crate) fn variant(
    private: &TokenStream,
    of: &str,
    variant: Option<Variant>,
) -> Option<TokenStream> {
    let Variant(name) = variant?;
    let (of, name) = (word(of), word(name));
    Some(quote!(#private::#of::#name))
}

fn word(word: &str) -> Ident {
    Ident::new(word, Span::call_site())
}

pub(crate) fn some(value: impl ToTokens) -> TokenStream {
    quote!(::core::option::Option::Some(#value))
}

pub(crate) fn duration(written: &WrittenDuration) -> TokenStream {
    // The longest duration that is accepted is far below the limit.
    let milliseconds = u64::try_from(written.value.as_millis()).unwrap_or(u64::MAX);
    quote!(::core::time::Duration::from_millis(#milliseconds))
}

pub(crate) fn bytes(written: &WrittenSize) -> TokenStream {
    let bytes = written.bytes;
    quote!(#bytes)
}

/// Returns a slice of texts, if there are any.
pub(crate) fn texts(texts: &[LitStr]) -> Option<TokenStream> {
    (!texts.is_empty()).then(|| quote!(&[#(#texts),*]))
}
