//! The end of the control thread, however it comes.

use std::sync::Arc;

use super::board::Board;
use crate::clock::Moment;
use crate::heartbeat::Heartbeat;
use crate::lifecycle::Lifecycle;
use crate::self_test::SelfTestRuns;
use crate::sync::{Condvar, Mutex};

#[cfg(all(test, mad_loom))]
mod interleavings;

/// Tells whoever waits that the control thread has ended.
#[derive(Debug, Default)]
pub(crate) struct End {
    has_come: Mutex<bool>,
    is_come: Condvar,
}

impl End {
    /// Waits until it has come.
    pub(crate) fn wait(&self) {
        let mut has_come = self.has_come.lock();
        self.is_come
            .wait_while(&mut has_come, |has_come| !*has_come);
    }
}

/// What holds when the control thread has ended, also when it panicked: every probe fails, and
/// nobody waits for a run of self-tests that nobody goes on with.
#[derive(Debug)]
pub(crate) struct AtTheEnd {
    pub(crate) board: Arc<Board>,
    pub(crate) runs: Arc<SelfTestRuns>,
    pub(crate) heartbeat: Arc<Heartbeat>,
    pub(crate) end: Arc<End>,
}

impl Drop for AtTheEnd {
    fn drop(&mut self) {
        let alive = [Lifecycle::Starting, Lifecycle::Serving, Lifecycle::Draining];
        self.board.advance(&alive, Lifecycle::Stopped);
        self.runs.close(Moment::now());
        self.heartbeat.stop();
        *self.end.has_come.lock() = true;
        self.end.is_come.notify_all();
    }
}
