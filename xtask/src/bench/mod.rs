//! `cargo xtask bench`: every benchmark, each beside its peers, as tables of Markdown.

use std::process::ExitCode;

use crate::command::{self, cargo};

/// Runs the benchmarks, one after the other: they would only disturb each other.
///
/// # Errors
///
/// If one of them does not build or does not run.
pub(crate) fn run(_: Option<&str>) -> crate::Result<ExitCode> {
    let benches = ["bench", "--locked", "--package", "tests", "--bench"];
    command::run(cargo(&benches).arg("probe_latency"))?;
    command::run(cargo(&benches).arg("own_process"))?;
    Ok(ExitCode::SUCCESS)
}
