//! What a call of a measured function costs, beside the same with Autometrics.

use std::process::Command;

use crate::command;
use crate::project::{Project, Template};
use crate::workspace::Workspace;

const TEMPLATE: Template = Template {
    name: "bench-calls",
    manifest: include_str!("../../bench/calls.toml"),
    file: "src/main.rs",
};

const PROGRAM: &str = include_str!("../../bench/calls.rs");

/// Measures and prints the table.
///
/// # Errors
///
/// If the program does not build or does not run.
pub(crate) fn run() -> crate::Result {
    let workspace = Workspace::load()?;
    let project = Project::create(&workspace, TEMPLATE, PROGRAM)?;
    command::run(&mut project.cargo(&["build", "--release", "--locked"]))?;
    command::run(&mut Command::new(project.binary()))
}
