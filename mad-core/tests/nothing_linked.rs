//! A test target that links no self-test fails: it would else be green, with nothing in it.

use std::process::Command;

use mad_core::health_check;

/// A health check is no self-test.
#[health_check]
fn disk() {}

#[test]
#[ignore = "it is the program of the tests below"]
fn program() {
    mad_core::testing::main()
}

#[test]
fn it_fails_and_says_what_to_do() {
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args(["program", "--exact", "--ignored", "--nocapture"]);
    let output = program.output().unwrap();
    assert_eq!(output.status.code(), Some(101));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "error: no self-test is linked: write `mad_core::link_all!();` in it\n"
    );
}
