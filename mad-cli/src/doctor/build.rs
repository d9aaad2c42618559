//! What Cargo builds: the libraries and the programs of it.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

/// What was built.
#[derive(Debug)]
pub(super) struct Build {
    pub(super) executables: Vec<Executable>,
    libraries: Vec<Library>,
    /// Those of the arguments that choose features and target.
    pub(super) choices: Vec<OsString>,
}

/// A program.
#[derive(Debug)]
pub(super) struct Executable {
    pub(super) name: String,
    pub(super) package: Package,
    /// The folder of its package.
    pub(super) folder: PathBuf,
    /// The first of its source files.
    pub(super) root: PathBuf,
    pub(super) file: PathBuf,
}

#[derive(Debug)]
struct Library {
    package: Package,
    file: PathBuf,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
}

/// Why nothing was built.
#[derive(Debug, thiserror::Error)]
pub(super) enum BuildError {
    #[error("`cargo build` cannot be started")]
    Start(#[source] io::Error),
    #[error("`cargo build` failed: what it said stands above")]
    Failed,
}

impl Build {
    /// Has Cargo build; what it says on the way goes to the standard error output.
    pub(super) fn run(arguments: &[OsString]) -> Result<Self, BuildError> {
        let output = Command::new("cargo")
            .args(["build", "--message-format=json-render-diagnostics"])
            .args(arguments)
            .stderr(Stdio::inherit())
            .output()
            .map_err(BuildError::Start)?;
        if !output.status.success() {
            return Err(BuildError::Failed);
        }
        let mut build = Self {
            executables: Vec::new(),
            libraries: Vec::new(),
            choices: choices(arguments),
        };
        for line in output.stdout.split(|byte| *byte == b'\n') {
            // Of the other messages none has these fields.
            if let Ok(artifact) = serde_json::from_slice::<Artifact>(line) {
                build.add(artifact);
            }
        }
        Ok(build)
    }

    fn add(&mut self, artifact: Artifact) {
        let (Some(package), Some(folder)) = (
            Package::of_id(&artifact.package_id),
            artifact.manifest_path.parent(),
        ) else {
            return;
        };
        if let Some(file) = artifact.executable {
            self.executables.push(Executable {
                name: artifact.target.name,
                package,
                folder: folder.to_owned(),
                root: artifact.target.src_path,
                file,
            });
            return;
        }
        let files = artifact.filenames.into_iter();
        let libraries = files.filter(|file| file.extension() == Some(OsStr::new("rlib")));
        self.libraries.extend(libraries.map(|file| Library {
            package: package.clone(),
            file,
        }));
    }

    /// Returns the libraries of a package: one for each set of features that it was built with.
    pub(super) fn libraries_of(&self, name: &str, version: &str) -> impl Iterator<Item = &Path> {
        let libraries = self.libraries.iter();
        let libraries =
            libraries.filter(move |it| it.package.name == name && it.package.version == version);
        libraries.map(|it| &*it.file)
    }
}

impl Package {
    /// Reads a package ID specification: `path+file:///src/shop#1.2.0`, or `..#name@1.2.0`.
    fn of_id(id: &str) -> Option<Self> {
        let (place, fragment) = id.rsplit_once('#')?;
        let folder = place.rsplit('/').next()?;
        let (name, version) = fragment.split_once('@').unwrap_or((folder, fragment));
        Some(Self {
            name: name.to_owned(),
            version: version.to_owned(),
        })
    }
}

/// Returns the arguments that decide which dependencies a package has.
fn choices(arguments: &[OsString]) -> Vec<OsString> {
    let mut choices = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let text = argument.to_string_lossy();
        match text.split_once('=').map_or(&*text, |(name, _)| name) {
            "--all-features" | "--no-default-features" => choices.push(argument.clone()),
            "-F" | "--features" | "--target" => {
                choices.push(argument.clone());
                if !text.contains('=') {
                    choices.extend(rest.next().cloned());
                }
            }
            _ => {}
        }
    }
    choices
}

#[derive(Deserialize)]
struct Artifact {
    package_id: String,
    manifest_path: PathBuf,
    target: Target,
    filenames: Vec<PathBuf>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    src_path: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::{Package, choices};

    #[test]
    fn a_package_is_read_in_both_forms_of_its_id() {
        for id in [
            "path+file:///src/shop#1.2.0",
            "path+file:///src/folder#shop@1.2.0",
            "registry+https://example.com/index#shop@1.2.0",
        ] {
            let package = Package::of_id(id).unwrap();
            assert_eq!(
                (&*package.name, &*package.version),
                ("shop", "1.2.0"),
                "{id}"
            );
        }
    }

    #[test]
    fn features_and_target_decide_about_dependencies() {
        let arguments = "--release -p shop --features a,b --target=x --all-features --bin y";
        let arguments: Vec<_> = arguments.split(' ').map(Into::into).collect();
        let expected = ["--features", "a,b", "--target=x", "--all-features"];
        assert_eq!(choices(&arguments), expected);
    }
}
