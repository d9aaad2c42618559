//! `mad doctor`, which runs nothing of the programs that it looks at.

use std::str;

use tests::mad;

use crate::programs::project;

/// Has the programs looked at, and returns the exit code, and what is said.
fn doctor(arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = mad();
    command.arg("doctor").args(arguments);
    let output = project().run(command);
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

#[track_caller]
fn check(arguments: &[&str], code: i32, expected: &[&str]) {
    let (ended, said) = doctor(arguments);
    assert_eq!(ended, Some(code), "{said}");
    for expected in expected {
        assert!(said.contains(expected), "{expected}\nin\n{said}");
    }
}

#[test]
fn a_program_with_all_its_checks_is_complete() {
    check(
        &["--package", "whole"],
        0,
        &["`whole`: 5 annotated functions are linked, 0 are not\n"],
    );
}

#[test]
fn a_stripped_program_of_fat_lto_tells_as_well() {
    check(
        &["--profile", "smallest", "--package", "whole"],
        0,
        &["`whole`: 5 annotated functions are linked, 0 are not\n"],
    );
    check(
        &["--profile", "smallest", "--package", "without"],
        1,
        &["`without`: 0 annotated functions are linked, 1 are not\n"],
    );
}

#[test]
fn what_the_linker_left_out_is_named_with_what_to_do() {
    let not_linked = "`in_far` (far/src/lib.rs:1): nothing of the package `far` is linked: \
                      write `mad_core::link_all!();` or `use far as _;`";
    let not_linked = not_linked.split_once("far/src").unwrap();
    check(
        &["--package", "refused"],
        1,
        &[
            "`refused`: 1 annotated functions are linked, 1 are not\n",
            not_linked.1,
        ],
    );
    check(&["--package", "refused", "--except", "in_far"], 2, &[]);
}

#[test]
fn what_is_meant_to_be_missing_is_excepted() {
    check(
        &["--except", "in_far", "--package", "refused"],
        0,
        &["1 annotated functions are linked, 0 are not\n"],
    );
}

#[test]
fn what_does_not_build_or_has_no_checks_cannot_be_told() {
    check(
        &["--package", "no-such-package"],
        2,
        &["mad: `cargo build` failed"],
    );
    check(
        &["--package", "report"],
        2,
        &["no program that depends on mad-core was built"],
    );
}
