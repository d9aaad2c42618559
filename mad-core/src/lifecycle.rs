//! Where an instance stands between its start and its end.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};

/// Where an instance stands between its start and its end.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum Lifecycle {
    /// The startup checks have not all passed yet.
    Starting,
    /// Requests are welcome.
    Serving,
    /// No new requests, please: the instance is about to leave. Liveness stays good.
    Draining,
    /// Nothing runs any more.
    Stopped,
}

impl Lifecycle {
    const ALL: [Self; 4] = [Self::Starting, Self::Serving, Self::Draining, Self::Stopped];

    /// Returns the word used in JSON: `starting`, `serving`, `draining` or `stopped`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Serving => "serving",
            Self::Draining => "draining",
            Self::Stopped => "stopped",
        }
    }
}

impl fmt::Display for Lifecycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The one word that says where the instance stands.
///
/// Every write is a read-modify-write of this word alone, and no other memory is published by it,
/// so `Relaxed` would do; `SeqCst` is taken because a probe reads it last, after the states, and
/// that order is worth more than the nanosecond.
#[derive(Debug)]
pub(crate) struct LifecycleCell(AtomicU8);

impl LifecycleCell {
    pub(crate) fn new() -> Self {
        Self(AtomicU8::new(Lifecycle::Starting as u8))
    }

    pub(crate) fn get(&self) -> Lifecycle {
        Lifecycle::ALL[usize::from(self.0.load(Ordering::SeqCst))]
    }

    /// Moves on to `next` if the word is one of `from`; returns whether it moved.
    pub(crate) fn advance(&self, from: &[Lifecycle], next: Lifecycle) -> bool {
        let step = |word: u8| {
            let now = Lifecycle::ALL[usize::from(word)];
            from.contains(&now).then_some(next as u8)
        };
        let order = Ordering::SeqCst;
        self.0.fetch_update(order, order, step).is_ok()
    }
}
