//! Annotated functions in crates that are not like ours: of each edition, without the standard
//! library, under every lint, and below attributes that take them away.

use tests::{Built, Project};

const WORKSPACE: &str = "[workspace]\nmembers = [\"*\"]\nresolver = \"3\"\n";

/// Writes a project with its packages: name, edition and source.
fn project(name: &str, packages: &[(&str, &str, &str)]) -> Project {
    let mut files = vec![("Cargo.toml".to_owned(), WORKSPACE.to_owned())];
    for (package, edition, source) in packages {
        files.push((format!("{package}/Cargo.toml"), manifest(package, edition)));
        files.push((format!("{package}/src/lib.rs"), (*source).to_owned()));
    }
    let files: Vec<_> = files
        .iter()
        .map(|(file, text)| (&**file, &**text))
        .collect();
    let scratch = concat!(env!("CARGO_TARGET_TMPDIR"), "/projects");
    Project::write(scratch, name, &files)
}

fn manifest(package: &str, edition: &str) -> String {
    format!(
        "[package]\n\
         name = \"{package}\"\n\
         version = \"0.0.0\"\n\
         edition = \"{edition}\"\n\
         [features]\n\
         x = []\n\
         [dependencies]\n\
         mad-core = {{ path = \"{{workspace}}/mad-core\" }}\n\
         rstest = {{ version = \"*\", default-features = false }}\n\
         test-case = \"*\"\n"
    )
}

#[track_caller]
fn check_success(built: &Built) {
    assert!(built.is_success, "{}", built.printed);
}

/// What compiles in each edition.
const OLDEST: &str = r#"
#![deny(warnings, missing_docs, unused, unreachable_pub, single_use_lifetimes)]
#![forbid(unsafe_code)]
//! Checks.

pub mod outer {
    //! Nested.
    use mad_core::{health_check, provider, self_test};

    /// Context.
    #[derive(Debug)]
    pub struct Pool(pub u32);

    #[provider]
    fn __mad_context() -> Pool {
        Pool(1)
    }

    #[health_check(readiness, tags("a"), every = "10s", max_age = "1m")]
    fn r#match(__mad_package: &Pool) -> bool {
        __mad_package.0 == 1
    }

    #[self_test(effects = pure, name = "names", case(r#type, 1, "a"), case(r#loop, 2, "b"))]
    fn grüße(__mad_line: u32, größe: &'static str, _: &Pool, r#fn: &Pool) -> Result<bool, String> {
        Ok(__mad_line > 0 && !größe.is_empty() && r#fn.0 == 1)
    }

    pub mod r#mod {
        //! Deeper.
        #[::mad_core::self_test(effects = pure)]
        pub(in outer) fn deep(core: &super::Pool, std: &super::Pool, self_: &super::Pool) -> bool {
            core.0 + std.0 + self_.0 == 3
        }

        /// Uses it.
        pub fn uses() -> bool {
            #[::mad_core::health_check]
            fn within() {}
            within();
            deep(&super::Pool(1), &super::Pool(1), &super::Pool(1))
        }
    }

    #[cfg(feature = "x")]
    #[self_test]
    fn left_out_above() -> NoSuchType {}

    #[self_test]
    #[cfg(feature = "x")]
    fn left_out_below() -> NoSuchType {}
}

#[test]
fn all_are_linked() {
    let registry = mad_core::Registry::linked().unwrap();
    let names: Vec<&str> = registry.iter().map(|check| check.name()).collect();
    let mut expected = vec!["deep", "match", "names/loop", "names/type", "within"];
    expected.extend(NEWER);
    expected.sort();
    assert_eq!(names, expected);
    assert!(outer::r#mod::uses());
}
"#;

/// What needs `async`, in the editions that have it.
const NEWER: &str = r#"
#[cfg(test)]
const NEWER: &[&str] = &["generated", "later"];

pub mod newer {
    //! Later.
    use crate::outer::Pool;

    #[mad_core::self_test(effects = pure)]
    async fn later(r#async: &Pool, r#await: &Pool) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let sum = r#async.0 + r#await.0;
        if sum == 2 { Ok(()) } else { Err(format!("{}", sum).into()) }
    }

    #[mad_core::self_test(effects = pure, name = "generated")]
    fn r#gen(r#dyn: &Pool) -> bool {
        r#dyn.0 == 1
    }
}
"#;

const NO_NEWER: &str = "\nextern crate mad_core;\n#[cfg(test)]\nconst NEWER: &[&str] = &[];\n";

#[test]
fn every_edition_takes_annotations() {
    let newer_path = OLDEST.replace("pub(in outer)", "pub(in crate::outer)");
    let newer = newer_path + NEWER;
    let packages = [
        ("edition_2015", "2015", &*(OLDEST.to_owned() + NO_NEWER)),
        ("edition_2018", "2018", &newer),
        ("edition_2021", "2021", &newer),
        ("edition_2024", "2024", &newer),
    ];
    let built = project("editions", &packages).cargo(&["test", "--workspace"]);
    check_success(&built);
    for test in [
        "outer::self_test__grüße__type",
        "outer::r#mod::self_test__deep",
    ] {
        let n_run = built
            .printed
            .matches(&format!("test {test} ... ok"))
            .count();
        assert_eq!(n_run, packages.len(), "{test}: {}", built.printed);
    }
}

const WITHOUT_STD: &str = r#"
#![no_std]
#![deny(warnings)]
//! A library without the standard library.

/// Context.
#[derive(Debug)]
pub struct Table(pub [u8; 4]);

#[mad_core::provider]
fn table() -> Table {
    Table([0; 4])
}

