//! Cargo projects that a test writes: what a workspace of one edition cannot show.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A workspace of its own, whose packages depend on mad-core.
#[derive(Debug)]
pub struct Project {
    folder: PathBuf,
    target: PathBuf,
}

/// What Cargo came to.
#[derive(Debug)]
pub struct Built {
    /// Whether it succeeded.
    pub is_success: bool,
    /// What it printed, on both of its streams.
    pub printed: String,
}

impl Project {
    /// Writes a project of this name, with its packages `(name, edition, source)`, below a folder
    /// that Cargo keeps for tests.
    ///
    /// What is built there is kept for the next time, and shared by all projects of the folder.
    ///
    /// # Panics
    ///
    /// If a file cannot be written.
    pub fn new(tests: &str, name: &str, packages: &[(&str, &str, &str)]) -> Self {
        let projects = Path::new(tests).join("projects");
        let project = Self {
            folder: projects.join(name),
            target: projects.join("target"),
        };
        project.write(
            "Cargo.toml",
            "[workspace]\nmembers = [\"*\"]\nresolver = \"3\"\n",
        );
        // The versions are those of this repository, which are on this machine already.
        project.write("Cargo.lock", include_str!("../../Cargo.lock"));
        for (package, edition, source) in packages {
            project.write(
                &format!("{package}/Cargo.toml"),
                &manifest(package, edition),
            );
            project.write(&format!("{package}/src/lib.rs"), source);
        }
        project
    }

    /// Runs Cargo in the project, without a network.
    ///
    /// # Panics
    ///
    /// If Cargo cannot be started.
    pub fn cargo(&self, arguments: &[&str]) -> Built {
        let output = Command::new(env!("CARGO"))
            .args(arguments)
            .args(["--offline", "--color=never"])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.target)
            .output();
        let output = output.unwrap_or_else(|error| panic!("cannot start cargo: {error}"));
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Built {
            is_success: output.status.success(),
            printed: text(&output.stdout) + &text(&output.stderr),
        }
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.folder.join(file);
        // Cargo builds again what is newer than what it built.
        if fs::read_to_string(&path).is_ok_and(|there| there == text) {
            return;
        }
        let parent = path.parent().unwrap_or(&self.folder);
        let written = fs::create_dir_all(parent).and_then(|()| fs::write(&path, text));
        written.unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
    }
}

fn manifest(package: &str, edition: &str) -> String {
    let mad_core = concat!(env!("CARGO_MANIFEST_DIR"), "/../mad-core");
    format!(
        "[package]\n\
         name = \"{package}\"\n\
         version = \"0.0.0\"\n\
         edition = \"{edition}\"\n\
         [features]\n\
         x = []\n\
         [dependencies]\n\
         mad-core = {{ path = {mad_core:?} }}\n\
         rstest = {{ version = \"*\", default-features = false }}\n\
         test-case = \"*\"\n"
    )
}
