//! What is built of dependencies: once, whoever of the workers needs it first.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;

/// The right to build dependencies, which one worker has at a time. Cargo keeps all processors busy with them, and what one
/// has built the next takes over.
#[derive(Debug)]
pub(super) struct Dependencies {
    turn: Mutex<()>,
    /// Where the workers build.
    folders: Vec<PathBuf>,
}

/// The turn of a worker, for as long as it is held.
#[derive(Debug)]
pub(super) struct Turn<'walk> {
    _turn: MutexGuard<'walk, ()>,
    folders: &'walk [PathBuf],
}

impl Dependencies {
    /// Those of workers that build in these folders.
    pub(super) fn of(folders: Vec<PathBuf>) -> Self {
        Self {
            turn: Mutex::new(()),
            folders,
        }
    }

    /// Into how many pieces a crate is to be cut, which are compiled at once: as many as there are processors for each worker.
    pub(super) fn pieces(&self) -> usize {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        processors.div_ceil(self.folders.len().max(1))
    }

    /// Whether somebody builds some.
    pub(super) fn are_being_built(&self) -> bool {
        matches!(self.turn.try_lock(), Err(TryLockError::WouldBlock))
    }

    /// Waits until no other worker builds any.
    pub(super) fn wait(&self) -> Turn<'_> {
        Turn {
            _turn: self.turn.lock().unwrap_or_else(PoisonError::into_inner),
            folders: &self.folders,
        }
    }
}

impl Turn<'_> {
    /// Where the workers build.
    pub(super) fn folders(&self) -> &[PathBuf] {
        self.folders
    }
}
