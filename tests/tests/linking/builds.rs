//! What a build may find: more than before, less than before, or nothing that it understands.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use tests::Project;

use crate::SCRATCH;

const WITHOUT: &str = "pub fn f() {}";
const WITH: &str = "pub fn f() {}\n#[mad_core::self_test] fn gained() {}";

fn manifest(name: &str, version: &str, dependencies: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2024\"\n[dependencies]\n\
         mad-core = {{ path = \"{{workspace}}/mad-core\" }}\n{dependencies}"
    )
}

/// Writes a program whose dependency, near or far, has this version and source.
fn program(name: &str, is_near: bool, version: &str, source: &str) -> Project {
    let dependency = format!("{name}-dependency");
    let mid = format!("{name}-mid");
    let near = format!("{dependency} = {{ path = \"dependency\" }}");
    let through = format!("{mid} = {{ path = \"mid\" }}");
    let program = manifest(name, "0.1.0", if is_near { &near } else { &through });
    let program = format!("{program}\n[workspace]\n[profile.dev]\ndebug = false\n");
    let mid = manifest(
        &mid,
        "0.1.0",
        &near.replace("\"dependency\"", "\"../dependency\""),
    );
    Project::write(
        SCRATCH,
        name,
        &[
            ("Cargo.toml", &program),
            (
                "src/main.rs",
                "mad_core::link_all!();\nfn main() { println!(\"{}, {} checks\", mad_core::link_check(), mad_core::Registry::linked().unwrap().len()) }",
            ),
            ("mid/Cargo.toml", &mid),
            ("mid/src/lib.rs", ""),
            ("dependency/Cargo.toml", &manifest(&dependency, version, "")),
            ("dependency/src/lib.rs", source),
        ],
    )
}

#[track_caller]
fn check(project: &Project, expected: &str) {
    let printed = project.cargo_succeeds(&["run"]);
    assert!(printed.starts_with(expected), "{printed}");
}

#[test]
fn a_dependency_that_gains_its_first_check_is_linked_by_the_next_build() {
    check(
        &program("gains", true, "0.1.0", WITHOUT),
        "link check: complete, 0 checks",
    );
    check(
        &program("gains", true, "0.1.0", WITH),
        "link check: complete, 1 checks",
    );
    check(
        &program("gains", true, "0.1.0", WITHOUT),
        "link check: complete, 0 checks",
    );
}

#[test]
fn a_far_dependency_that_gains_its_first_check_is_missing_after_the_next_build() {
    check(
        &program("gains-far", false, "0.1.0", WITHOUT),
        "link check: complete, 0 checks",
    );
    check(
        &program("gains-far", false, "0.1.0", WITH),
        "link check: incomplete",
    );
}

#[test]
fn what_an_earlier_version_held_keeps_no_program_from_starting() {
    program("loses", false, "0.1.0", WITH).cargo_succeeds(&["build"]);
    check(
        &program("loses", false, "0.2.0", WITHOUT),
        "link check: complete, 0 checks",
    );
}

#[test]
fn a_build_that_cannot_be_understood_refuses_nothing() {
    let project = program("not-understood", false, "0.1.0", WITH);
    // A rustc that does not know of Cargo, as in other build systems.
    project.write_file("rustc.sh", "#!/bin/sh\nunset CARGO\nexec \"$@\"\n");
    let rustc = Path::new(SCRATCH).join("not-understood/rustc.sh");
    fs::set_permissions(&rustc, Permissions::from_mode(0o755)).unwrap();
    let mut cargo = project.command(&["run"]);
    let output = cargo
        .env("RUSTC_WORKSPACE_WRAPPER", rustc)
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let expected = "link check: unavailable: this is no build of Cargo's, 0 checks\n";
    assert_eq!(printed, expected);
}
