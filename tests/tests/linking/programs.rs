//! The programs: a workspace with a dependency in each of the places where one gets lost.

use std::process::Command;

use tests::Project;

use crate::SCRATCH;

/// What a program prints about itself.
const REPORT: &str = r#"
pub fn report() {
    println!("{}", mad_core::link_check());
    for check in mad_core::Registry::linked().unwrap().iter() {
        println!("{}", check.name());
    }
    match mad_core::Engine::builder().start() {
        Ok(_) => println!("started"),
        Err(error) => println!("refused: {error}"),
    }
}
"#;

const WORKSPACE: &str = r#"
[workspace]
resolver = "3"
members = ["*"]
exclude = ["target"]

[workspace.dependencies]
mad-core = { path = "{workspace}/mad-core" }
report = { path = "report" }

[profile.dev]
debug = false

# All at once that makes a linker drop things.
[profile.smallest]
inherits = "dev"
lto = "fat"
codegen-units = 1
opt-level = "z"
panic = "abort"
strip = true

[profile.thin]
inherits = "dev"
lto = "thin"
"#;

/// The manifest of a package that depends on mad-core, and on what else is given.
macro_rules! manifest {
    ($name:literal $(, $dependencies:literal)?) => {
        concat!(
            "[package]\nname = \"", $name, "\"\nedition = \"2024\"\n",
            "[dependencies]\nmad-core.workspace = true\n", $($dependencies)?
        )
    };
}

const FILES: &[(&str, &str)] = &[
    ("Cargo.toml", WORKSPACE),
    ("report/Cargo.toml", manifest!("report")),
    ("report/src/lib.rs", REPORT),
    // Dependencies with checks.
    ("near/Cargo.toml", manifest!("near")),
    (
        "near/src/lib.rs",
        "mod inner { #[mad_core::health_check] async fn in_near() {} }",
    ),
    (
        "dep-b/Cargo.toml",
        "[package]\nname = \"dep-b\"\nedition = \"2021\"\n[dependencies]\ncore_of_mad = { package = \"mad-core\", path = \"{workspace}/mad-core\" }\n",
    ),
    (
        "dep-b/src/lib.rs",
        "use core_of_mad::self_test;\n#[self_test(crate = ::core_of_mad)] fn in_dep_b() {}",
    ),
    ("far/Cargo.toml", manifest!("far")),
    ("far/src/lib.rs", "#[mad_core::self_test] fn in_far() {}"),
    ("named-far/Cargo.toml", manifest!("named-far")),
    (
        "named-far/src/lib.rs",
        "#[mad_core::self_test] fn in_named_far() {}",
    ),
    ("for-tests/Cargo.toml", manifest!("for-tests")),
    (
        "for-tests/src/lib.rs",
        "#[mad_core::self_test] fn in_for_tests() {}",
    ),
    ("for-builds/Cargo.toml", manifest!("for-builds")),
    (
        "for-builds/src/lib.rs",
        "#[mad_core::self_test] fn in_for_builds() {}\npub fn build() {}",
    ),
    ("not-chosen/Cargo.toml", manifest!("not-chosen")),
    (
        "not-chosen/src/lib.rs",
        "#[mad_core::self_test] fn in_not_chosen() {}",
    ),
    ("provides/Cargo.toml", manifest!("provides")),
    (
        "provides/src/lib.rs",
        "#[mad_core::provider] fn number() -> u32 { 42 }",
    ),
    // Dependencies that depend on those.
    (
        "mid/Cargo.toml",
        "[package]\nname = \"mid\"\nedition = \"2024\"\n[dependencies]\nfar = { path = \"../far\" }\n",
    ),
    ("mid/src/lib.rs", "pub fn mid() {}"),
    (
        "way/Cargo.toml",
        "[package]\nname = \"way\"\nedition = \"2024\"\n[dependencies]\nnamed-far = { path = \"../named-far\" }\n",
    ),
    ("way/src/lib.rs", "use named_far as _;"),
    // Programs.
    (
        "whole/Cargo.toml",
        r#"
[package]
name = "whole"
edition = "2024"
[features]
more = ["dep:not-chosen"]
[dependencies]
core_of_mad = { package = "mad-core", path = "{workspace}/mad-core" }
report.workspace = true
near = { path = "../near" }
bee = { package = "dep-b", path = "../dep-b" }
way = { path = "../way" }
provides = { path = "../provides" }
not-chosen = { path = "../not-chosen", optional = true }
[dev-dependencies]
for-tests = { path = "../for-tests" }
[build-dependencies]
for-builds = { path = "../for-builds" }
"#,
    ),
    ("whole/build.rs", "fn main() { for_builds::build() }"),
    (
        "whole/src/lib.rs",
        "
        #[core_of_mad::self_test(crate = ::core_of_mad)] fn in_own_library() {}
        #[cfg(windows)] #[cfg(unix)] #[core_of_mad::self_test(crate = ::core_of_mad)] fn never() {}
    ",
    ),
    (
        "whole/src/main.rs",
        r#"
        #![deny(warnings, unused_crate_dependencies, unused_qualifications, unreachable_pub)]
        #![forbid(unsafe_code)]
        core_of_mad::link_all!();
        #[core_of_mad::health_check(crate = ::core_of_mad)] fn in_program(_number: &u32) {}
        fn main() { report::report() }

        #[test]
        fn what_only_tests_depend_on_is_linked_into_tests() {
            assert_eq!(core_of_mad::link_check(), core_of_mad::LinkCheck::Complete);
            let registry = core_of_mad::Registry::linked().unwrap();
            assert!(registry.get("in_for_tests").is_some());
        }
    "#,
    ),
    (
        "refused/Cargo.toml",
        manifest!(
            "refused",
            "report.workspace = true\nmid = { path = \"../mid\" }\nnear = { path = \"../near\" }\n"
        ),
    ),
    (
        "refused/src/main.rs",
        "mad_core::link_all!();\nfn main() { mid::mid(); report::report() }",
    ),
    (
        "without/Cargo.toml",
        manifest!(
            "without",
            "report.workspace = true\nnear = { path = \"../near\" }\n"
        ),
    ),
    (
        "without/src/main.rs",
        r#"
        fn main() {
            report::report();
            let registry = mad_core::Registry::linked().unwrap();
            println!("{}", registry.expect(["in_near"]).unwrap_err());
        }
    "#,
    ),
    ("aborts/Cargo.toml", manifest!("aborts")),
    (
        "aborts/src/main.rs",
        r#"
        #[mad_core::self_test(effects = scratch)] fn writes() {}
        #[mad_core::self_test] fn looks() {}
        fn main() {
            let engine = mad_core::Engine::builder().allow_effects(mad_core::Effects::Scratch);
            let engine = engine.start().unwrap();
            for test in engine.snapshot().self_tests {
                let why = engine.why_left_out(&test.check);
                println!("{}: {}", test.check.name(), why.is_some_and(|why| why.contains("abort")));
            }
        }
    "#,
    ),
];

