//! The rules that a function and the options of its annotation have to keep.
//!
//! Each rule adds what it finds; none of them ends the search.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::{GenericParam, LitStr, ReturnType, Type, TypeReference};

use crate::annotation::Annotation;
use crate::argument::Case;
use crate::function::{Function, Parameter, TypedParameter, without_groups};
use crate::health_check::HealthCheck;
use crate::mistakes::Mistakes;
use crate::neighbour;
use crate::self_test::SelfTest;
use crate::shared::Shared;

/// The rules of every annotated function.
pub(crate) fn function<A: Annotation>(
    annotation: &A,
    function: &Function,
    mistakes: &mut Mistakes,
) {
    qualifiers(function, mistakes);
    if !function.is_method() {
        // Its lifetimes may be another macro's doing, such as those of `async_trait`.
        generics(function, mistakes);
    }
    for parameter in &function.parameters {
        form_of(parameter, mistakes);
    }
    neighbour::check(annotation, function, mistakes);
}

fn qualifiers(function: &Function, mistakes: &mut Mistakes) {
    if let Some(token) = &function.qualifiers.unsafety {
        mistakes.add(
            token,
            "an annotated function is safe: keep `unsafe` inside its body",
        );
    }
    if let Some(abi) = &function.qualifiers.abi {
        mistakes.add(
            abi,
            "an annotated function is an ordinary one: delete the `extern`",
        );
    }
}

fn generics(function: &Function, mistakes: &mut Mistakes) {
    let is_lifetime = |parameter: &GenericParam| matches!(parameter, GenericParam::Lifetime(_));
    let parameters = &function.generics.params;
    if parameters.is_empty() {
        return;
    }
    let message = if parameters.iter().all(is_lifetime) {
        "an annotated function has no lifetimes: write `&T`, which is borrowed for one run"
    } else {
        "an annotated function is not generic: name the types"
    };
    mistakes.add(&function.generics, message);
}

fn form_of(parameter: &Parameter, mistakes: &mut Mistakes) {
    match parameter {
        Parameter::Receiver(tokens) => mistakes.add(
            tokens,
            "a method cannot be annotated, as there is no value to call it on: \
             take the value as `&Type` in a function outside the `impl`",
        ),
        Parameter::Variadic(dots) => {
            mistakes.add(
                dots,
                "an annotated function has a fixed number of parameters",
            );
        }
        Parameter::Typed(typed) => form_of_typed(typed, mistakes),
    }
}

fn form_of_typed(parameter: &TypedParameter, mistakes: &mut Mistakes) {
    neighbour::check_parameter(&parameter.attributes, mistakes);
    if parameter.name().is_none() {
        mistakes.add(
            &parameter.pattern,
            "a parameter is a name: take the value apart in the body",
        );
    }
    if let Some(token) = find_word(parameter.ty.to_token_stream(), "impl") {
        mistakes.add(
            token,
            "`impl Trait` is any type: name one, such as `&Box<dyn Trait>`",
        );
    }
}

fn find_word(tokens: TokenStream, word: &str) -> Option<Ident> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) if ident == word => Some(ident),
        TokenTree::Group(group) => find_word(group.stream(), word),
        _ => None,
    })
}

/// Checks the parameters of a function that takes all of them from the context.
pub(crate) fn parameters(function: &Function, mistakes: &mut Mistakes) {
    for parameter in function.typed_parameters() {
        match parameter.reference() {
            Some(reference) => borrowed(reference, mistakes),
            None => by_value(parameter, "take it from the context with `&`", mistakes),
        }
    }
}

fn by_value(parameter: &TypedParameter, advice: &str, mistakes: &mut Mistakes) {
    if matches!(without_groups(&parameter.ty), Type::ImplTrait(_)) {
        return; // `form_of_typed` has said so.
    }
    let pattern = &parameter.pattern;
    mistakes.add(
        &parameter.ty,
        format_args!("nothing gives `{pattern}` a value: {advice}"),
    );
}

/// Checks a parameter that borrows a value from the context.
fn borrowed(reference: &TypeReference, mistakes: &mut Mistakes) {
    if let Some(token) = &reference.mutability {
        mistakes.add(
            token,
            "the value is shared with the application and other checks: take `&T`, \
             with a lock or atomics inside for what changes",
        );
    }
    if let Some(lifetime) = &reference.lifetime
        && lifetime.ident == "static"
    {
        mistakes.add(
            lifetime,
            "the value is borrowed for one run only: write `&T`",
        );
    }
    if let Some(sized) = sized_alternative(without_groups(&reference.elem)) {
        mistakes.add(
            reference,
            format_args!("the context holds no value of unknown size: take `{sized}`"),
        );
    }
}

/// Returns the type to borrow instead of one that has no size known at compile time.
fn sized_alternative(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Path(path) if path.path.is_ident("str") => Some("&String"),
        Type::Slice(_) => Some("&Vec<T>"),
        Type::TraitObject(_) => Some("&Box<dyn Trait>"),
        _ => None,
    }
}

/// Checks the options that both kinds of check have.
pub(crate) fn shared(shared: &Shared, function: &Function, mistakes: &mut Mistakes) {
    unique(&shared.tags, LitStr::value, "tag", mistakes);
    unique(&shared.after, LitStr::value, "check", mistakes);
    let name = shared
        .name
        .as_ref()
        .map_or_else(|| function.plain_name(), LitStr::value);
    for after in shared.after.iter().filter(|after| after.value() == name) {
        mistakes.add(after, "a check does not come after itself");
    }
    if let (Some((_, written)), None) = (&shared.on_timeout, &function.qualifiers.asyncness) {
        mistakes.add(
            written,
            "a plain function cannot be stopped, and is always abandoned: leave `on_timeout` out",
        );
    }
}

