//! The packages whose sources are here: this one, and what it depends on by path.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A package with checks, or one that could have some.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) folder: PathBuf,
}

/// Asks Cargo for the packages of this program, which is one of `package`, `name@version`, that depend on mad-core and are no registry's.
///
/// # Errors
///
/// If Cargo does not answer.
pub(super) fn of_program(
    cargo: &str,
    package: &str,
    folder: &Path,
) -> Result<Vec<Package>, String> {
    let mut tree = Command::new(cargo);
    tree.args(["tree", "--frozen", "--quiet", "--color=never"])
        .args(["--invert", "mad-core", "--edges", "no-build,no-proc-macro"])
        .args(["--prefix", "none", "--no-dedupe", "--format", "{p}"])
        // In the root of a workspace Cargo would take all of its `default-members`.
        .args(["--package", package])
        .arg("--manifest-path")
        .arg(folder.join("Cargo.toml"));
    let output = tree
        .output()
        .map_err(|error| format!("`cargo tree` cannot be started: {error}"))?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`cargo tree` failed: {}", message.trim()));
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

/// Reads `name v1.2.3 (/the/folder)`; what is in brackets otherwise is an address.
fn read(line: &str) -> Option<Package> {
    let (name, rest) = line.split_once(" v")?;
    let (_, folder) = rest.split_once(" (")?;
    let folder = PathBuf::from(folder.strip_suffix(')')?);
    folder.is_dir().then(|| Package {
        name: name.to_owned(),
        folder,
    })
}

#[cfg(test)]
mod tests {
    use std::env::temp_dir;

    use super::{Package, read};

    #[test]
    fn a_package_is_here_if_its_folder_is() {
        let folder = temp_dir();
        let package = Package {
            name: "dep-b".to_owned(),
            folder: folder.clone(),
        };
        let line = format!("dep-b v0.1.0-rc.1 ({})", folder.display());
        assert_eq!(read(&line), Some(package));
        assert_eq!(read("serde v1.0.0"), None);
        assert_eq!(read("dep-c v1.0.0 (https://example.com/dep-c#0123)"), None);
    }
}
