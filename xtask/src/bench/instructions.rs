//! How many instructions a program takes, and the compiler for one crate.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command;

/// Counts what rustc does, by running it in valgrind.
#[derive(Debug)]
pub(crate) struct Counter {
    /// Stands before rustc.
    wrapper: PathBuf,
    counts: PathBuf,
    rustc: PathBuf,
}

impl Counter {
    /// Makes a counter with its files in this folder.
    ///
    /// # Errors
    ///
    /// If valgrind is absent, this is not Unix, or a file cannot be written.
    pub(crate) fn create(folder: &Path) -> crate::Result<Self> {
        if !command::is_installed("valgrind") {
            return Err("instructions are counted by valgrind, which is not installed".into());
        }
        let sysroot = command::output(Command::new("rustc").args(["--print", "sysroot"]))?;
        let counter = Self {
            wrapper: folder.join("count-instructions"),
            counts: folder.join("instructions"),
            // Not the one of rustup, which only starts this one.
            rustc: Path::new(sysroot.trim()).join("bin/rustc"),
        };
        fs::create_dir_all(folder)?;
        // Cargo also asks rustc what it is, without a crate's name; that is not to be counted.
        let script = format!(
            "#!/bin/sh\ncase \"$1 $2\" in\n*' --crate-name')\n  exec valgrind --tool=callgrind --callgrind-out-file='{}' \"$@\" ;;\nesac\nexec \"$@\"\n",
            counter.counts.display()
        );
        fs::write(&counter.wrapper, script)?;
        make_executable(&counter.wrapper)?;
        Ok(counter)
    }

    /// Runs a Cargo command and returns how many instructions rustc took for the package itself.
    ///
    /// # Errors
    ///
    /// If Cargo fails, or did not need rustc.
    pub(crate) fn count(&self, cargo: &mut Command) -> crate::Result<u64> {
        _ = fs::remove_file(&self.counts);
        cargo
            .env("RUSTC", &self.rustc)
            .env("RUSTC_WORKSPACE_WRAPPER", &self.wrapper);
        command::output(cargo)?;
        let counts = fs::read_to_string(&self.counts)
            .map_err(|error| format!("valgrind has left no counts: {error}"))?;
        total(&counts).ok_or_else(|| "valgrind's counts have no total".into())
    }
}

/// Runs a program in valgrind, which leaves its counts in this file, and returns how many instructions it took.
///
/// # Errors
///
/// If the program fails, or valgrind does.
pub(super) fn of(program: &Path, arguments: &[&str], counts: &Path) -> crate::Result<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.arg("--tool=callgrind");
    valgrind.arg(format!("--callgrind-out-file={}", counts.display()));
    command::output(valgrind.arg(program).args(arguments))?;
    let counts = fs::read_to_string(counts)?;
    total(&counts).ok_or_else(|| "valgrind's counts have no total".into())
}

/// Returns how many instructions there were in all.
fn total(counts: &str) -> Option<u64> {
    let total = counts
        .lines()
        .find_map(|line| line.strip_prefix("totals: "))?;
    total.trim().parse().ok()
}

#[cfg(unix)]
fn make_executable(file: &Path) -> crate::Result {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::set_permissions(
        file,
        fs::Permissions::from_mode(0o755),
    )?)
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> crate::Result {
    Err("valgrind needs Unix".into())
}

#[cfg(test)]
mod tests {
    use super::total;

    #[test]
    fn the_total_is_that_of_the_whole_run() {
        let counts = "events: Ir\nsummary: 12\n\nfn=main\n1 12\ntotals: 1234\n";
        assert_eq!(total(counts), Some(1234));
        assert_eq!(total("events: Ir\n"), None);
    }
}