/// The checks of `whole`, in the order of their names.
const WHOLE: &str = "link check: complete
in_dep_b
in_named_far
in_near
in_own_library
in_program
started
";

/// The names of the checks that `refused` has, and the one that it has not.
const REFUSED: &str = "link check: incomplete
  the crate `far` holds checks, and none of them is linked: write `use far as _;` in `mid`, which depends on it, or let `refused` depend on it too
in_near
refused: the crate `far` holds checks, and none of them is linked: write `use far as _;` in `mid`, which depends on it, or let `refused` depend on it too
";

pub(crate) fn project() -> Project {
    Project::write(SCRATCH, "programs", FILES)
}

/// Builds the programs in a profile, and returns what one of them prints.
#[track_caller]
pub(crate) fn printed(profile: &str, program: &str) -> String {
    let project = project();
    project.cargo_succeeds(&["build", "--workspace", "--profile", profile]);
    let folder = if profile == "dev" { "debug" } else { profile };
    let output = Command::new(project.made(folder, program))
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
pub(crate) fn check_complete(profile: &str) {
    assert_eq!(printed(profile, "whole"), WHOLE);
    assert_eq!(printed(profile, "refused"), REFUSED);
}

#[test]
fn without_link_all_an_unnamed_dependency_is_missing_and_expect_says_so() {
    let expected = "link check: not asked for, with `mad_core::link_all!()`
refused: no check is registered: is a crate with `#[health_check]` or `#[self_test]` functions linked? write `mad_core::link_all!();` in `main.rs`
expected check `in_near` is not registered; nothing is: write `mad_core::link_all!();` in `main.rs`
";
    assert_eq!(printed("dev", "without"), expected);
}

#[test]
fn every_kind_of_direct_dependency_is_linked_and_nothing_else_is_expected() {
    assert_eq!(printed("dev", "whole"), WHOLE);
}

#[test]
fn an_unnamed_dependency_of_a_dependency_is_refused_by_name() {
    assert_eq!(printed("dev", "refused"), REFUSED);
}

#[test]
fn what_only_tests_depend_on_is_linked_into_tests_alone() {
    let printed = project().cargo_succeeds(&["test", "--package", "whole", "--bin", "whole"]);
    assert!(
        printed.contains("what_only_tests_depend_on_is_linked_into_tests ... ok"),
        "{printed}"
    );
}