/// Points at each item whose text another one had before.
fn unique<'a, T: ToTokens + 'a>(
    items: impl IntoIterator<Item = &'a T>,
    text: impl Fn(&T) -> String,
    what: &str,
    mistakes: &mut Mistakes,
) {
    let mut seen = HashSet::new();
    for item in items {
        if !seen.insert(text(item)) {
            mistakes.add(
                item,
                format_args!("the {what} `{}` is given twice", text(item)),
            );
        }
    }
}

/// Keeps liveness checks inside the process.
///
/// A liveness probe that asks a dependency restarts every instance when the dependency fails, which
/// helps nobody.
pub(crate) fn liveness(check: &HealthCheck, function: &Function, mistakes: &mut Mistakes) {
    match (&check.liveness, &check.allow_io) {
        (Some(_), None) if !mistakes.is_unread("allow_io") => local(check, function, mistakes),
        (None, Some(reason)) => {
            mistakes.add(
                reason,
                "`allow_io` is for `liveness`, the only probe without I/O",
            );
        }
        _ => {}
    }
}

/// Points at the first sign that the check asks something outside the process.
fn local(check: &HealthCheck, function: &Function, mistakes: &mut Mistakes) {
    let refuse = |mistakes: &mut Mistakes, at: &dyn ToTokens, sign: &str| {
        let message = format!(
            "{sign}, but a failing liveness check restarts the instance, which repairs no \
             dependency: make it `readiness`, or give `allow_io = \"reason\"`"
        );
        mistakes.add(at, message);
    };
    if let Some(io) = &check.io {
        refuse(mistakes, io, "the check does I/O");
    } else if let Some(token) = &function.qualifiers.asyncness {
        refuse(mistakes, token, "the check is `async`");
    } else if let Some(parameter) = function.typed_parameters().next() {
        refuse(mistakes, &parameter.ty, "the check takes context");
    }
}

/// Checks the cases, and the parameters with them: the first ones take the values of a case.
pub(crate) fn cases(cases: &[Case], function: &Function, mistakes: &mut Mistakes) {
    if mistakes.is_unread("case") {
        return; // How many values there are to be is not known.
    }
    let names = cases.iter().map(|case| &case.name);
    unique(names, |name| name.unraw().to_string(), "case", mistakes);
    for case in cases.iter().skip(1) {
        as_many_values(case, &cases[0], mistakes);
    }
    if let Some(first) = cases.first() {
        enough_parameters(first, function, mistakes);
    }
    let n_values = cases.first().map_or(0, |case| case.values.len());
    parameters_after(n_values, function, mistakes);
}

fn as_many_values(case: &Case, first: &Case, mistakes: &mut Mistakes) {
    let (here, there) = (case.values.len(), first.values.len());
    if here != there {
        let message = format!(
            "case `{}` has {}, but case `{}` has {there}",
            case.name,
            count(here, "value"),
            first.name,
        );
        mistakes.add(&case.name, message);
    }
}

fn enough_parameters(case: &Case, function: &Function, mistakes: &mut Mistakes) {
    let (values, parameters) = (case.values.len(), function.parameters.len());
    if values > parameters {
        let message = format!(
            "case `{}` has {}, but `{}` has {}",
            case.name,
            count(values, "value"),
            function.name,
            count(parameters, "parameter"),
        );
        mistakes.add(&case.name, message);
    }
}

fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

/// Checks the parameters behind those that the cases give a value.
fn parameters_after(n_values: usize, function: &Function, mistakes: &mut Mistakes) {
    let first_borrowed = function
        .typed_parameters()
        .position(|it| it.reference().is_some());
    for (index, parameter) in function.typed_parameters().enumerate().skip(n_values) {
        let is_misplaced = n_values > 0 && first_borrowed.is_some_and(|first| first < index);
        let advice = if is_misplaced {
            "those that a case gives a value come first, those from the context after them"
        } else if n_values > 0 {
            "give each case one value more, or take it from the context with `&`"
        } else {
            "give it one with `case(name, value)`, or take it from the context with `&`"
        };
        match parameter.reference() {
            Some(reference) => borrowed(reference, mistakes),
            None => by_value(parameter, advice, mistakes),
        }
    }
}

/// Checks that there is a process whose memory is bounded.
pub(crate) fn memory(test: &SelfTest, mistakes: &mut Mistakes) {
    if let (Some(written), None) = (&test.max_memory, test.isolation) {
        let message = "only a process of its own can be bounded: add `isolate = process`";
        mistakes.add(&written.literal, message);
    }
}

/// Checks what a provider returns.
pub(crate) fn provided(function: &Function, mistakes: &mut Mistakes) {
    const ADVICE: &str = "return the value that it makes, as `T` or `Result<T, Error>`";
    let ReturnType::Type(_, ty) = &function.output else {
        return mistakes.add(
            &function.name,
            format_args!("a provider provides: {ADVICE}"),
        );
    };
    match without_groups(ty) {
        Type::Tuple(tuple) if tuple.elems.is_empty() => {
            mistakes.add(ty, format_args!("`()` is of no use as context: {ADVICE}"));
        }
        Type::Reference(_) => {
            mistakes.add(
                ty,
                format_args!("a provider gives its value away: {ADVICE}"),
            );
        }
        _ => {}
    }
    if let Some(token) = find_word(ty.to_token_stream(), "impl") {
        mistakes.add(
            token,
            "the context finds a value by its type: name the type",
        );
    }
}
