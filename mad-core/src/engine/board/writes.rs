//! Whether something was written since somebody looked.

use std::sync::atomic::Ordering::SeqCst;

use crate::sync::AtomicU64;

/// How many writes have begun, and how many have ended.
///
/// Nothing that was written is seen by anybody before its beginning is counted, and none is at work when as many
/// have ended as have begun. So whoever marks a moment in which none is, looks, and finds later that none has begun
/// since, would see the same again.
#[derive(Debug)]
pub(super) struct Writes {
    begun: AtomicU64,
    ended: AtomicU64,
}

/// A moment in which nothing was being written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark(u64);

/// Something is being written, for as long as this is there.
#[must_use]
pub(super) struct Writing<'a>(&'a Writes);

impl Writes {
    pub(super) fn new() -> Self {
        Self {
            begun: AtomicU64::new(0),
            ended: AtomicU64::new(0),
        }
    }

    pub(super) fn begin(&self) -> Writing<'_> {
        self.begun.fetch_add(1, SeqCst);
        Writing(self)
    }

    /// Marks this moment, unless something is being written.
    pub(super) fn mark(&self) -> Option<Mark> {
        // In this order: what ends in between would be taken for what has begun.
        let ended = self.ended.load(SeqCst);
        let begun = self.begun.load(SeqCst);
        (begun == ended).then_some(Mark(begun))
    }

    /// Says whether nothing was written since.
    pub(super) fn are_none_since(&self, mark: Mark) -> bool {
        self.begun.load(SeqCst) == mark.0
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, SeqCst);
    }
}
