//! Two annotated checks with one name refuse to start.

use std::process::Command;

use mad_core::{Registry, self_test};

#[self_test(unit_test = false)]
fn order() {}

mod other {
    #[super::self_test(unit_test = false, name = "order")]
    fn another() {}
}

const PLACES: [&str; 2] = ["duplicate_names.rs:8", "duplicate_names.rs:12"];

#[test]
fn both_places_are_named() {
    let error = Registry::linked().unwrap_err();
    assert!(error.is_duplicate());
    let text = error.to_string();
    assert!(PLACES.iter().all(|place| text.contains(place)), "{text}");
}

#[test]
#[ignore = "it is the program of the test below"]
fn program() {
    mad_core::testing::main()
}

#[test]
fn a_test_target_fails_with_both_places() {
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args(["program", "--exact", "--ignored", "--nocapture"]);
    let output = program.output().unwrap();
    assert_eq!(output.status.code(), Some(101));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(PLACES.iter().all(|place| text.contains(place)), "{text}");
}
