//! Whether what a snapshot said still stands.

use std::sync::Arc;
use std::time::Instant;

use super::board::{Board, Marked};
use crate::clock;

/// Tells whether a [`Snapshot`](crate::Snapshot) would still say the same of the checks.
///
/// [`Engine::standing`](crate::Engine::standing) makes it, before the snapshot is taken that it is about. As long
/// as it [`holds`](Self::holds), another snapshot would have the same lifecycle, checks, health, maintenance and
/// records; ages, the moment and the lags of runtimes pass all the same. To ask reads a
/// clock and a counter, where a snapshot looks at each check: it is for whoever keeps what was made of one, and is asked
/// very often.
#[derive(Clone, Debug)]
pub struct Standing {
    board: Arc<Board>,
    /// None if something was being written.
    marked: Option<Marked>,
}

impl Standing {
    pub(super) fn of(board: Arc<Board>, now: Instant) -> Self {
        Self {
            marked: board.mark(now),
            board,
        }
    }

    /// Says whether a snapshot would still say the same.
    ///
    /// It does not once a run has ended, whatever came of it, once anything else was done, or once a result is too
    /// old or a maintenance over, by the clock of whoever asks. What is being done counts as done: where a snapshot
    /// already says something else, this does not hold.
    pub fn holds(&self) -> bool {
        let holds = |marked| self.board.stands(marked, clock::now());
        self.marked.as_ref().is_some_and(holds)
    }
}
