//! A program is answered for itself alone, whatever members its workspace builds by default.

use std::process::Command;

use tests::Project;

use crate::SCRATCH;

/// `tools` is built with the program, and what only it depends on is not the program's.
const FILES: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        r#"
        [package]
        name = "members"
        edition = "2024"
        [dependencies]
        mad-core = { path = "{workspace}/mad-core" }
        [dev-dependencies]
        mad-core = { path = "{workspace}/mad-core", features = ["testing"] }
        [workspace]
        members = [".", "tools", "tools-only"]
        default-members = [".", "tools"]
        [profile.dev]
        debug = false
        "#,
    ),
    (
        "src/main.rs",
        r#"
        mad_core::link_all!();
        #[mad_core::self_test] fn in_program() {}
        fn main() { println!("{}", mad_core::link_check()); }
        #[test] fn complete() { mad_core::testing::assert_all_linked!(); }
        "#,
    ),
    (
        "tools/Cargo.toml",
        "[package]\nname = \"tools\"\nedition = \"2024\"\n[dependencies]\ntools-only = { path = \"../tools-only\" }\n",
    ),
    // A library, as Cargo tells nothing of a program without one.
    ("tools/src/lib.rs", "use tools_only as _;\n"),
    (
        "tools-only/Cargo.toml",
        "[package]\nname = \"tools-only\"\nedition = \"2024\"\n[dependencies]\nmad-core = { path = \"{workspace}/mad-core\" }\n",
    ),
    (
        "tools-only/src/lib.rs",
        "#[mad_core::self_test]\nfn in_tools_only() {}\n",
    ),
];

#[test]
fn what_only_another_default_member_depends_on_is_not_missed() {
    let project = Project::write(SCRATCH, "members", FILES);
    // It is there when the program is built, and so could be taken for something of the program's.
    project.cargo_succeeds(&["build", "--package", "tools-only"]);
    project.cargo_succeeds(&["build"]);
    let output = Command::new(project.made("debug", "members"))
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed, "link check: complete\n");
}

#[test]
fn what_only_another_default_member_depends_on_is_not_looked_for_in_the_sources() {
    let project = Project::write(SCRATCH, "members", FILES);
    project.cargo_succeeds(&["test", "--package", "members"]);
}
