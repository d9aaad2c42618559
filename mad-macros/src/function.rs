//! The annotated function, as far as an annotation has to know it.
//!
//! The body is never looked into. It stays the group of tokens that it is, so that a body which is
//! only half typed still has its completions in an editor.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::{
    Abi, Attribute, Generics, ReturnType, Token, Type, TypeReference, Visibility, WhereClause,
};

/// A function's attributes and signature.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) qualifiers: Qualifiers,
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) output: ReturnType,
}

/// What stands between the visibility and `fn`. A `const` changes nothing for a check.
pub(crate) struct Qualifiers {
    pub(crate) constness: Option<Token![const]>,
    pub(crate) asyncness: Option<Token![async]>,
    pub(crate) unsafety: Option<Token![unsafe]>,
    pub(crate) abi: Option<Abi>,
}

/// One parameter.
pub(crate) enum Parameter {
    /// `self` in any of its forms.
    Receiver(TokenStream),
    /// `...`
    Variadic(Token![...]),
    /// Any other.
    Typed(TypedParameter),
}

/// A parameter with a type.
pub(crate) struct TypedParameter {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) pattern: TokenStream,
    pub(crate) ty: Box<Type>,
}

impl Function {
    /// Returns the function's name without the `r#` of a raw identifier.
    pub(crate) fn plain_name(&self) -> String {
        self.name.unraw().to_string()
    }

    /// Says whether it takes `self`.
    pub(crate) fn is_method(&self) -> bool {
        matches!(self.parameters.first(), Some(Parameter::Receiver(_)))
    }

    /// Returns the parameters that have a type.
    pub(crate) fn typed_parameters(&self) -> impl Iterator<Item = &TypedParameter> {
        self.parameters
            .iter()
            .filter_map(|parameter| match parameter {
                Parameter::Typed(typed) => Some(typed),
                _ => None,
            })
    }
}

impl TypedParameter {
    /// Returns the parameter's name, if its pattern is no more than a name.
    pub(crate) fn name(&self) -> Option<Ident> {
        fn name(input: ParseStream<'_>) -> syn::Result<Ident> {
            input.parse::<Option<Token![mut]>>()?;
            if input.peek(Token![_]) {
                return input.call(Ident::parse_any);
            }
            input.parse()
        }
        syn::parse::Parser::parse2(name, self.pattern.clone()).ok()
    }

    /// Returns the name without the `r#` of a raw identifier, or the pattern as it is.
    pub(crate) fn plain_name(&self) -> String {
        match self.name() {
            Some(name) => name.unraw().to_string(),
            None => self.pattern.to_string(),
        }
    }

    /// Returns the reference that the type is, if it is one.
    pub(crate) fn reference(&self) -> Option<&TypeReference> {
        match without_groups(&self.ty) {
            Type::Reference(reference) => Some(reference),
            _ => None,
        }
    }
}

/// Looks through parentheses, also through the invisible ones around what a `macro_rules!` macro
/// was given as a `$t:ty`.
pub(crate) fn without_groups(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Group(group) => &group.elem,
            Type::Paren(paren) => &paren.elem,
            _ => return ty,
        }
    }
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        let start = input.span();
        let qualifiers = input.parse()?;
        expect_fn(input, start)?;
        let name = input.parse()?;
        let generics = input.parse()?;
        let parameters = parenthesized(input)?;
        let output = input.parse()?;
        input.parse::<Option<WhereClause>>()?;
        expect_body(input)?;
        Ok(Self {
            attributes,
            qualifiers,
            name,
            generics,
            parameters,
            output,
        })
    }
}

impl Parse for Qualifiers {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self {
            constness: input.parse()?,
            asyncness: input.parse()?,
            unsafety: input.parse()?,
            abi: input.parse()?,
        })
    }
}

/// Refuses what is no function at its first word, which may be a qualifier of both.
fn expect_fn(input: ParseStream<'_>, start: Span) -> syn::Result<()> {
    input.parse::<Token![fn]>().map(drop).map_err(|_| {
        syn::Error::new(
            start,
            "only a function can be annotated: `fn name(..) { .. }`",
        )
    })
}

fn expect_body(input: ParseStream<'_>) -> syn::Result<()> {
    match input.parse::<TokenTree>()? {
        // A `$body:block` of the user's own macro has a group around it that nobody sees.
        TokenTree::Group(group)
            if matches!(group.delimiter(), Delimiter::Brace | Delimiter::None) =>
        {
            Ok(())
        }
        other => Err(syn::Error::new(
            other.span(),
            "an annotated function needs a body",
        )),
    }
}

fn parenthesized(input: ParseStream<'_>) -> syn::Result<Vec<Parameter>> {
    let group: Group = input.parse()?;
    let parameters = syn::punctuated::Punctuated::<Parameter, Token![,]>::parse_terminated;
    let parameters = syn::parse::Parser::parse2(parameters, group.stream())?;
    Ok(parameters.into_iter().collect())
}

impl Parse for Parameter {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        if is_receiver(input) {
            return until_comma(input).map(Self::Receiver);
        }
        if input.peek(Token![...]) {
            return input.parse().map(Self::Variadic);
        }
        let pattern = until_colon(input)?;
        input.parse::<Token![:]>()?;
        if input.peek(Token![...]) {
            return input.parse().map(Self::Variadic);
        }
        let ty = input.parse()?;
        Ok(Self::Typed(TypedParameter {
            attributes,
            pattern,
            ty,
        }))
    }
}

/// Says whether `self`, `mut self`, `&self`, `&'a self`, `&mut self` or `&'a mut self` is next.
fn is_receiver(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    if ahead.parse::<Token![&]>().is_ok() {
        _ = ahead.parse::<Option<syn::Lifetime>>();
    }
    _ = ahead.parse::<Option<Token![mut]>>();
    ahead.peek(Token![self])
}

fn until_comma(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    Ok(tokens)
}

/// Takes a pattern; the `::` of a path in it is no end.
fn until_colon(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    loop {
        if input.peek(Token![::]) {
            input.parse::<Token![::]>()?.to_tokens(&mut tokens);
        } else if input.is_empty() || input.peek(Token![:]) || input.peek(Token![,]) {
            return Ok(tokens);
        } else {
            tokens.extend([input.parse::<TokenTree>()?]);
        }
    }
}
