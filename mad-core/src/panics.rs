//! Panics of checks: caught and reported, and not printed a second time.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::{Once, OnceLock};

use crate::outcome::{Cause, Failure};

/// What the hook saw of a panic.
#[derive(Debug)]
struct Seen {
    message: String,
    location: Option<String>,
}

thread_local! {
    static IS_CATCHING: Cell<bool> = const { Cell::new(false) };
    static SEEN: RefCell<Option<Seen>> = const { RefCell::new(None) };
}

type Witness = Box<dyn Fn(&Failure) + Send + Sync>;

/// Who is told of a panic when it happens, in a process that may not live to report it.
static WITNESS: OnceLock<Witness> = OnceLock::new();

/// Has this function called at each panic of a check, before anything else becomes of it.
pub(crate) fn tell(witness: impl Fn(&Failure) + Send + Sync + 'static) {
    // There is one such process for one run.
    _ = WITNESS.set(Box::new(witness));
}

/// Runs `function` and turns a panic into a failure with message and location.
pub(crate) fn catch<T>(function: impl FnOnce() -> T) -> Result<T, Failure> {
    install_hook();
    SEEN.set(None);
    let was_catching = IS_CATCHING.replace(true);
    let result = catch_unwind(AssertUnwindSafe(function));
    IS_CATCHING.set(was_catching);
    result.map_err(|payload| {
        let failure = failure(&*payload);
        drop_payload(payload);
        failure
    })
}

/// Puts our hook before the one that is there, once in the life of the process.
///
/// It is called where an engine starts, on the application's own thread: on another one it could
/// come between the two steps in which the application sets a hook of its own.
///
/// On a thread that catches, the panic is ours to report; everywhere else the application's own
/// hook is called as if we were not there.
pub(crate) fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = take_hook();
        set_hook(Box::new(move |info| {
            if !IS_CATCHING.get() {
                return previous(info);
            }
            let seen = Seen::of(info);
            if let Some(witness) = WITNESS.get() {
                witness(&seen.failure());
            }
            if cfg!(panic = "abort") {
                return previous(info);
            }
            if let Some(first) = SEEN.replace(Some(seen)) {
                // The second panic of a run: most likely in a destructor, while the first one
                // unwinds, and then the process ends here and nothing will ever be reported.
                print(&first);
                previous(info);
            }
        }));
    });
}

impl Seen {
    fn of(info: &PanicHookInfo<'_>) -> Self {
        Self {
            message: message(info.payload()),
            location: info.location().map(ToString::to_string),
        }
    }

    fn failure(&self) -> Failure {
        let failure = Failure::new(Cause::Panicked, self.message.clone());
        match &self.location {
            Some(location) => failure.at(location.clone()),
            None => failure,
        }
    }
}

#[expect(clippy::print_stderr, reason = "panics are told there")]
fn print(seen: &Seen) {
    let location = seen.location.as_deref().unwrap_or("an unknown place");
    eprintln!("a check panicked at {location}:\n{}", seen.message);
}

/// The panic that ended the run. One that the user's code caught itself may have been seen later
/// than the one that got here, so a location counts only beside the very same message.
fn failure(payload: &(dyn Any + Send)) -> Failure {
    let message = message(payload);
    let seen = SEEN.take().filter(|seen| seen.message == message);
    let location = seen.and_then(|seen| seen.location);
    Seen { message, location }.failure()
}

fn message(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "a value that is no text".to_owned()
    }
}

/// A payload is the user's: dropping it may panic too, and that second payload is leaked rather than
/// given the chance to panic again.
pub(crate) fn drop_payload(payload: Box<dyn Any + Send>) {
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(second);
    }
}

#[cfg(test)]
mod tests {
    use super::catch;

    #[test]
    fn a_panic_is_reported_with_message_and_location() {
        let failure = catch(|| panic!("order {} lost", 7)).unwrap_err();
        assert_eq!(failure.message(), "order 7 lost");
        assert!(failure.location().unwrap().contains("panics.rs:"));
    }

    #[test]
    fn a_panic_that_the_user_caught_lends_its_location_to_no_other() {
        let failure = catch(|| {
            drop(std::panic::catch_unwind(|| panic!("caught")));
            std::panic::resume_unwind(Box::new("resumed"))
        })
        .map(|(): ()| ())
        .unwrap_err();
        assert_eq!((failure.message(), failure.location()), ("resumed", None));
    }

    #[test]
    fn a_payload_that_panics_when_dropped_is_survived() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("in drop");
            }
        }
        let failure = catch(|| std::panic::panic_any(Bomb))
            .map(|(): ()| ())
            .unwrap_err();
        assert_eq!(failure.message(), "a value that is no text");
    }
}
