//! Which recorder the `metrics` facade has at this moment, and whether it stays.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// A recorder, known by where it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct RecorderId(usize);

/// Where the recorder of the program was when somebody last looked.
static PROGRAM: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// A recorder that was not the program's when this thread last looked.
    static LOCAL: Cell<usize> = const { Cell::new(0) };
}

impl RecorderId {
    /// Returns the recorder that counts here and now.
    #[inline]
    pub(super) fn current() -> Self {
        metrics::with_recorder(|recorder| Self(std::ptr::from_ref(recorder).cast::<()>().addr()))
    }

    /// Returns where it is.
    pub(super) const fn address(self) -> usize {
        self.0
    }

    /// Says whether it is the recorder of the program: the one that is installed, or the facade's own that
    /// does nothing, as long as there is none.
    ///
    /// These are where they are for ever. One that is set for a closure on some thread is gone after
    /// it, and the next one may be at the same place: it must not be taken for this one. The facade
    /// does not tell which is which, but a thread that has just begun has none of its own.
    pub(super) fn is_that_of_the_program(self) -> bool {
        if PROGRAM.load(Ordering::Relaxed) == self.0 {
            return true;
        }
        if LOCAL.try_with(Cell::get) == Ok(self.0) {
            return false;
        }
        let look = thread::Builder::new()
            .name("mad-recorder".to_owned())
            .spawn(Self::current);
        let program = look.ok().and_then(|thread| thread.join().ok());
        if let Some(Self(address)) = program {
            PROGRAM.store(address, Ordering::Relaxed);
        }
        let is_it = program == Some(self);
        if !is_it {
            // Should the program's ever come to be here, it is asked each time, which is only slow.
            _ = LOCAL.try_with(|local| local.set(self.0));
        }
        is_it
    }
}
