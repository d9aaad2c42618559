//! Following the state of the checks without asking all the time.

use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::timeout;

use super::board::Board;
use crate::clock;
use crate::self_test::SelfTestRuns;

/// The clock that is waited by stands still while the machine sleeps, and the one that results age by
/// does not: this is how late the first look at it may be.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// Tells when a [`Snapshot`](crate::Snapshot) may say something else than the last one did.
///
/// [`Engine::changes`](crate::Engine::changes) makes it. Something else means: a check is in another state,
/// in maintenance or not any more, there or not any more, the instance stands elsewhere in its lifecycle,
/// or a run of self-tests has begun, has come further or is over
/// ([`Engine::self_test_runs`](crate::Engine::self_test_runs)). That one more run of a health check has
/// ended as the last one did is no news.
///
/// A result that gets too old is news, too, by the clock of whoever waits: it comes whatever became of the
/// engine's own thread. Several changes in a row may come as one.
#[derive(Clone, Debug)]
pub struct Changes {
    board: Arc<Board>,
    told: watch::Receiver<u64>,
    told_of_self_tests: watch::Receiver<u64>,
    /// Has the sender: a receiver without one is told all the time.
    _runs: Arc<SelfTestRuns>,
    /// Before the last look: what time has changed since then is news.
    looked_at: Instant,
}

impl Changes {
    pub(crate) fn new(board: Arc<Board>, runs: Arc<SelfTestRuns>) -> Self {
        Self {
            told: board.changes(),
            told_of_self_tests: runs.changes(),
            _runs: runs,
            board,
            looked_at: clock::now(),
        }
    }

    /// Waits until there is something new since it last came, or since this was made.
    ///
    /// It may come for nothing, and never misses anything: look at a snapshot after it came, not before.
    /// It can be dropped at any time and asked again.
    ///
    /// # Panics
    ///
    /// If it is awaited outside of a tokio runtime that has its timers enabled.
    pub async fn changed(&mut self) {
        loop {
            let left = self.left();
            if left.is_zero() || timeout(left, self.is_told()).await.is_ok() {
                break;
            }
        }
        self.told.mark_unchanged();
        self.told_of_self_tests.mark_unchanged();
        self.looked_at = clock::now();
    }

    /// Waits until somebody tells of a change.
    async fn is_told(&mut self) {
        let mut told = pin!(self.told.changed());
        let mut told_of_self_tests = pin!(self.told_of_self_tests.changed());
        poll_fn(|context| {
            let is_told = told.as_mut().poll(context).is_ready();
            if is_told || told_of_self_tests.as_mut().poll(context).is_ready() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    /// Returns how long to wait at most for the next change that time makes.
    fn left(&self) -> Duration {
        let next = self.board.next_change_after(self.looked_at);
        let left = next.map(|at| at.saturating_duration_since(clock::now()));
        left.unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT)
    }
}
