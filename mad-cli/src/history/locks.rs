//! The lock file of commits without one: what the first build makes of it, all others get.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::tree::{MANIFEST, Tree};
use crate::fingerprint;

const LOCK: &str = "Cargo.lock";

/// Where lock files may be, and where they are kept.
#[derive(Debug)]
pub(super) struct Locks {
    /// Where Cargo may have its lock file: where it is run, or in any folder above. Each as a path from the top.
    paths: Vec<String>,
    /// The folder of the workshop; what is kept is beside it, for all workshops.
    workshop: PathBuf,
}

impl Locks {
    /// Those of commits at which Cargo is run in a folder.
    pub(super) fn new(folder: &Path, workshop: &Path) -> Self {
        let path = |folder: &Path| folder.join(LOCK).to_string_lossy().into_owned();
        Self {
            paths: folder.ancestors().map(path).collect(),
            workshop: workshop.to_owned(),
        }
    }

    /// Puts what is kept into a work tree.
    pub(super) fn put(&self, root: &Path, tree: &Tree) -> io::Result<()> {
        for lock in &self.paths {
            let kept = self.kept(lock);
            let manifest = lock.replace(LOCK, MANIFEST);
            if !tree.has(lock) && tree.has(&manifest) && kept.exists() {
                fs::copy(kept, root.join(lock))?;
            }
        }
        Ok(())
    }

    /// Keeps the lock file that a build made where the commit has none: all such commits get the same.
    pub(super) fn keep(&self, root: &Path, built: Option<&Tree>) -> io::Result<()> {
        for lock in &self.paths {
            let has_own = built.is_some_and(|tree| tree.has(lock));
            let (made, kept) = (root.join(lock), self.kept(lock));
            if has_own || kept.exists() || !made.is_file() {
                continue;
            }
            // Whole or not at all, whoever else does the same.
            let beside = self.workshop.join(LOCK);
            fs::copy(made, &beside)?;
            fs::rename(beside, kept)?;
        }
        Ok(())
    }

    /// Where it is kept, of the path from the top.
    fn kept(&self, lock: &str) -> PathBuf {
        let name = match lock {
            LOCK => LOCK.to_owned(),
            nested => format!("{}-{LOCK}", &fingerprint::of([nested])[..12]),
        };
        self.workshop.with_file_name(name)
    }
}
