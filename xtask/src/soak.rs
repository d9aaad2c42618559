//! `cargo xtask soak`: four threads record for ten minutes, labels come and go, and pages are made.

use std::process::ExitCode;

use crate::command::{self, cargo};

/// How long.
const SECONDS: &str = "600";

/// Runs the soak of `mad-metrics`.
///
/// # Errors
///
/// If memory grows, a counter goes back or a sum is wrong; the output says which.
pub(crate) fn run(_: Option<&str>) -> crate::Result<ExitCode> {
    let select = [
        "test",
        "--locked",
        "--package",
        "mad-metrics",
        "--test",
        "soak",
    ];
    let mut soak = cargo(&select);
    soak.env("MAD_SOAK_SECONDS", SECONDS);
    command::run(&mut soak)?;
    Ok(ExitCode::SUCCESS)
}
