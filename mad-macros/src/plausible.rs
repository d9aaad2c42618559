//! Whatever stands in an annotation and below it, the macros answer and do not panic.

use proc_macro2::TokenStream;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::annotation::{Annotation, annotate};
use crate::health_check::HealthCheck;
use crate::neighbour::without_refused;
use crate::provider::Provider;
use crate::self_test::SelfTest;

/// What annotations are made of, and some of what they are not.
///
/// Each is a token: a text that the compiler cannot take apart, such as `0x`, would test nothing.
const WORDS: &[&str] = &[
    "name",
    "timeout",
    "tags",
    "owner",
    "runbook",
    "after",
    "serial",
    "crate",
    "liveness",
    "io",
    "allow_io",
    "every",
    "max_age",
    "fail_after",
    "critical",
    "effects",
    "retries",
    "isolate",
    "max_memory",
    "\"256MiB\"",
    "once",
    "ignore",
    "unit_test",
    "case",
    "test",
    "pure",
    "process",
    "true",
    "small",
    "r#match",
    "_",
    "größe",
    "self",
    "=",
    ",",
    ",",
    "::",
    ":",
    "&",
    "'a",
    "'static",
    "<",
    ">",
    "->",
    "-",
    "#",
    "!",
    "..",
    "...",
    "\"2s\"",
    "\"\"",
    "\"a b\"",
    "\"365d\"",
    "\"9999999999999999999d\"",
    "\"{}\"",
    "b\"x\"",
    "'c'",
    "0",
    "11",
    "4294967296",
    "1.5",
    "1u8",
    "fn",
    "pub",
    "async",
    "unsafe",
    "extern",
    "const",
    "impl",
    "dyn",
    "mut",
    "where",
    "str",
    "u32",
    "Pool",
    "Result",
];

/// Annotated functions that are right, to be broken.
const RIGHT: &[(&str, &str)] = &[
    (
        "readiness, every = \"10s\", timeout = \"2s\", tags(\"db\"), after(\"other\")",
        "/// Doc.\npub async fn check(pool: &Pool) -> Result<(), Error> { pool.ask().await }",
    ),
    (
        "effects = scratch, isolate = process, max_memory = \"256MiB\", retries = 2, case(small, 1, \"a\"), case(large, M::<K, V>::new(), 2)",
        "#[inline] #[must_use] fn check(mut n: u32, text: &'static str, pool: &Pool) -> bool { true }",
    ),
    (
        "test, crate = ::other::mad_core",
        "#[cfg(test)] pub(crate) const fn make(_: &Pool) -> Vec<u8> where u8: Copy { vec![] }",
    ),
];

/// Texts whose tokens are any words, with brackets in pairs.
fn anything() -> impl Strategy<Value = String> {
    let word = select(WORDS).prop_map(str::to_owned);
    let words = prop::collection::vec(word, 0..6).prop_map(|words| words.join(" "));
    words.prop_recursive(3, 24, 4, |inner| {
        let brackets = select(&[("(", ")"), ("[", "]"), ("{", "}")][..]);
        let parts = prop::collection::vec((inner.clone(), brackets, inner), 1..4);
        parts.prop_map(|parts| {
            let written = parts
                .into_iter()
                .map(|(before, (open, close), inside)| format!("{before} {open} {inside} {close}"));
            written.collect()
        })
    })
}

/// A change to one of the tokens of a text, at any depth.
#[derive(Clone, Debug)]
enum Slip {
    Forgotten,
    Twice,
    Another(&'static str),
}

fn slips() -> impl Strategy<Value = Vec<(Index, Slip)>> {
    let slip = prop_oneof![
        Just(Slip::Forgotten),
        Just(Slip::Twice),
        select(WORDS).prop_map(Slip::Another),
    ];
    prop::collection::vec((any::<Index>(), slip), 0..4)
}

/// Makes the slips in a text that was right; brackets stay in pairs.
fn with_slips(text: &str, slips: &[(Index, Slip)]) -> String {
    let mut words: Vec<String> = spaced(tokens(text));
    for (at, slip) in slips {
        let at = at.index(words.len().max(1));
        let is_bracket = |word: &String| "()[]{}".contains(word.as_str());
        match words.get(at) {
            Some(word) if !is_bracket(word) => match slip {
                Slip::Forgotten => drop(words.remove(at)),
                Slip::Twice => words.insert(at, word.clone()),
                Slip::Another(other) => words[at] = (*other).to_owned(),
            },
            _ => {}
        }
    }
    words.join(" ")
}

/// Returns the tokens one by one; a `'` stays with what follows it.
fn spaced(tokens: TokenStream) -> Vec<String> {
    use proc_macro2::{Delimiter, TokenTree};
    let mut words: Vec<String> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace | Delimiter::None => ("{", "}"),
                };
                words.push(open.to_owned());
                words.extend(spaced(group.stream()));
                words.push(close.to_owned());
            }
            other => match words.last_mut() {
                Some(last) if last == "'" => last.push_str(&other.to_string()),
                _ => words.push(other.to_string()),
            },
        }
    }
    words
}

fn tokens(text: &str) -> TokenStream {
    text.parse()
        .unwrap_or_else(|error| panic!("`{text}` is made of tokens: {error}"))
}

/// Checks that an annotation is expanded or refused, and that the item stays.
fn check<A: Annotation>(arguments: &TokenStream, item: &TokenStream) {
    let expansion = annotate::<A>(arguments.clone(), item.clone()).to_string();
    let is_refused = expansion.contains("compile_error");
    let is_submitted = expansion.contains("submit_to_mad !");
    assert!(is_refused != is_submitted, "{expansion}");
    let item = if is_refused {
        without_refused(item.clone())
    } else {
        item.clone()
    };
    assert!(expansion.contains(&item.to_string()), "{expansion}");
}

fn check_all(arguments: &str, item: &str) {
    let (arguments, item) = (tokens(arguments), tokens(item));
    check::<HealthCheck>(&arguments, &item);
    check::<SelfTest>(&arguments, &item);
    check::<Provider>(&arguments, &item);
}

proptest! {
    #[test]
    fn any_arguments_are_answered(arguments in anything(), (_, item) in select(RIGHT)) {
        check_all(&arguments, item);
    }

    #[test]
    fn any_item_is_answered((arguments, _) in select(RIGHT), item in anything()) {
        check_all(arguments, &item);
    }

    #[test]
    fn slips_are_answered(
        (arguments, item) in select(RIGHT),
        in_arguments in slips(),
        in_item in slips(),
    ) {
        check_all(&with_slips(arguments, &in_arguments), &with_slips(item, &in_item));
    }
}

#[test]
fn no_arguments_are_answered() {
    for (_, item) in RIGHT {
        check_all("", item);
    }
}

#[test]
fn what_is_right_is_accepted_by_one_annotation() {
    for (arguments, item) in RIGHT {
        let (arguments, item) = (tokens(arguments), tokens(item));
        let expansions = [
            annotate::<HealthCheck>(arguments.clone(), item.clone()),
            annotate::<SelfTest>(arguments.clone(), item.clone()),
            annotate::<Provider>(arguments.clone(), item.clone()),
        ];
        let accepted = expansions.iter().map(ToString::to_string);
        let accepted = accepted.filter(|expansion| !expansion.contains("compile_error"));
        assert_eq!(accepted.count(), 1, "{arguments} {item}");
    }
}
