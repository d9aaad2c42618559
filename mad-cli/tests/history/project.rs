//! A repository with a history that is known, and the program that is run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// When the first commit is made; each further one an hour later.
pub(crate) const BEGINNING: i64 = 1_700_000_000;

/// A git repository in a folder of its own, beside a cache folder and a store that are its own as well.
#[derive(Debug)]
pub(crate) struct Project {
    folder: TempDir,
    n_commits: i64,
}

impl Project {
    pub(crate) fn new() -> Self {
        let project = Self {
            folder: tempfile::tempdir().unwrap(),
            n_commits: 0,
        };
        fs::create_dir(project.root()).unwrap();
        project.git(&["init", "--quiet", "--initial-branch=main"]);
        for (name, value) in [
            ("user.name", "Somebody"),
            ("user.email", "somebody@example.com"),
        ] {
            project.git(&["config", name, value]);
        }
        project
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// Where the program keeps its work trees.
    pub(crate) fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.folder.path().join("mad.db")
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Commits all that is in the folder, an hour after the commit before; returns the new commit.
    pub(crate) fn commit(&mut self, message: &str) -> String {
        let date = BEGINNING + 3_600 * self.n_commits;
        self.commit_at(message, date)
    }

    pub(crate) fn commit_at(&mut self, message: &str, date: i64) -> String {
        self.git(&["add", "--all"]);
        let date = format!("{date} +0000");
        let output = self
            .git_command(&["commit", "--quiet", "--allow-empty", "--message", message])
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        self.n_commits += 1;
        self.git(&["rev-parse", "HEAD"])
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = self.git_command(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {output:?}");
        text(&output.stdout).trim_end().to_owned()
    }

    fn git_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(self.root()).args(arguments);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null");
        command
    }

    /// The program, in the folder of the project.
    pub(crate) fn mad_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mad"));
        command
            .args(arguments)
            .current_dir(self.root())
            .env("XDG_CACHE_HOME", self.cache())
            .env("MAD_STORE", self.store());
        command
    }

    pub(crate) fn mad(&self, arguments: &[&str]) -> Output {
        self.mad_command(arguments).output().unwrap()
    }

    /// What the program prints, which has to be content with its work.
    pub(crate) fn mad_prints(&self, arguments: &[&str]) -> String {
        let output = self.mad(arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
        text(&output.stdout)
    }

    pub(crate) fn file(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap()
    }

    pub(crate) fn beside(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A path as an argument.
pub(crate) fn argument(path: &Path) -> &str {
    path.to_str().unwrap()
}
