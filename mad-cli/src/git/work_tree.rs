//! Work trees of our own: made, moved to a commit, taken away. The only place that writes.

use std::fs;
use std::path::{Path, PathBuf};

use super::{GitError, Repository};

impl Repository {
    /// All work trees of the repository, the user's among them.
    pub(crate) fn work_trees(&self) -> Result<Vec<PathBuf>, GitError> {
        let said = self.ask(["worktree", "list", "--porcelain", "-z"])?;
        let trees = said
            .split('\0')
            .filter_map(|line| line.strip_prefix("worktree "));
        Ok(trees.map(PathBuf::from).collect())
    }

    /// Makes a work tree that has no branch of its own.
    pub(crate) fn add_work_tree(&self, folder: &Path, commit: &str) -> Result<Self, GitError> {
        let words = [
            "worktree",
            "add",
            "--quiet",
            "--detach",
            "--no-checkout",
            "--force",
        ]
        .map(AsRef::as_ref);
        self.ask(
            words
                .into_iter()
                .chain([folder.as_os_str(), commit.as_ref()]),
        )?;
        Ok(Self::at(folder))
    }

    /// Takes a work tree away, with all that is in it, be it that its folder is gone already.
    pub(crate) fn remove_work_tree(&self, folder: &Path) -> Result<(), GitError> {
        let words = ["worktree", "remove", "--force", "--force"].map(AsRef::as_ref);
        self.ask(words.into_iter().chain([folder.as_os_str()]))?;
        Ok(())
    }

    /// Moves this work tree to a commit, whatever is in it. A file that is the same in both is not written.
    pub(crate) fn check_out(&self, commit: &str) -> Result<(), GitError> {
        self.ask(["clean", "-ffdxq"])?;
        self.ask(["checkout", "--quiet", "--force", "--detach", commit, "--"])?;
        Ok(())
    }

    /// Puts what another commit has at a path into this work tree.
    pub(crate) fn overlay(&self, path: &str, commit: &str) -> Result<(), GitError> {
        let source = format!("--source={commit}");
        self.ask(["restore", &source, "--worktree", "--overlay", "--", path])?;
        Ok(())
    }
}

/// Takes a folder away, if there is one.
pub(crate) fn remove_folder(folder: &Path) -> std::io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
