//! The packages of a program, and where the sources of each are.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::SourcesError;
use crate::program::Program;

/// A package that depends on mad-core, so that it could have checks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The folder of its sources, if it is no registry's and no repository's.
    pub folder: Option<PathBuf>,
}

impl Program {
    /// Asks Cargo for the packages of this program that depend on mad-core, and for itself.
    ///
    /// # Errors
    ///
    /// If Cargo does not answer.
    pub fn packages(&self) -> Result<Vec<Package>, SourcesError> {
        let edges = if self.is_test {
            "no-build,no-proc-macro"
        } else {
            "no-dev,no-build,no-proc-macro"
        };
        let mut tree = Command::new(&self.cargo);
        tree.args(["tree", "--frozen", "--quiet", "--color=never"])
            .args(["--invert", "mad-core", "--edges", edges])
            .args(["--prefix", "none", "--no-dedupe", "--format", "{p}"])
            .args(&self.arguments)
            // In the root of a workspace Cargo would take all of its `default-members`.
            .args(["--package", &self.package])
            .arg("--manifest-path")
            .arg(self.folder.join("Cargo.toml"));
        let output = tree.output().map_err(SourcesError::NoCargo)?;
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr);
            return Err(SourcesError::Tree(message.trim().to_owned()));
        }
        let mut packages = Vec::new();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            if let Some(package) = read(line)
                && !packages.contains(&package)
            {
                packages.push(package);
            }
        }
        Ok(packages)
    }
}

/// Reads `name v1.2.3 (/the/folder)`; what is in brackets otherwise is an address.
fn read(line: &str) -> Option<Package> {
    let (name, rest) = line.split_once(" v")?;
    let (version, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let folder = rest.strip_prefix('(').and_then(|it| it.strip_suffix(')'));
    Some(Package {
        name: name.to_owned(),
        version: version.to_owned(),
        folder: folder
            .map(Path::new)
            .filter(|it| it.is_dir())
            .map(Path::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use std::env::temp_dir;

    use super::{Package, read};

    #[test]
    fn the_sources_of_a_package_are_here_if_its_folder_is() {
        let package = |name: &str, version: &str, folder| {
            let (name, version) = (name.to_owned(), version.to_owned());
            Some(Package {
                name,
                version,
                folder,
            })
        };
        let line = format!("dep-b v0.1.0-rc.1 ({})", temp_dir().display());
        assert_eq!(
            read(&line),
            package("dep-b", "0.1.0-rc.1", Some(temp_dir()))
        );
        assert_eq!(read("serde v1.0.0"), package("serde", "1.0.0", None));
        let of_repository = "dep-c v1.0.0 (https://example.com/dep-c#0123)";
        assert_eq!(read(of_repository), package("dep-c", "1.0.0", None));
    }
}
