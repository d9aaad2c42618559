//! Self-tests with a process of their own, in programs whose `main` begins with `mad_core::init()`.

use std::process::Command;

use tests::{Shop, eventually};

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_isolated"))
}

#[track_caller]
fn check_prints(program: &mut Command, expected: &[&str]) {
    let output = program.output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{printed}{:?}",
        String::from_utf8(output.stderr)
    );
    for part in expected {
        assert!(printed.contains(part), "{part:?} is not in:\n{printed}");
    }
}

#[test]
fn a_program_survives_its_self_test() {
    let expected = [
        "+ before [",
        "! abort here [",
        "note: still here",
        "fail: aborted: its process ended before it had reported, with signal: 6 (SIGABRT)",
    ];
    check_prints(program().arg("aborts"), &expected);
}

#[test]
fn a_panic_is_told_with_its_place() {
    check_prints(
        program().arg("panics"),
        &["fail: panicked: order 7 lost (tests/src/bin/isolated.rs:"],
    );
}

#[test]
fn an_async_main_is_not_in_the_way() {
    check_prints(program().arg("passes"), &["pass ["]);
}

#[test]
fn a_program_that_comes_late_to_its_first_line_is_told_so() {
    check_prints(
        program().env("late", "").arg("passes"),
        &["did not come to the check within 5s: is `mad_core::init()` the first line of `main`?"],
    );
}

#[test]
fn the_shop_runs_a_self_test_in_a_process_of_its_own() {
    let shop = Shop::start();
    eventually("it serves", || shop.mad("GET", "/readyz").status == 200);
    let answer = shop.mad_authorised("POST", "/selftest/largest_orders_add_up", None);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let report = answer.json();
    let result = &report["results"][0]["report"];
    assert_eq!(result["observations"][0]["name"], "orders", "{report}");
    assert_eq!(result["outcome"], "pass", "{report}");
}
