//! Commands as a person types them in the folder of the workspace.

use std::ffi::OsStr;
use std::process::Command;

/// Describes a command that is started there.
///
/// Nothing is left in it of what Cargo says to a test about its package: build scripts that look at it would all run
/// anew, and what is above them would be built again.
pub fn typed(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let said = std::env::vars_os().map(|(name, _)| name);
    for name in said.filter(|name| is_of_package(&name.to_string_lossy())) {
        command.env_remove(name);
    }
    command
}

fn is_of_package(variable: &str) -> bool {
    variable.starts_with("CARGO_PKG_") || variable.starts_with("CARGO_MANIFEST_")
}
