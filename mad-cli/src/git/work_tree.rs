//! Work trees of our own: made, moved to a commit, taken away. The only place that writes.

use std::fs;
use std::io;
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
        // Without it git would take the work tree for a folder of whatever repository is above.
        if !self.root.join(".git").is_file() {
            return Err(GitError::NoWorkTree(self.root.clone()));
        }
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

/// Takes a folder away, if there is one, and be it that somebody has made folders in it that may not be written.
pub(crate) fn remove_folder(folder: &Path) -> io::Result<()> {
    let removed = match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            make_writable(folder)?;
            fs::remove_dir_all(folder)
        }
        removed => removed,
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Gives this user all rights to a folder and to those in it.
fn make_writable(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        let rights = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        fs::set_permissions(folder, rights)?;
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            make_writable(&entry.path())?;
        }
    }
    Ok(())
}
