//! Ctrl-C and SIGTERM: what was begun is ended in order; who asks twice is obeyed at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How a shell says that a program was ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

/// Says whether the program is asked to end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt(Arc<Inside>);

#[derive(Debug, Default)]
struct Inside {
    is_raised: Mutex<bool>,
    raised: Condvar,
    flag: Arc<AtomicBool>,
}

impl Interrupt {
    /// Listens to the signals from here on. If whoever started the program has it ignore one of them, as `nohup` does
    /// and a script with `&`, it is left at that.
    pub(crate) fn listen() -> Result<Self, ctrlc::Error> {
        let interrupt = Self::default();
        let raiser = interrupt.clone();
        let listening = ctrlc::try_set_handler(move || {
            if raiser.is_raised() {
                end_at_once();
            }
            raiser.raise();
        });
        match listening {
            Ok(()) | Err(ctrlc::Error::MultipleHandlers) => Ok(interrupt),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn raise(&self) {
        *self.lock() = true;
        self.0.flag.store(true, Ordering::Relaxed);
        self.0.raised.notify_all();
    }

    pub(crate) fn is_raised(&self) -> bool {
        *self.lock()
    }

    /// What turns true when it is raised, for others who look at it.
    pub(crate) fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0.flag)
    }

    /// Waits so long, or until it is raised.
    pub(crate) fn pause(&self, time: Duration) {
        let waited = self
            .0
            .raised
            .wait_timeout_while(self.lock(), time, |is_raised| !*is_raised);
        drop(waited);
    }

    /// Waits until it is raised, and then ends the program after so long, whatever it still waits for.
    pub(crate) fn end_after(&self, grace: Duration) -> ! {
        while !self.is_raised() {
            self.pause(Duration::from_hours(1));
        }
        thread::sleep(grace);
        end_at_once()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, bool> {
        self.0
            .is_raised
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(
    clippy::exit,
    reason = "somebody cannot wait, or waits for what does not come"
)]
fn end_at_once() -> ! {
    std::process::exit(INTERRUPTED)
}
