//! The body of a measured function.
//!
//! It becomes that of a closure or of an `async` block, so that every way out of it leads to the same place. But
//! for that it is what it was. Also its parameters are dropped in the order in which they were, if they have names that
//! it uses. In another order are those that a pattern takes apart, `_`, and those that it does not use: to take these
//! along, too, the signature would need names of ours, which everybody would read in its documentation.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{ReturnType, Type};

use crate::expand::site;
use crate::function::{Function, Parameter, without_groups};

/// A body that was taken off its function.
pub(super) struct Body {
    /// The attributes `#![..]` that it began with, as those of its function.
    pub(super) attributes: TokenStream,
    statements: TokenStream,
    span: Span,
}

impl Body {
    /// Takes the last token of a function.
    pub(super) fn of(given: Option<TokenTree>) -> Self {
        let mut given = given;
        // What a `macro_rules!` macro was given as a `$body:block` has a group around it that nobody sees.
        while let Some(TokenTree::Group(group)) = &given
            && group.delimiter() == Delimiter::None
        {
            given = group.stream().into_iter().next();
        }
        let (statements, span) = match given {
            Some(TokenTree::Group(group)) => (group.stream(), group.span()),
            other => (other.into_token_stream(), Span::call_site()),
        };
        let (attributes, statements) = without_attributes(statements);
        Self {
            attributes,
            statements,
            span,
        }
    }

    /// Returns a block in the place of this one.
    pub(super) fn with(&self, statements: TokenStream) -> Group {
        block(statements, self.span)
    }

    /// Returns what runs it and is its value.
    pub(super) fn run(
        &self,
        function: &Function,
        call: &Ident,
        private: &TokenStream,
    ) -> TokenStream {
        let is_async = function.qualifiers.asyncness.is_some();
        let output = match &function.output {
            ReturnType::Type(_, ty) => ty.to_token_stream(),
            ReturnType::Default => quote!(()),
        };
        let span = match &function.output {
            ReturnType::Type(_, ty) => site(ty.span()),
            ReturnType::Default => site(function.name.span()),
        };
        // What nobody can write cannot be said.
        let is_unwritten = has_impl(&output) || (is_async && returns_never(function));
        let take = self.take_parameters(function);
        // The compiler says of a function's own braces only that they are not needed, if they are the user's.
        let body = block(
            self.statements.clone(),
            Span::mixed_site().located_at(self.span),
        );
        if !is_async {
            let body = match &take {
                Some(take) => quote!({ #take #body }),
                None => body.into_token_stream(),
            };
            return if is_unwritten {
                quote!(#private::call(&#call, move || #body))
            } else {
                quote!(#private::call(&#call, move || -> #output #body))
            };
        }
        // The compiler learns of the type before it comes to the body, and can convert what that returns.
        let told = (!is_unwritten).then(|| {
            let never = quote_spanned!(span=> ::core::unreachable!());
            quote! {
                #[allow(unreachable_code, clippy::diverging_sub_expression, reason = "it is never run")]
                if false {
                    let __mad_told: #output = #never;
                    return __mad_told;
                }
            }
        });
        // In its place from the beginning: a future that is moved would take its room twice.
        quote!(#private::within(&#call, ::core::pin::pin!(async move { #take #told #body })).await)
    }

    /// Returns a statement that makes a closure take the parameters in the order in which a function drops them.
    ///
    /// It would take them in the order in which the body comes to them, and leave those to the function that it does
    /// not come to. These are left out: the compiler is to say that they are unused.
    fn take_parameters(&self, function: &Function) -> Option<TokenStream> {
        let taken = function.parameters.iter().filter_map(owned_name);
        let taken = taken.filter(|name| {
            let name = name.to_string();
            name.starts_with('_') || has_word(&self.statements, &name)
        });
        let taken: Vec<Ident> = taken.collect();
        let last_first = taken.iter().rev();
        (taken.len() > 1).then(|| {
            quote! {
                #[allow(clippy::used_underscore_binding, reason = "it is not used")]
                let _ = (#(&#last_first),*);
            }
        })
    }
}

/// Returns the name of a parameter that may have something to drop.
fn owned_name(parameter: &Parameter) -> Option<Ident> {
    match parameter {
        Parameter::Receiver(receiver) => {
            let is_reference = |token: TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '&');
            let mut tokens = receiver.clone().into_iter();
            let word = tokens.find_map(|token| match token {
                TokenTree::Ident(word) if word == "self" => Some(word),
                _ => None,
            });
            let is_borrowed = receiver
                .clone()
                .into_iter()
                .next()
                .is_some_and(is_reference)
                || tokens.nth(1).is_some_and(is_reference);
            word.filter(|_| !is_borrowed)
        }
        // There may be no such parameter.
        Parameter::Typed(typed) if !typed.attributes.is_empty() => None,
        Parameter::Typed(typed) if typed.reference().is_some() => None,
        Parameter::Typed(typed) => typed.name().filter(|name| name != "_"),
        Parameter::Variadic(_) => None,
    }
}

/// Says whether a word may be in a body, be it in the text of a format.
fn has_word(body: &TokenStream, word: &str) -> bool {
    body.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Literal(literal) => literal.to_string().contains(word),
        TokenTree::Group(group) => has_word(&group.stream(), word),
        TokenTree::Punct(_) => false,
    })
}

fn block(statements: TokenStream, span: Span) -> Group {
    let mut block = Group::new(Delimiter::Brace, statements);
    block.set_span(span);
    block
}

/// Returns the attributes `#![..]` that a body begins with as `#[..]`, and the rest.
fn without_attributes(body: TokenStream) -> (TokenStream, TokenStream) {
    let is = |token: &TokenTree, sign| matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign);
    let mut attributes = TokenStream::new();
    let mut rest = body.into_iter();
    loop {
        let mut ahead = rest.clone();
        match (ahead.next(), ahead.next(), ahead.next()) {
            (Some(hash), Some(bang), Some(list)) if is(&hash, '#') && is(&bang, '!') => {
                attributes.extend([hash, list]);
                rest = ahead;
            }
            _ => return (attributes, rest.collect()),
        }
    }
}

/// Says whether a function is one that never returns.
pub(super) fn returns_never(function: &Function) -> bool {
    match &function.output {
        ReturnType::Type(_, ty) => matches!(without_groups(ty), Type::Never(_)),
        ReturnType::Default => false,
    }
}

/// Says whether there is an `impl Trait` in a type.
fn has_impl(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == "impl",
        TokenTree::Group(group) => has_impl(&group.stream()),
        _ => false,
    })
}
