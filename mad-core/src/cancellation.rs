//! The end of a run before its time.

use std::fmt;

use parking_lot::Mutex;

/// Tells a run that it is to end before its time.
///
/// The control cancels; the run, on its own thread, leaves a bell that wakes it from whatever it waits
/// for. The lock is held for a few assignments, and never while the bell rings.
#[derive(Default)]
pub(crate) struct Cancellation(Mutex<State>);

#[derive(Default)]
struct State {
    why: Option<String>,
    bell: Option<Bell>,
}

type Bell = Box<dyn FnOnce() + Send>;

impl Cancellation {
    /// Cancels the run. The first reason counts.
    pub(crate) fn cancel(&self, why: String) {
        let mut state = self.0.lock();
        state.why.get_or_insert(why);
        let bell = state.bell.take();
        drop(state);
        if let Some(bell) = bell {
            bell();
        }
    }

    /// Rings this bell when the run is cancelled: at once, if it is already.
    pub(crate) fn when_cancelled(&self, bell: impl FnOnce() + Send + 'static) {
        let mut state = self.0.lock();
        if state.why.is_none() {
            state.bell = Some(Box::new(bell));
            return;
        }
        drop(state);
        bell();
    }

    /// Returns why it was cancelled, if it was.
    pub(crate) fn why(&self) -> Option<String> {
        self.0.lock().why.clone()
    }
}

impl fmt::Debug for Cancellation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cancellation").field(&self.why()).finish()
    }
}
