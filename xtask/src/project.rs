//! A small project that is made from a template to be measured.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::command;
use crate::proc;
use crate::workspace::Workspace;

/// What a project is made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Template {
    /// The name of its package.
    pub(crate) name: &'static str,
    /// Its `Cargo.toml`; `{workspace}` stands for the root of ours, and `{name}` for the name of its package.
    pub(crate) manifest: &'static str,
    /// Its only source file: `src/main.rs` or `src/lib.rs`.
    pub(crate) file: &'static str,
}

/// A project on disk.
#[derive(Debug)]
pub(crate) struct Project {
    template: Template,
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
    /// If a file cannot be written or a dependency cannot be had.
    pub(crate) fn create(
        workspace: &Workspace,
        template: Template,
        source: &str,
    ) -> crate::Result<Self> {
        let folder = workspace.scratch(template.name);
        let root = workspace
            .root
            .to_str()
            .ok_or("the workspace's path is not UTF-8")?;
        fs::create_dir_all(folder.join("src"))?;
        let manifest = template.manifest.replace("{workspace}", root);
        let manifest = manifest.replace("{name}", template.name);
        fs::write(folder.join("Cargo.toml"), manifest)?;
        fs::copy(workspace.root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        let project = Self { template, folder };
        project.write(source)?;
        // It takes out of the lock file what this project does not need, too.
        command::output(&mut project.cargo(&["fetch"]))?;
        Ok(project)
    }

    /// Replaces the source.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub(crate) fn write(&self, source: &str) -> crate::Result {
        Ok(fs::write(self.folder.join(self.template.file), source)?)
    }

    /// Adds a file besides the source, by its path in the project.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub(crate) fn add(&self, path: &str, text: &str) -> crate::Result {
        let file = self.folder.join(path);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(fs::write(file, text)?)
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

    /// Runs a Cargo command that builds it from nothing.
    ///
    /// # Errors
    ///
    /// If Cargo fails.
    pub(crate) fn build_from_nothing(&self, arguments: &[&str]) -> crate::Result<Build> {
        if self.target().exists() {
            fs::remove_dir_all(self.target())?;
        }
        let cpu_before = proc::cpu_of_children()?;
        let start = Instant::now();
        command::run(&mut self.cargo(arguments))?;
        Ok(Build {
            wall: start.elapsed(),
            cpu: proc::cpu_of_children()?.saturating_sub(cpu_before),
        })
    }

    /// Returns the program that a release build makes.
    pub(crate) fn binary(&self) -> PathBuf {
        self.target().join("release").join(self.template.name)
    }

    /// Returns the program's size; the templates have it stripped.
    ///
    /// # Errors
    ///
    /// If it is not there.
    pub(crate) fn binary_bytes(&self) -> crate::Result<u64> {
        Ok(fs::metadata(self.binary())?.len())
    }

    /// Starts the description of a Cargo command in it; `fetch` has downloaded what it needs.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = command::cargo(arguments);
        cargo.current_dir(&self.folder);
        cargo.env("CARGO_TARGET_DIR", self.target());
        cargo
    }

    /// Returns the folder that it is in.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns its target folder.
    pub(crate) fn target(&self) -> PathBuf {
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
