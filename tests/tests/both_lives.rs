//! One bug, seen by one self-test in both of its lives.

use std::process::Command;

use tests::{Failure, Shop, eventually};

/// The fault that is a bug of the shop, and the self-test that sees it.
const FAULT: &str = "overcharge";
const SELF_TEST: &str = "place_and_cancel_order";

/// Runs the unit test of the self-test, as a developer does, and returns what is printed.
fn unit_test() -> String {
    let cargo = option_env!("CARGO").unwrap_or("cargo");
    let output = Command::new(cargo)
        .args(["test", "--quiet", "--locked", "--package", "examples"])
        .args(["--example", "shop", SELF_TEST])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .env("SHOP_FAULTS", FAULT)
        .env("RUST_BACKTRACE", "0")
        .output()
        .expect("cargo is there");
    assert_eq!(output.status.code(), Some(101), "{output:?}");
    String::from_utf8(output.stdout).expect("the harness prints text")
}

#[test]
fn a_bug_fails_the_unit_test_and_the_running_service_in_the_same_words() {
    let mut in_cargo_test = Failure::of_unit_test(SELF_TEST, &unit_test());
    // There the shop is made for the test. That step is the one difference.
    let provided = in_cargo_test.steps.remove(0);
    assert_eq!(provided.name, "provider `temporary_shop`");

    let shop = Shop::start();
    eventually("the shop is ready", || {
        shop.mad("GET", "/readyz").status == 200
    });
    shop.fault(FAULT, true);
    let answer = shop.mad_authorised("POST", &format!("/selftest/{SELF_TEST}"), None);
    assert_eq!(answer.status, 503, "{}", answer.body);
    let report = &answer.json()["results"][0]["report"];
    let in_service = Failure::of_report(report);

    assert_eq!(in_cargo_test, in_service);
    assert_eq!(
        in_service.message,
        "total in cents: expected 1890, found 1891"
    );
    let is_inside = |step: &tests::Step| step.depth == 1 && step.name == "compare it";
    assert!(in_service.steps.iter().any(is_inside), "{in_service:#?}");

    // No health check sees it: everything answers.
    assert_eq!(shop.mad("GET", "/readyz").status, 200);
    shop.fault(FAULT, false);
    let answer = shop.mad_authorised("POST", &format!("/selftest/{SELF_TEST}"), None);
    assert_eq!(answer.status, 200, "{}", answer.body);
}
