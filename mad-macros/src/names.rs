//! Has the compiler check names.
//!
//! The rule for names has one home, a `const fn` of mad-core. What is written here asks it in the
//! user's crate, with the span of the name that it is about, unless the answer is plain.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::LitStr;
use syn::ext::IdentExt as _;

use crate::argument::Case;
use crate::expand::{Registration, site};

/// What a name is made of, for messages.
const LEGAL: &str = "1 to 64 of the characters a-z, 0-9, `_`, `.`, `/`, `-`";

/// Returns an assertion for each name that an annotation gives, unless it is plainly legal.
pub(crate) fn assertions(registration: &Registration<'_>, cases: &[Case]) -> TokenStream {
    let shared = registration.shared;
    let own = own_name(registration);
    let cases = cases.iter().map(|case| case_name(registration, case));
    let others = shared
        .tags
        .iter()
        .chain(&shared.after)
        .chain(&shared.serial);
    let others = others.map(|name| given_name(name, &registration.private));
    quote!(#own #(#cases)* #(#others)*)
}

/// Asserts the check's own name, which may be the function's.
fn own_name(registration: &Registration<'_>) -> TokenStream {
    let Registration {
        function,
        shared,
        private,
        ..
    } = registration;
    if let Some(name) = &shared.name {
        return given_name(name, private);
    }
    let name = function.plain_name();
    if is_plainly_legal(&name) {
        return TokenStream::new();
    }
    let message = format!("`{name}` is no name ({LEGAL}): give it one with `name = \"...\"`");
    assertion(&is_name(&name, private), &message, function.name.span())
}

/// Asserts the name of a case, unless the check's own name is wrong already.
fn case_name(registration: &Registration<'_>, case: &Case) -> TokenStream {
    let private = &registration.private;
    let name = registration.name(Some(case));
    if is_plainly_legal(&name) {
        return TokenStream::new();
    }
    let own = is_name(&registration.name(None), private);
    let whole = is_name(&name, private);
    let message = format!("the name of the case, `{name}`, is not {LEGAL}");
    assertion(&quote!(!#own || #whole), &message, case.name.unraw().span())
}

fn given_name(name: &LitStr, private: &TokenStream) -> TokenStream {
    let text = name.value();
    if is_plainly_legal(&text) {
        return TokenStream::new();
    }
    let message = format!("`{text}` is no name: write {LEGAL}");
    assertion(&is_name(&text, private), &message, name.span())
}

/// Says whether a name is legal beyond doubt, as almost all are.
///
/// It knows a part of the rule that will not change. Each question to the compiler costs as much as
/// all that it does for a small function.
fn is_plainly_legal(name: &str) -> bool {
    let is_plain = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'/');
    (1..=64).contains(&name.len()) && name.bytes().all(is_plain)
}

fn is_name(name: &str, private: &TokenStream) -> TokenStream {
    quote!(#private::is_name(#name))
}

fn assertion(condition: &TokenStream, message: &str, about: Span) -> TokenStream {
    // The message is a format string.
    let message = message.replace('{', "{{").replace('}', "}}");
    quote_spanned!(site(about)=> const _: () = ::core::assert!(#condition, #message);)
}
