//! Whose page is written next.

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::yield_now;

/// Pages that are written where probes are answered: one at a time, and what has come meanwhile is looked
/// at before each.
#[derive(Debug)]
pub(crate) struct Pages {
    turns: Semaphore,
}

impl Default for Pages {
    fn default() -> Self {
        Self {
            turns: Semaphore::new(1),
        }
    }
}

impl Pages {
    /// Waits for a turn, which ends when the returned value is dropped.
    pub(crate) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed.
        let turn = self.turns.acquire().await.ok();
        // Writing a page waits for nothing, so that without this one would follow another.
        yield_now().await;
        turn
    }
}
