//! The self-tests of the shop in both of their lives: unit tests, and tests of the running service.

use std::process::Output;

use tests::{Failure, Shop, Step, eventually, typed};

/// A bug of the shop, and the self-test that sees it.
const FAULT: &str = "overcharge";
const SELF_TEST: &str = "place_and_cancel_order";

/// Runs the unit tests of the shop, as a developer does.
fn cargo_test(arguments: &[&str], faults: Option<&str>) -> Output {
    let mut cargo = typed(option_env!("CARGO").unwrap_or("cargo"));
    cargo
        .args(["test", "--quiet", "--locked", "--package", "examples"])
        .args(["--example", "shop"])
        .args(arguments)
        .env("RUST_BACKTRACE", "0")
        .envs(faults.map(|faults| ("SHOP_FAULTS", faults)));
    cargo.output().expect("cargo is there")
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("it is text")
}

fn start() -> Shop {
    let shop = Shop::start();
    eventually("the shop is ready", || {
        shop.mad("GET", "/readyz").status == 200
    });
    shop
}

#[test]
fn every_self_test_of_the_service_is_a_unit_test_once() {
    let catalogue = start().mad_authorised("GET", "/selftest", None).json();
    let tests = catalogue["self_tests"].as_array().expect("it is a list");
    let names = tests.iter().map(|test| test["name"].as_str());
    // Function and case have a `/` between them there, and two underscores in an identifier.
    let mut in_service: Vec<_> = names
        .map(|name| name.expect("it has a name").replace('/', "__"))
        .collect();
    in_service.sort();

    let list = text(cargo_test(&["--", "--list"], None).stdout);
    let tests = list.lines().filter_map(|line| line.strip_suffix(": test"));
    let mut as_unit_tests: Vec<_> = tests
        .filter_map(|test| test.split_once("::self_test__"))
        .map(|(_, name)| name.to_owned())
        .collect();
    as_unit_tests.sort();
    assert!(!in_service.is_empty());
    assert_eq!(as_unit_tests, in_service);
}

#[test]
fn a_bug_fails_the_unit_test_and_the_running_service_in_the_same_words() {
    let unit_test = cargo_test(&[SELF_TEST], Some(FAULT));
    assert_eq!(unit_test.status.code(), Some(101), "{unit_test:?}");
    let mut in_cargo_test = Failure::of_unit_test(SELF_TEST, &text(unit_test.stdout));
    // There the shop is made for the test. That step is the one difference.
    let provided = in_cargo_test.steps.remove(0);
    assert_eq!(provided.name, "provider `temporary_shop`");

    let shop = start();
    let run = || shop.mad_authorised("POST", &format!("/selftest/{SELF_TEST}"), None);
    shop.fault(FAULT, true);
    let answer = run();
    assert_eq!(answer.status, 503, "{}", answer.body);
    let in_service = Failure::of_report(&answer.json()["results"][0]["report"]);

    assert_eq!(in_cargo_test, in_service);
    assert_eq!(
        in_service.message,
        "total in cents: expected 1890, found 1891"
    );
    let compared = |step: &Step| step.depth == 1 && step.name == "compare it";
    assert!(in_service.steps.iter().any(compared), "{in_service:#?}");

    // No health check sees it: everything answers.
    assert_eq!(shop.mad("GET", "/readyz").status, 200);
    shop.fault(FAULT, false);
    let answer = run();
    assert_eq!(answer.status, 200, "{}", answer.body);
}
