//! What a thread knows of itself.

use std::cell::Cell;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

/// How often a thread adds between two looks at whether others do, too. In a model, it looks each time.
const BETWEEN_LOOKS: u32 = if cfg!(all(test, mad_loom)) { 1 } else { 256 };

const UNKNOWN: usize = usize::MAX;

thread_local! {
    static NUMBER: Cell<usize> = const { Cell::new(UNKNOWN) };
    static SINCE_LOOK: Cell<u32> = const { Cell::new(0) };
}

/// Returns the number of the thread that calls; threads are counted as they come here.
#[inline]
pub(super) fn number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    NUMBER.with(|number| {
        if number.get() == UNKNOWN {
            number.set(NEXT.fetch_add(1, Relaxed));
        }
        number.get()
    })
}

/// Says whether the thread has added often enough to look whether others do, too.
#[inline]
pub(super) fn is_time_to_look() -> bool {
    SINCE_LOOK.with(|since| {
        let next = since.get().wrapping_add(1);
        since.set(next);
        next.is_multiple_of(BETWEEN_LOOKS)
    })
}
