//! Two versions of mad-core would be two registries, of which the program sees one.

use tests::Project;

use crate::SCRATCH;

#[test]
fn cargo_refuses_two_versions_of_mad_core_in_one_program() {
    let real = include_str!("../../../mad-core/Cargo.toml");
    let links = real.lines().find(|line| line.starts_with("links")).unwrap();
    let other = format!("[package]\nname = \"mad-core\"\nversion = \"9.9.9\"\n{links}\n");
    let program = "[package]\nname = \"two-versions\"\n[workspace]\n[dependencies]\n\
        mad-core = { path = \"{workspace}/mad-core\" }\nother = { package = \"mad-core\", path = \"other\" }\n";
    let project = Project::write(
        SCRATCH,
        "two-versions",
        &[
            ("Cargo.toml", program),
            ("src/main.rs", "fn main() {}"),
            ("other/Cargo.toml", &other),
            ("other/build.rs", "fn main() {}"),
            ("other/src/lib.rs", ""),
        ],
    );
    let output = project.command(&["check"]).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    let expected = "Only one package in the dependency graph may specify the same links value";
    assert!(errors.contains(expected), "{errors}");
}
