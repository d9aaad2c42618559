//! Other attributes on the annotated function: which of them cannot stay, and what to write instead.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Path};

use crate::annotation::Annotation;
use crate::function::Function;
use crate::mistakes::Mistakes;
use crate::self_test::SelfTest;
use crate::source;

/// Attributes, by their last name, that make their function exist under `cfg(test)` only.
///
/// `mad_core::testing` has the same list, and a test below holds them together.
const TEST_MAKERS: &[&str] = &[
    "bench",
    "gtest",
    "parameterized",
    "property_test",
    "proptest",
    "quickcheck",
    "rstest",
    "test",
    "test_case",
    "test_matrix",
    "wasm_bindgen_test",
];

/// Refuses attributes that cannot stand on the same function.
pub(crate) fn check<A: Annotation>(annotation: &A, function: &Function, mistakes: &mut Mistakes) {
    let mut is_any_refused = false;
    for attribute in &function.attributes {
        if let Some(advice) = advice(annotation, attribute.path()) {
            mistakes.add(attribute, format_args!("delete this: {advice}"));
            is_any_refused = true;
        }
    }
    // An attribute that put its own successor on the function is not to be named twice.
    if !is_any_refused {
        above(annotation, function, mistakes);
    }
}

/// Refuses what is known of the attributes above the annotation, which are gone when it expands.
fn above<A: Annotation>(annotation: &A, function: &Function, mistakes: &mut Mistakes) {
    let attributes = source::attributes_above(&function.name);
    let makers = attributes
        .iter()
        .map(Attribute::path)
        .filter(|path| is_test_maker(path));
    for path in makers {
        let message = format!(
            "delete the `#[{}]` above: outside of `cargo test` it takes the function away; {}",
            written(path),
            advice(annotation, path).unwrap_or_default()
        );
        mistakes.add(&function.name, message);
    }
}

fn is_test_maker(path: &Path) -> bool {
    TEST_MAKERS.contains(&last_word(path).as_str())
}

/// Checks the attributes of a parameter.
pub(crate) fn check_parameter(attributes: &[Attribute], mistakes: &mut Mistakes) {
    for attribute in attributes {
        if attribute.path().is_ident("cfg") {
            mistakes.add(
                attribute,
                "the annotation cannot tell whether the parameter is there: \
                 put the `#[cfg]` on the function, and write one for each condition",
            );
        } else if !is_for_parameters(attribute.path()) {
            mistakes.add(
                attribute,
                "delete this: the first parameters take the values of a `case(name, values..)`, \
                 in order, and the others are borrowed from the context",
            );
        }
    }
}

fn is_for_parameters(path: &Path) -> bool {
    matches!(
        last_word(path).as_str(),
        "allow" | "expect" | "warn" | "deny" | "forbid" | "cfg_attr" | "doc"
    )
}

/// Says whether a refused attribute would only add to the mistakes. One of ours expands as well as it
/// can.
fn is_in_the_way(path: &Path) -> bool {
    advice(&SelfTest::default(), path).is_some() && !is_annotation(path)
}

fn is_annotation(path: &Path) -> bool {
    matches!(
        last_word(path).as_str(),
        "health_check" | "self_test" | "provider"
    )
}

/// Returns the item without the refused attributes of others.
pub(crate) fn without_refused(item: TokenStream) -> TokenStream {
    without(item, &is_in_the_way)
        .into_iter()
        .map(|token| match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
                let tokens = without(group.stream(), &|path| !is_for_parameters(path));
                with_tokens(&group, tokens).into()
            }
            other => other,
        })
        .collect()
}

fn without(tokens: TokenStream, is_unwanted: &dyn Fn(&Path) -> bool) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in tokens {
        let is_hash =
            |token: &TokenTree| matches!(token, TokenTree::Punct(it) if it.as_char() == '#');
        if let TokenTree::Group(group) = &token
            && kept.last().is_some_and(is_hash)
            && path_of(group).is_some_and(|path| is_unwanted(&path))
        {
            kept.pop();
        } else {
            kept.push(token);
        }
    }
    kept.into_iter().collect()
}

/// Returns the path that the brackets of an attribute begin with.
fn path_of(brackets: &Group) -> Option<Path> {
    let path_and_rest = |input: ParseStream<'_>| {
        let path = input.call(Path::parse_mod_style)?;
        input.parse::<TokenStream>().map(|_| path)
    };
    path_and_rest.parse2(brackets.stream()).ok()
}

fn with_tokens(group: &Group, tokens: TokenStream) -> Group {
    let mut changed = Group::new(group.delimiter(), tokens);
    changed.set_span(group.span());
    changed
}

fn advice<A: Annotation>(annotation: &A, path: &Path) -> Option<&'static str> {
    Some(match last_word(path).as_str() {
        "property_test" | "proptest" | "quickcheck" => annotation.conflict_with_properties(),
        "case" => annotation.conflict_with_unit_test(),
        _ if is_test_maker(path) => annotation.conflict_with_unit_test(),
        "fixture" => "a value that checks borrow is made by a function with `#[provider]`",
        "ignore" => "write `#[self_test(ignore = \"reason\")]`",
        "should_panic" => "a panic is a failure; catch it in the body if it is expected",
        "health_check" | "self_test" | "provider" => {
            "a function has one annotation of mad-core; \
             let a second function call this one and annotate that"
        }
        _ => return None,
    })
}

fn last_word(path: &Path) -> String {
    let last = path.segments.last();
    last.map(|segment| segment.ident.to_string())
        .unwrap_or_default()
}

fn written(path: &Path) -> String {
    let words = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string());
    words.collect::<Vec<_>>().join("::")
}

#[cfg(test)]
mod tests {
    use super::TEST_MAKERS;

    /// Reads the list of mad-sources, which cannot share it with a procedural macro.
    fn theirs() -> Vec<&'static str> {
        let source = include_str!("../../mad-sources/src/annotations.rs");
        let (_, list) = source
            .split_once("const TEST_MAKERS: &[&str] = &[")
            .unwrap();
        let (list, _) = list.split_once("];").unwrap();
        list.split('"').skip(1).step_by(2).collect()
    }

    #[test]
    fn the_macros_and_the_comparison_of_sources_know_the_same_test_makers() {
        assert_eq!(theirs(), TEST_MAKERS);
    }
}
