//! `cargo xtask chaos`: the test in which everything goes wrong, for longer than `cargo xtask test` has.

use std::process::ExitCode;

use crate::command::{self, cargo};

/// How long it takes; `cargo xtask test` runs it for 20 seconds.
const SECONDS: &str = "180";

/// Runs it, and shows the seed and the figures.
///
/// # Errors
///
/// If something did not hold.
pub(crate) fn run(_: Option<&str>) -> crate::Result<ExitCode> {
    let select = ["test", "--locked", "--package", "tests", "--test", "chaos"];
    let mut chaos = cargo(&select);
    chaos.args(["--", "--nocapture"]);
    command::run(chaos.env("MAD_CHAOS_SECONDS", SECONDS))?;
    Ok(ExitCode::SUCCESS)
}
