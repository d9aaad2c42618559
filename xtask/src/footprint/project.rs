//! A project that is made from a template and built from nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use super::proc;
use crate::command;
use crate::workspace::Workspace;

/// What a project is made from.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) name: &'static str,
    /// Its `Cargo.toml`; `{workspace}` stands for the root of ours.
    pub(crate) manifest: &'static str,
    /// Its `main.rs`.
    pub(crate) source: &'static str,
    /// How many ports the program takes as arguments and listens on.
    pub(crate) n_ports: usize,
}

/// A project on disk.
#[derive(Debug)]
pub(crate) struct Project {
    name: &'static str,
    folder: PathBuf,
}

/// What a build took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Build {
    pub(crate) wall: Duration,
    /// The time of all processors together.
    pub(crate) cpu: Duration,
}

impl Project {
    /// Writes the project, with the dependencies in the versions that the workspace has.
    ///
    /// # Errors
    ///
    /// If a file cannot be written.
    pub(crate) fn create(workspace: &Workspace, template: &Template) -> crate::Result<Self> {
        let folder = workspace.scratch("footprint").join(template.name);
        let root = workspace
            .root
            .to_str()
            .ok_or("the workspace's path is not UTF-8")?;
        fs::create_dir_all(folder.join("src"))?;
        fs::write(
            folder.join("Cargo.toml"),
            template.manifest.replace("{workspace}", root),
        )?;
        fs::write(folder.join("src/main.rs"), template.source)?;
        fs::copy(workspace.root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        Ok(Self {
            name: template.name,
            folder,
        })
    }

    /// Counts the crates that it pulls in, itself not among them.
    ///
    /// # Errors
    ///
    /// If Cargo fails.
    pub(crate) fn count_crates(&self) -> crate::Result<usize> {
        let select = ["tree", "--edges", "normal,build", "--prefix", "none"];
        let tree = command::output(&mut self.cargo(&select))?;
        Ok(unique_crates(&tree) - 1)
    }

    /// Builds it from nothing, with what it needs downloaded before.
    ///
    /// # Errors
    ///
    /// If Cargo fails.
    pub(crate) fn build(&self) -> crate::Result<Build> {
        command::run(&mut self.cargo(&["fetch"]))?;
        if self.target().exists() {
            fs::remove_dir_all(self.target())?;
        }
        let cpu_before = proc::cpu_of_children()?;
        let start = Instant::now();
        command::run(&mut self.cargo(&["build", "--release", "--locked"]))?;
        Ok(Build {
            wall: start.elapsed(),
            cpu: proc::cpu_of_children()?.saturating_sub(cpu_before),
        })
    }

    /// Returns the program that [`build`](Self::build) made.
    pub(crate) fn binary(&self) -> PathBuf {
        let name = format!("footprint-{}", self.name);
        self.target().join("release").join(name)
    }

    /// Returns the program's size; the templates have it stripped.
    ///
    /// # Errors
    ///
    /// If it is not there.
    pub(crate) fn binary_bytes(&self) -> crate::Result<u64> {
        Ok(fs::metadata(self.binary())?.len())
    }

    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = command::cargo(arguments);
        cargo.current_dir(&self.folder);
        cargo.env("CARGO_TARGET_DIR", self.target());
        cargo
    }

    fn target(&self) -> PathBuf {
        self.folder.join("target")
    }
}

/// Counts the different lines of `cargo tree`, which marks those that it repeats.
fn unique_crates(tree: &str) -> usize {
    let lines = tree.lines().map(|line| line.trim_end_matches(" (*)"));
    let lines: BTreeSet<_> = lines.filter(|line| !line.is_empty()).collect();
    lines.len()
}

#[cfg(test)]
mod tests {
    use super::unique_crates;

    #[test]
    fn a_crate_counts_once_and_two_versions_count_twice() {
        let tree =
            "a v1.0.0\nb v1.0.0 (proc-macro)\nc v1.0.0\nb v1.0.0 (proc-macro) (*)\nc v2.0.0\n";
        assert_eq!(unique_crates(tree), 4);
    }
}
