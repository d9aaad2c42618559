//! Where an instance stands between its start and its end.

use std::fmt;
use std::sync::atomic::Ordering;

use crate::sync::AtomicU8;

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

/// The one word that says where the instance stands, and whether it has ever come up.
///
/// Every write is a read-modify-write of this word alone, and no other memory is published by it,
/// so `Relaxed` would do; `SeqCst` is taken because a probe reads it last, after the states, and
/// that order is worth more than the nanosecond.
#[derive(Debug)]
pub(crate) struct LifecycleCell(AtomicU8);

/// Set when the instance first serves, and never taken back.
const HAS_COME_UP: u8 = 0x80;

impl LifecycleCell {
    pub(crate) fn new() -> Self {
        Self(AtomicU8::new(Lifecycle::Starting as u8))
    }

    pub(crate) fn get(&self) -> Lifecycle {
        lifecycle(self.0.load(Ordering::SeqCst))
    }

    pub(crate) fn has_come_up(&self) -> bool {
        has_come_up(self.0.load(Ordering::SeqCst))
    }

    /// Moves on to `next` if the word is one of `from`.
    pub(crate) fn advance(&self, from: &[Lifecycle], next: Lifecycle) {
        self.update(|now, _| from.contains(&now).then_some(next));
    }

    /// Takes draining back, to where the instance stood before.
    pub(crate) fn resume(&self) {
        self.update(|now, has_come_up| match (now, has_come_up) {
            (Lifecycle::Draining, true) => Some(Lifecycle::Serving),
            (Lifecycle::Draining, false) => Some(Lifecycle::Starting),
            _ => None,
        });
    }

    fn update(&self, step: impl Fn(Lifecycle, bool) -> Option<Lifecycle>) {
        let order = Ordering::SeqCst;
        // An error means that there is nothing to do.
        _ = self.0.fetch_update(order, order, |word| {
            let next = step(lifecycle(word), has_come_up(word))?;
            let comes_up = if next == Lifecycle::Serving {
                HAS_COME_UP
            } else {
                0
            };
            Some(next as u8 | (word & HAS_COME_UP) | comes_up)
        });
    }
}

fn lifecycle(word: u8) -> Lifecycle {
    Lifecycle::ALL[usize::from(word & !HAS_COME_UP)]
}

fn has_come_up(word: u8) -> bool {
    word & HAS_COME_UP != 0
}
