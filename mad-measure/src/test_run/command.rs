//! Commands that somebody names, run as tests are.

use std::time::Duration;

use super::process::{self, Stream};
use super::{Plan, RunError, cargo};

/// So much of what a command prints is kept.
const MOST_PRINTED: usize = 256 << 10;

/// How Cargo ends when it could not build.
const CARGO_FAILED: i32 = 101;

/// A command that is over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandEnded {
    /// Its exit code; nothing, if it was ended by a signal.
    pub exit_code: Option<i32>,
    /// Whether it was ended by [`Plan::time_limit`].
    pub is_timed_out: bool,
    /// Whether it was ended by [`Plan::stop`]: then it says nothing.
    pub is_stopped: bool,
    /// How long it took.
    pub wall: Duration,
    /// What it wrote to its standard output; of very much, the beginning.
    pub printed: String,
    /// The end of all that it wrote.
    pub output: String,
    /// The first error of Cargo's, if it was Cargo and did not get as far as to run anything.
    pub build_error: Option<String>,
}

/// Runs a command in the folder of a plan, with the plan's toolchain, target folder, variables, time limit and wish to
/// stop. What it writes is captured.
///
/// ```
/// use mad_measure::test_run::{Plan, run_command};
///
/// let ended = run_command(&Plan::new("."), "sh", &["-c", "echo 42; exit 3"])?;
/// assert_eq!((ended.exit_code, ended.printed.as_str()), (Some(3), "42\n"));
/// # Ok::<(), mad_measure::test_run::RunError>(())
/// ```
///
/// # Errors
///
/// If it cannot be started. That it fails or takes too long is no error.
pub fn run_command(
    plan: &Plan,
    program: &str,
    arguments: &[&str],
) -> Result<CommandEnded, RunError> {
    let mut captured = plan.clone();
    captured.output = super::Output::Captured;
    let mut command = captured.command(program);
    command.args(arguments);
    let mut printed = Vec::new();
    let ended = process::run_listening(&captured, command, |stream, bytes| {
        if matches!(stream, Stream::Output) {
            let room = MOST_PRINTED.saturating_sub(printed.len());
            printed.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
    })?;
    let has_run = ended
        .output
        .lines()
        .any(|line| line.trim_start().starts_with("Running "));
    let is_build = ended.exit_code == Some(CARGO_FAILED) && !has_run;
    Ok(CommandEnded {
        exit_code: ended.exit_code,
        is_timed_out: ended.is_timed_out,
        is_stopped: ended.is_stopped,
        wall: ended.wall,
        printed: String::from_utf8_lossy(&printed).into_owned(),
        build_error: cargo::first_error(&ended.output).filter(|_| is_build),
        output: ended.output,
    })
}
