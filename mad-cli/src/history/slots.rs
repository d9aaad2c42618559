//! Where work trees and what is built in them are: a folder for each worker, outside of every checkout.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::leftovers;
use super::machine::variable;
use crate::fingerprint;
use crate::git::{GitError, Repository, remove_folder};

const TREE: &str = "tree";
const TARGET: &str = "target";

/// A folder that is ours as long as this is held.
#[derive(Debug)]
pub(super) struct Slot {
    folder: PathBuf,
    repository: Repository,
    _lock: File,
}

impl Slot {
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the work tree is.
    pub(super) fn tree(&self) -> PathBuf {
        self.folder.join(TREE)
    }

    /// Where Cargo builds.
    pub(super) fn target(&self) -> PathBuf {
        self.folder.join(TARGET)
    }

    /// Makes the work tree, in place of one that was there before.
    pub(super) fn make_tree(&self, commit: &str) -> Result<Repository, SlotError> {
        self.clear()?;
        let tree = self.repository.add_work_tree(&self.tree(), commit);
        tree.map_err(SlotError::NoTree)
    }

    /// Ends what still works here.
    pub(super) fn end_processes(&self) {
        leftovers::end(&self.folder);
    }

    /// Takes away what a run left here that was killed: processes first, as they might write again, and then the folder,
    /// as git asks for nothing in one that is gone.
    fn clear(&self) -> Result<(), SlotError> {
        self.end_processes();
        let tree = self.tree();
        remove_folder(&tree).map_err(|error| SlotError::Folder(tree.clone(), error))?;
        let trees = self.repository.work_trees().map_err(SlotError::Git)?;
        if trees.contains(&tree) {
            self.repository
                .remove_work_tree(&tree)
                .map_err(SlotError::Git)?;
        }
        Ok(())
    }

    /// Takes all away.
    pub(super) fn remove(self) -> Result<(), SlotError> {
        self.clear()?;
        remove_folder(&self.folder).map_err(|error| SlotError::Folder(self.folder.clone(), error))
    }
}

/// Takes so many folders for the work on a repository, and clears up what dead runs left in any.
pub(super) fn take(
    repository: &Repository,
    given: Option<&Path>,
    n: usize,
) -> Result<Vec<Slot>, SlotError> {
    let place = place(repository, given)?;
    fs::create_dir_all(&place).map_err(|error| SlotError::Folder(place.clone(), error))?;
    let place = place
        .canonicalize()
        .map_err(|error| SlotError::Folder(place.clone(), error))?;
    if place.starts_with(repository.root()) {
        return Err(SlotError::Inside(place));
    }
    let mut taken = Vec::new();
    let mut number = 0;
    loop {
        let folder = place.join(format!("worker-{number}"));
        let is_needed = taken.len() < n;
        if !is_needed && !folder.exists() {
            break;
        }
        if let Some(slot) = try_take(repository, &place, number)? {
            slot.clear()?;
            if is_needed {
                taken.push(slot);
            } else {
                slot.remove()?;
            }
        }
        number += 1;
    }
    Ok(taken)
}

/// A folder that no other run holds. The lock goes with the process, however that ends.
fn try_take(
    repository: &Repository,
    place: &Path,
    number: usize,
) -> Result<Option<Slot>, SlotError> {
    let folder = place.join(format!("worker-{number}"));
    let wrong = |error| SlotError::Folder(folder.clone(), error);
    let lock = File::create(place.join(format!("worker-{number}.lock"))).map_err(wrong)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => return Ok(None),
        Err(fs::TryLockError::Error(error)) => return Err(wrong(error)),
    }
    fs::create_dir_all(&folder).map_err(wrong)?;
    Ok(Some(Slot {
        folder,
        repository: repository.clone(),
        _lock: lock,
    }))
}

/// The folder for all work on a repository: the user's cache, unless another was given.
fn place(repository: &Repository, given: Option<&Path>) -> Result<PathBuf, SlotError> {
    let root = repository.root();
    let name = root.file_name().unwrap_or_default().to_string_lossy();
    let own = format!(
        "{name}-{}",
        &fingerprint::of([&*root.to_string_lossy()])[..12]
    );
    if let Some(given) = given {
        return Ok(given.join(own));
    }
    let absolute = |name: &str| {
        variable(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
    let cache = cache.ok_or(SlotError::Nowhere)?;
    Ok(cache.join("mad").join("history").join(own))
}

/// Why there is no place to work at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SlotError {
    #[error("neither XDG_CACHE_HOME nor HOME names a folder; name one with --work-dir")]
    Nowhere,
    #[error("{} is inside of the repository, where it would be part of it; name another folder with --work-dir", .0.display())]
    Inside(PathBuf),
    #[error("{} cannot be used", .0.display())]
    Folder(PathBuf, #[source] io::Error),
    #[error("no work tree can be made")]
    NoTree(#[source] GitError),
    #[error("what an earlier run left cannot be taken away")]
    Git(#[source] GitError),
}
