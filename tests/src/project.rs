//! Small Cargo projects that depend on the crates of the workspace, as a user's do.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A project in a folder that stays from one run of the tests to the next, so that Cargo has little to
/// build.
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
    /// Writes the project into `scratch`; `{workspace}` in a file stands for the folder of the workspace.
    ///
    /// What is written already keeps its time, which is what Cargo looks at. All projects of a scratch
    /// folder are built in one target folder.
    ///
    /// # Panics
    ///
    /// If a file cannot be written.
    pub fn write(scratch: &str, name: &str, files: &[(&str, &str)]) -> Self {
        let project = Self {
            folder: Path::new(scratch).join(name),
            target: Path::new(scratch).join("target"),
        };
        fs::create_dir_all(&project.folder).unwrap();
        // Tests that share a project may run at once, and in processes of their own.
        let lock = File::create(project.folder.join(".lock")).unwrap();
        lock.lock().unwrap();
        for (file, text) in files {
            project.write_file(file, text);
        }
        project.take_versions();
        project
    }

    /// Writes one file, unless it has this text.
    ///
    /// # Panics
    ///
    /// If it cannot be written.
    pub fn write_file(&self, file: &str, text: &str) {
        let file = self.folder.join(file);
        let workspace = workspace();
        let workspace = workspace.to_str().expect("the workspace's path is UTF-8");
        let text = text.replace("{workspace}", workspace);
        if fs::read_to_string(&file).is_ok_and(|there| there == text) {
            return;
        }
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// Takes the versions that the workspace has, which are all that is sure to be downloaded.
    fn take_versions(&self) {
        let theirs = fs::read_to_string(workspace().join("Cargo.lock")).unwrap();
        let taken = self.folder.join("Cargo.lock.taken");
        if fs::read_to_string(&taken).is_ok_and(|taken| taken == theirs) {
            return;
        }
        fs::write(self.folder.join("Cargo.lock"), &theirs).unwrap();
        fs::write(taken, theirs).unwrap();
    }

    /// Describes a run of Cargo in the project, without a network.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(arguments)
            .args(["--offline", "--color=never"])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.target);
        cargo
    }

    /// Runs Cargo in the project.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    pub fn cargo(&self, arguments: &[&str]) -> Built {
        let output = self.command(arguments).output().expect("Cargo is there");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Built {
            is_success: output.status.success(),
            printed: text(&output.stdout) + &text(&output.stderr),
        }
    }

    /// Runs Cargo in the project, and returns what it wrote to its standard output.
    ///
    /// # Panics
    ///
    /// If it fails.
    #[track_caller]
    pub fn cargo_succeeds(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("Cargo is there");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "cargo {arguments:?}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs another program in the project, whose Cargo builds where that of the project does.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    pub fn run(&self, mut program: Command) -> Output {
        program
            .current_dir(&self.folder)
            .env("CARGO", env!("CARGO"))
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_NET_OFFLINE", "true");
        program.output().expect("the program is there")
    }

    /// Returns the folder that it is in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the folder that it is built in.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Returns the file that Cargo made in this profile: a program or a library.
    pub fn made(&self, profile: &str, file: &str) -> PathBuf {
        self.target.join(profile).join(file)
    }
}

fn workspace() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the package is in it").to_owned()
}
