//! Both test runners on the examples: the self-tests of a program are tests like any other.

use std::collections::BTreeSet;
use std::process::Command;

use crate::command::{self, cargo};

/// What a unit test that `#[self_test]` made has in its name.
const SELF_TEST: &str = "self_test__";

/// The example with the most self-tests.
const EXAMPLE: &str = "shop";

/// Lists and runs the examples' tests with `cargo test` and with nextest.
///
/// # Errors
///
/// If one of them does not list every self-test once, or if a test fails.
pub(crate) fn agree() -> crate::Result {
    let select = ["--locked", "--workspace", "--example", EXAMPLE];
    let mut libtest = cargo(&["test", "--quiet"]);
    let listed = self_tests(libtest.args(select).args(["--", "--list"]))?;
    let mut nextest = cargo(&["nextest", "list", "--message-format=oneline"]);
    let seen = self_tests(nextest.args(select).arg("--run-ignored=all"))?;
    same(&listed, &seen)?;
    println!("Both list the {} self-tests of `{EXAMPLE}`.", listed.len());

    let select = ["--locked", "--workspace", "--examples"];
    command::run(cargo(&["test", "--quiet"]).args(select))?;
    command::run(cargo(&["nextest", "run"]).args(select))
}

/// Returns the self-tests that a runner lists.
///
/// # Errors
///
/// If it cannot, or if it lists one twice.
fn self_tests(list: &mut Command) -> crate::Result<BTreeSet<String>> {
    once_each(&command::output(list)?)
}

/// Reads a list, a line for a test: `path::of::test: test`, or `target path::of::test`.
fn once_each(list: &str) -> crate::Result<BTreeSet<String>> {
    let mut tests = BTreeSet::new();
    let lines = list.lines().map(|line| line.trim_end_matches(": test"));
    let words = lines.filter_map(|line| line.split_whitespace().last());
    for test in words.filter(|test| test.contains(SELF_TEST)) {
        if !tests.insert(test.to_owned()) {
            return Err(format!("`{test}` is listed twice").into());
        }
    }
    Ok(tests)
}

fn same(listed: &BTreeSet<String>, seen: &BTreeSet<String>) -> crate::Result {
    if listed.is_empty() {
        return Err(format!("`cargo test` lists no self-test of `{EXAMPLE}`").into());
    }
    let different: Vec<_> = listed.symmetric_difference(seen).cloned().collect();
    if different.is_empty() {
        return Ok(());
    }
    let different = different.join(", ");
    Err(format!("only one of `cargo test` and nextest lists: {different}").into())
}

#[cfg(test)]
mod tests {
    use super::{once_each, same};

    const LIBTEST: &str = "a::self_test__one: test\na::self_test__two: test\na::other: test\n";
    const NEXTEST: &str = "shop::example/shop a::self_test__one\nshop::example/shop a::other\n";

    #[test]
    fn what_only_one_runner_lists_is_named() {
        let (listed, seen) = (once_each(LIBTEST).unwrap(), once_each(NEXTEST).unwrap());
        assert_eq!((listed.len(), seen.len()), (2, 1));
        let error = same(&listed, &seen).unwrap_err().to_string();
        assert!(error.ends_with("lists: a::self_test__two"), "{error}");
        same(&listed, &listed).unwrap();
    }

    #[test]
    fn nothing_and_twice_are_mistakes() {
        let nothing = once_each("a::other: test\n").unwrap();
        assert!(same(&nothing, &nothing).is_err());
        let twice = once_each(&LIBTEST.repeat(2)).unwrap_err().to_string();
        assert_eq!(twice, "`a::self_test__one` is listed twice");
    }
}