#[mad_core::health_check(startup)]
fn table_is_there(table: &Table) -> bool {
    table.0.len() == 4
}

#[mad_core::self_test(effects = pure, case(one, 1))]
fn sums(number: u8, table: &Table) -> Result<bool, core::num::ParseIntError> {
    let parsed: u8 = "1".parse()?;
    Ok(table.0[0] + number == parsed)
}

#[mad_core::self_test(effects = pure)]
async fn later(table: &Table) -> bool {
    core::future::ready(table.0[0]).await == 0
}
"#;

#[test]
fn a_library_without_std_takes_annotations() {
    let built = project("without_std", &[("without_std", "2024", WITHOUT_STD)]).cargo(&["test"]);
    check_success(&built);
    for test in ["self_test__sums__one", "self_test__later"] {
        let ran = format!("test {test} ... ok");
        assert!(built.printed.contains(&ran), "{}", built.printed);
    }
}

const EVERY_LINT: &str = r#"
//! Every lint that Clippy has.
#![deny(warnings, missing_docs, unused, rust_2018_idioms, unreachable_pub)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)]
#![allow(
    clippy::absolute_paths,
    clippy::blanket_clippy_restriction_lints,
    clippy::exhaustive_structs,
    clippy::implicit_return,
    clippy::missing_const_for_fn,
    clippy::missing_inline_in_public_items,
    clippy::must_use_candidate,
    clippy::single_call_fn,
    reason = "they are about the functions that are annotated, which are as they are"
)]

/// A pool.
#[derive(Debug)]
pub struct Pool;

/// Makes one.
#[mad_core::provider]
fn pool() -> Pool {
    Pool
}

/// Makes one later.
#[mad_core::provider(test)]
async fn number(_pool: &Pool) -> Result<u32, String> {
    core::future::ready(()).await;
    Ok(7)
}

/// Checks.
///
/// Runbook: <https://example.com>.
#[mad_core::health_check(
    readiness,
    every = "10s",
    while_down = "1s",
    initial_delay = "1s",
    fail_after = 2,
    recover_after = 2,
    critical = false,
    max_age = "1m",
    timeout = "1s",
    tags("a"),
    owner = "me",
    after("other"),
    serial = "s"
)]
async fn healthy(pool: &Pool) -> Result<(), String> {
    core::future::ready(pool).await;
    Ok(())
}

/// Checks.
#[mad_core::health_check(liveness, startup)]
const fn alive() -> bool {
    true
}

/// Checks.
#[mad_core::self_test(effects = pure, retries = 1, every = "1h", once, case(small, 1), case(large, 2))]
fn cases(number: u32, pool: &Pool) -> bool {
    let _: &Pool = pool;
    number > 0
}

/// Checks.
#[mad_core::self_test(ignore = "not today")]
async fn later(pool: &Pool) {
    core::future::ready(pool).await;
}

/// Checks.
#[mad_core::self_test(isolate = process)]
fn alone() {}

/// Checks.
#[mad_core::self_test]
pub fn public() -> mad_core::Outcome {
    mad_core::Outcome::Pass
}
"#;

#[test]
fn no_lint_fires_on_generated_code() {
    let project = project("every_lint", &[("every_lint", "2024", EVERY_LINT)]);
    check_success(&project.cargo(&["clippy", "--all-targets"]));
}

const BELOW_OTHERS: &str = r"
//! Annotations below attributes that take their functions away.
#![allow(unused_imports)]
use mad_core::{health_check, provider, self_test};
use test_case::test_case;

#[test]
#[self_test]
fn below_test() {}

#[test_case(
    1
)]
/// Documented.
#[self_test]
fn below_test_case(_number: u32) {}

#[test] // for now
#[health_check]
fn health_below_test() {}

macro_rules! tests {
    ($name:ident) => {
        #[test]
        #[self_test]
        fn $name() {}
    };
}
tests!(below_test_in_a_macro);

#[test]
fn other() {}

#[self_test]
fn not_below() {}

macro_rules! passed_on {
    ($(#[$attribute:meta])* fn $name:ident()) => {
        $(#[$attribute])*
        fn $name() {}
    };
}
passed_on! {
    #[test]
    #[self_test]
    fn below_test_in_brackets()
}
passed_on! {
    #[self_test]
    fn alone_in_brackets()
}
";

#[test]
fn an_attribute_above_that_takes_the_function_away_is_named() {
    let project = project("below_others", &[("below_others", "2024", BELOW_OTHERS)]);
    // Without tests, the compiler has taken the functions away before anybody looks.
    check_success(&project.cargo(&["check"]));
    let built = project.cargo(&["check", "--tests"]);
    assert!(!built.is_success);
    for line in [9, 11, 20, 29, 46] {
        let place = format!("below_others/src/lib.rs:{line}:");
        assert!(built.printed.contains(&place), "{line}: {}", built.printed);
    }
    assert_eq!(
        built.printed.matches("delete the `#[test").count(),
        5,
        "{}",
        built.printed
    );
}

const BELOW_RSTEST: &str = r"
//! An annotation below a test with cases.

#[rstest::rstest]
#[case(1)]
#[mad_core::self_test]
fn below(#[case] _number: u32) {}
";

#[test]
fn rstest_cases_above_are_refused_in_tests() {
    let project = project("below_rstest", &[("below_rstest", "2024", BELOW_RSTEST)]);
    check_success(&project.cargo(&["check"]));
    let built = project.cargo(&["check", "--tests"]);
    assert!(!built.is_success);
    let refused = "delete this: `#[self_test]` makes the unit tests itself";
    assert!(built.printed.contains(refused), "{}", built.printed);
}
