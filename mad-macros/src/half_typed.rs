//! What is half typed costs no more than itself.
//!
//! An editor expands annotations at each keystroke. Whatever stands there, the function has to come
//! out as it went in: its body is where the cursor is, and its name is what others call.

use proc_macro2::TokenStream;

use crate::annotation::annotate;
use crate::health_check::HealthCheck;
use crate::measured::measure;
use crate::provider::Provider;
use crate::self_test::SelfTest;

fn tokens(text: &str) -> TokenStream {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Expands an annotation with these arguments, as each of the three.
fn expansions(arguments: &str, item: &str) -> [String; 3] {
    let (arguments, item) = (tokens(arguments), tokens(item));
    [
        annotate::<HealthCheck>(arguments.clone(), item.clone()),
        annotate::<SelfTest>(arguments.clone(), item.clone()),
        annotate::<Provider>(arguments, item),
    ]
    .map(|expansion| expansion.to_string())
}

/// Checks that the item comes first, as it is, and that there is an error behind it.
#[track_caller]
fn check_kept(arguments: &str, item: &str) {
    let written = tokens(item).to_string();
    for expansion in expansions(arguments, item) {
        let rest = expansion.strip_prefix(&written);
        let rest = rest.unwrap_or_else(|| panic!("{item} became {expansion}"));
        assert!(rest.contains("compile_error"), "{expansion}");
        assert!(!rest.contains("submit"), "{expansion}");
    }
}

/// Checks that nothing is wrong, and that the item is there as it is.
#[track_caller]
fn check_accepted(item: &str) {
    let written = tokens(item).to_string();
    for expansion in expansions("", item) {
        assert!(expansion.contains(&written), "{expansion}");
        assert!(!expansion.contains("compile_error"), "{expansion}");
        assert!(expansion.contains("submit"), "{expansion}");
    }
}

const ITEM: &str = "pub async fn check(pool: &Pool) -> Result<u8, E> { pool.get().await }";

/// What is open is closed by the lexer before a macro sees it.
#[test]
fn half_an_option_keeps_the_item() {
    for arguments in [
        "eff",
        "effects",
        "effects =",
        "effects = scr",
        "effects = ,",
        "timeout =",
        "timeout = , name = \"a\"",
        "timeout = 2",
        "timeout = -",
        "timeout = \"\"",
        "timeout = \"2\"",
        "tags()",
        "tags(,)",
        "case()",
        "case(small, 1, 2)",
        "crate =",
        "crate = ::",
        "crate = mad_core::",
        ", ,",
        "=",
        "\"2s\"",
        "()",
        "#",
    ] {
        check_kept(arguments, ITEM);
    }
}

#[test]
fn half_a_signature_keeps_the_item() {
    for item in [
        "fn",
        "fn check",
        "fn check()",
        "fn check();",
        "fn check(pool) {}",
        "fn check(pool:) {}",
        "fn check(pool: &) {}",
        "fn check(pool: &Vec<) {}",
        "fn check(: &Pool) {}",
        "fn check(pool: &Pool other: &Other) {}",
        "fn check() -> {}",
        "fn check() -> Result<(), {}",
        "fn check<() {}",
        "fn () {}",
        "fn 1check() {}",
        "async check() {}",
        "pub",
        "pub()",
        "{}",
        "",
    ] {
        check_kept("", item);
    }
}

#[test]
fn a_body_is_nobodys_business() {
    for body in [
        "{}",
        "{ pool. }",
        "{ pool.get( ) . }",
        "{ let }",
        "{ let x = ; if }",
        "{ => = .. ::: @ ? # $ }",
        "{ match x { A => , } }",
    ] {
        check_accepted(&format!("fn check(pool: &Pool) -> Result<u8, E> {body}"));
    }
}

#[test]
fn what_is_refused_goes_and_the_rest_stays() {
    let item = "/// Doc.\n#[test] #[inline] fn check(#[case] #[allow(unused)] n: u32) { x. }";
    let kept = tokens("/// Doc.\n#[inline] fn check(#[allow(unused)] n: u32) { x. }").to_string();
    for expansion in expansions("", item) {
        assert!(expansion.starts_with(&kept), "{expansion}");
    }
}

/// An editor that is asked where a name comes from takes the first token of that name.
#[test]
fn generated_code_defines_no_second_item_of_the_functions_name() {
    let written = tokens(ITEM).to_string();
    for expansion in expansions("", ITEM) {
        let generated = &expansion[written.len()..];
        for definition in ["fn check", "const check", "mod check", "struct check"] {
            assert!(!generated.contains(definition), "{expansion}");
        }
        assert_eq!(generated.matches("(check (").count(), 1, "{expansion}");
    }
}

/// What is measured is wrapped, so that its body is all that stays: in one piece, wherever it is.
#[test]
fn a_measured_function_keeps_its_signature_and_its_body() {
    for body in [
        "{ x. }",
        "{ let }",
        "{ => = .. ::: @ ? # $ }",
        "{ match x { A => , } }",
    ] {
        for signature in [
            "fn f(&self, x: &X) -> Result<u8, E>",
            "pub async fn f<T>(x: T)",
        ] {
            let expansion = measure(TokenStream::new(), tokens(&format!("{signature} {body}")));
            let expansion = expansion.to_string();
            assert!(
                expansion.starts_with(&tokens(signature).to_string()),
                "{expansion}"
            );
            assert_eq!(
                expansion.matches(&tokens(body).to_string()).count(),
                1,
                "{expansion}"
            );
            assert!(!expansion.contains("compile_error"), "{expansion}");
        }
    }
}

#[test]
fn half_an_option_or_half_a_signature_keeps_what_was_to_be_measured() {
    let whole = "fn f() { x. }";
    for (arguments, item) in [
        ("sam", whole),
        ("sample =", whole),
        ("sample = 0", whole),
        ("objective", whole),
        ("latency = \"\"", whole),
        ("=", whole),
        ("", "fn"),
        ("", "fn f"),
        ("", "fn f();"),
        ("", "impl X {}"),
        ("", "const fn f() { x. }"),
    ] {
        let item = tokens(item);
        let expansion = measure(tokens(arguments), item.clone()).to_string();
        assert!(expansion.starts_with(&item.to_string()), "{expansion}");
        assert!(expansion.contains("compile_error"), "{expansion}");
    }
}
