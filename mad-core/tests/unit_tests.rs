//! A self-test is a unit test too, under a name that says which.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use mad_core::self_test;

mod orders {
    #[super::self_test(effects = pure)]
    fn place_and_cancel() {}

    #[super::self_test(effects = pure, name = "orders/fits", case(small, 1), case(large, 100))]
    fn fits(items: usize) -> bool {
        items <= 100
    }

    #[super::self_test(effects = pure, ignore = "the bank is closed")]
    fn pay() {}

    #[super::self_test(effects = pure, isolate = process)]
    fn alone() {}

    #[super::self_test(effects = pure, unit_test = false)]
    fn only_in_service() {}

    #[super::self_test(effects = pure)]
    fn r#match() {}
}

fn list(flags: &[&str]) -> Vec<String> {
    let tests = std::env::current_exe().unwrap();
    let output = Command::new(tests)
        .arg("--list")
        .args(flags)
        .output()
        .unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let tests = lines.lines().filter_map(|line| line.strip_suffix(": test"));
    let mut tests: Vec<_> = tests
        .filter(|test| test.contains("::"))
        .map(str::to_owned)
        .collect();
    tests.sort();
    tests
}

#[test]
fn the_unit_test_has_the_name_of_the_function() {
    let expected = [
        "orders::self_test__alone",
        "orders::self_test__fits__large",
        "orders::self_test__fits__small",
        "orders::self_test__match",
        "orders::self_test__pay",
        "orders::self_test__place_and_cancel",
    ];
    assert_eq!(list(&[]), expected);
}

#[test]
fn a_self_test_that_is_ignored_is_an_ignored_unit_test() {
    assert_eq!(list(&["--ignored"]), ["orders::self_test__pay"]);
}

static INSIDE: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

#[self_test(effects = pure, retries = 2, timeout = "50ms", ignore = "it is called by a test")]
fn hangs() {
    MOST.fetch_max(INSIDE.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
    std::thread::sleep(std::time::Duration::from_secs(1));
    INSIDE.fetch_sub(1, Ordering::SeqCst);
}

#[test]
fn a_unit_test_that_hangs_is_not_started_again() {
    let failed = std::panic::catch_unwind(self_test__hangs);
    assert!(failed.is_err());
    assert_eq!(MOST.load(Ordering::SeqCst), 1);
}
