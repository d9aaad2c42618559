//! What is in the sources and not in the program.

use tests::Project;

use crate::SCRATCH;

const FILES: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        r#"
        [package]
        name = "in-sources"
        edition = "2024"
        [dependencies]
        mad-core = { path = "{workspace}/mad-core" }
        in-sources-near = { path = "near" }
        [dev-dependencies]
        mad-core = { path = "{workspace}/mad-core", features = ["testing"] }
        [workspace]
        [profile.dev]
        debug = false
        "#,
    ),
    (
        "near/Cargo.toml",
        "[package]\nname = \"in-sources-near\"\nedition = \"2024\"\n[dependencies]\nmad-core = { path = \"{workspace}/mad-core\" }\n",
    ),
    (
        "near/src/lib.rs",
        "\n#[mad_core::self_test]\nfn unnamed() {}\n",
    ),
    (
        "src/lib.rs",
        r"
use mad_core::{health_check, self_test};

mod deep;

/// ```
/// #[mad_core::self_test]
/// fn in_documentation() {}
/// ```
#[health_check]
fn linked() {}

#[test]
#[self_test]
fn swallowed() {}

#[cfg(windows)]
#[self_test]
fn elsewhere() {}

#[cfg(windows)]
#[tracing::instrument]
#[self_test]
fn elsewhere_below_another() {}
",
    ),
    (
        "src/deep/mod.rs",
        "mod deeper;\n#[mad_core::self_test(case(a, 1), case(b, 2))]\nfn cases(n: u32) -> bool { n > 0 }\n",
    ),
    (
        "src/deep/deeper.rs",
        "#[mad_core::self_test]\nfn deeper() {}\n",
    ),
    (
        "src/orphan.rs",
        "\n\n#[mad_core::self_test]\nfn orphan() {}\n",
    ),
    // Another program, which this test is not.
    (
        "src/main.rs",
        "#[mad_core::health_check]\nfn in_main() {}\nfn main() {}\n",
    ),
    (
        "tests/forgotten.rs",
        "use in_sources as _;\n#[path = \"../src/shared.rs\"] mod shared;\n#[test] fn complete() { mad_core::testing::assert_all_linked!(); }\n",
    ),
    // Files that stand above the programs they belong to.
    (
        "src/bin/tool.rs",
        "#[path = \"../of_tool.rs\"]\nmod of_tool;\ninclude!(\"../included.rs\");\nfn main() {}\n",
    ),
    (
        "src/of_tool.rs",
        "#[mad_core::self_test]\nfn of_tool() {}\n",
    ),
    (
        "src/included.rs",
        "#[mad_core::self_test]\nfn included() {}\n",
    ),
    ("src/shared.rs", "#[mad_core::self_test]\nfn shared() {}\n"),
    (
        "tests/excepted.rs",
        "use {in_sources as _, in_sources_near as _};\n\
         #[test] fn complete() { mad_core::testing::assert_all_linked!(except = [\"swallowed\", \"orphan\"]); }\n",
    ),
];

#[test]
fn what_is_annotated_and_not_linked_is_named_with_place_and_reason() {
    let project = Project::write(SCRATCH, "in-sources", FILES);
    let output = project
        .command(&["test", "--test", "forgotten"])
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success(), "{printed}");
    let folder = format!("{SCRATCH}/in-sources");
    let expected = [
        "4 annotated functions are linked, 3 are not".to_owned(),
        format!(
            "  `unnamed` ({folder}/near/src/lib.rs:3): nothing of the package `in-sources-near` is linked: write `mad_core::link_all!();` or `use in_sources_near as _;`"
        ),
        format!(
            "  `swallowed` ({folder}/src/lib.rs:15): `#[test]` stands above the annotation and leaves the function to tests alone: delete it"
        ),
        format!(
            "  `orphan` ({folder}/src/orphan.rs:4): its file belongs to no library and no program: declare it with `mod`, or delete it"
        ),
        "left out by a condition, which is taken as meant:".to_owned(),
        format!(
            "  `elsewhere` ({folder}/src/lib.rs:19): it, or something around it, is under a `cfg` or in a macro"
        ),
        format!(
            "  `elsewhere_below_another` ({folder}/src/lib.rs:24): it, or something around it, is under a `cfg` or in a macro"
        ),
    ];
    for line in expected {
        assert!(
            printed.lines().any(|printed| printed == line),
            "{line}\nin\n{printed}"
        );
    }
}

#[test]
fn what_is_meant_to_be_missing_is_excepted_by_name() {
    let project = Project::write(SCRATCH, "in-sources", FILES);
    project.cargo_succeeds(&["test", "--test", "excepted"]);
}
