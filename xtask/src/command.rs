//! Running other programs.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Starts the description of a Cargo command, in which nothing is left of what Cargo says to this program about its
/// package: build scripts that look at it would run anew whenever somebody else starts Cargo, tests among them.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(arguments);
    let said = std::env::vars_os().map(|(name, _)| name);
    for name in said.filter(|name| is_of_package(&name.to_string_lossy())) {
        command.env_remove(name);
    }
    command
}

fn is_of_package(variable: &str) -> bool {
    variable.starts_with("CARGO_PKG_") || variable.starts_with("CARGO_MANIFEST_")
}

/// Shows the command, runs it with our own standard streams and waits for its end.
///
/// # Errors
///
/// If it does not start or does not succeed.
pub(crate) fn run(command: &mut Command) -> crate::Result {
    println!("$ {}", line(command));
    let status = command
        .status()
        .map_err(|error| format!("cannot start {}: {error}", program(command)))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{}` failed ({status})", line(command)).into())
    }
}

/// Runs the command and returns what it wrote to standard output.
///
/// # Errors
///
/// If it does not start or does not succeed; what it wrote to standard error is in the message.
pub(crate) fn output(command: &mut Command) -> crate::Result<String> {
    let output = command
        .output()
        .map_err(|error| format!("cannot start {}: {error}", program(command)))?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    let (status, message) = (output.status, String::from_utf8_lossy(&output.stderr));
    Err(format!("`{}` failed ({status}):\n{message}", line(command)).into())
}

/// Says whether the command starts and succeeds; what it prints is thrown away.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Says whether a program of this name is on the search path.
pub(crate) fn is_installed(program: &str) -> bool {
    search_path()
        .iter()
        .any(|folder| folder.join(program).is_file())
}

fn search_path() -> Vec<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the search path has no other source"
    )]
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).collect()
}

fn program(command: &Command) -> String {
    format!("`{}`", command.get_program().to_string_lossy())
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::{cargo, is_installed, output, run, succeeds};

    #[test]
    fn a_program_that_fails_is_told_from_one_that_does_not_start() {
        let failed = output(&mut cargo(&["--no-such-flag"])).unwrap_err();
        assert!(
            failed
                .to_string()
                .starts_with("`cargo --no-such-flag` failed"),
            "{failed}"
        );
        let absent = run(&mut std::process::Command::new("no-such-program")).unwrap_err();
        assert!(
            absent
                .to_string()
                .starts_with("cannot start `no-such-program`"),
            "{absent}"
        );
    }

    #[test]
    fn what_is_installed_is_found_on_the_search_path() {
        assert!(is_installed("cargo") && succeeds(&mut cargo(&["--version"])));
        assert!(!is_installed("no-such-program"));
    }
}
