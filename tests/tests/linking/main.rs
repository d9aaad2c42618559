//! What was annotated is what runs, or the program does not start.
//!
//! The programs are those of small Cargo projects. They are judged by what they print when they run.

mod builds;
mod configurations;
mod doctor;
mod members;
mod plugin;
mod programs;
mod sources;
mod two_versions;

/// Where the projects and what is built of them are.
const SCRATCH: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/linking");

#[test]
fn each_row_of_the_page_names_a_test_that_exists() {
    let page = include_str!("../../../docs/completeness.md");
    let rows = page.lines().filter_map(|line| line.strip_suffix(" |"));
    let cells = rows.filter_map(|row| row.rsplit(" | ").next());
    let named: Vec<_> = cells
        .filter_map(|cell| cell.strip_prefix('`')?.strip_suffix('`')?.split_once("::"))
        .collect();
    assert!(named.len() > 10, "{named:?}");
    for (module, test) in named {
        let file = format!("{}/tests/linking/{module}.rs", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(&format!("fn {test}()")), "{module}::{test}");
    }
}
