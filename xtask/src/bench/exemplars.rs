//! What it costs that what is recorded inside a span leads to its trace, in instructions.

use super::instructions;
use crate::command;
use crate::project::{Project, Template};
use crate::table::Table;
use crate::workspace::Workspace;

const TEMPLATE: Template = Template {
    name: "bench-exemplars",
    manifest: include_str!("../../bench/exemplars.toml"),
    file: "src/main.rs",
};

const PROGRAM: &str = include_str!("../../bench/exemplars.rs");

/// Where something is recorded: what that is called, whether the feature is on, and the program's word for it.
const PLACES: [(&str, bool, &str); 4] = [
    ("without the feature", false, "outside"),
    ("with it, outside of any span", true, "outside"),
    ("in a span of no trace", true, "span"),
    ("in a span of a trace", true, "trace"),
];

/// How often something is recorded; what is done once is taken off.
const TIMES: u64 = 20_000;

/// Counts and prints the table.
///
/// # Errors
///
/// If the program does not build or does not run, or there is no valgrind.
pub(crate) fn run() -> crate::Result {
    if !command::is_installed("valgrind") {
        return Err("instructions are counted by valgrind, which is not installed".into());
    }
    let workspace = Workspace::load()?;
    let project = Project::create(&workspace, TEMPLATE, PROGRAM)?;
    let counts = workspace.scratch(TEMPLATE.name).join("instructions");
    let mut table = Table::new(&["instructions", "counter", "histogram"]);
    for (place, has_feature, word) in PLACES {
        let features: &[&str] = if has_feature {
            &["--features", "tracing"]
        } else {
            &[]
        };
        let build = [&["build", "--release", "--locked"], features].concat();
        command::run(&mut project.cargo(&build))?;
        let each = |work| -> crate::Result<String> {
            let run = |times: u64| {
                let words = [work, word, &times.to_string()];
                instructions::of(&project.binary(), &words, &counts)
            };
            let more = run(2 * TIMES)?.saturating_sub(run(TIMES)?);
            Ok((more / TIMES).to_string())
        };
        table.row(&[place.to_owned(), each("counter")?, each("histogram")?]);
    }
    print!("\n{table}");
    Ok(())
}
