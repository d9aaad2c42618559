//! Calls of the functions that are annotated with `#[measured]`.
//!
//! Each function has a [`Site`], and each of its calls a [`Call`] that lives as long as it goes on. What
//! became of a call is told by its returned value, or by that it was dropped without one.

mod build_info;
mod caller;
mod handles;
mod recorder;
mod returned;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Instant;

use caller::Caller;
use handles::Handles;
use recorder::RecorderId;

pub use build_info::BuildInfo;
pub use caller::{Within, call, within};
pub use returned::{ReturnedFromCall, ReturnsAnything, ReturnsFuture, returned};

/// What an annotation says of a function.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// The function's name.
    pub function: &'static str,
    /// The path of its module.
    pub module: &'static str,
    /// Of so many calls one is timed.
    pub sample: u32,
    /// The name of the objective that it is held to, or nothing.
    pub objective: &'static str,
    /// How many percent of the calls are to succeed, or nothing.
    pub success_rate: &'static str,
    /// How many percent of the calls are to be quick enough, or nothing.
    pub latency_percentile: &'static str,
    /// How many seconds are quick enough, or nothing.
    pub latency: &'static str,
}

impl Measured {
    /// What a bare annotation says; name and module are the function's own.
    pub const DEFAULT: Self = Self {
        function: "",
        module: "",
        sample: 1,
        objective: "",
        success_rate: "",
        latency_percentile: "",
        latency: "",
    };
}

/// A function whose calls are measured.
///
/// It keeps the handles that the recorder of the program gave it. A recorder that is installed later has
/// handles of its own, and one that holds for a closure only is asked each time.
#[derive(Debug)]
pub struct Site {
    measured: Measured,
    known: OnceLock<Box<Known>>,
    calls: AtomicU32,
}

/// A recorder of the program, and what it gave for the calls of one caller.
///
/// There are two such recorders at most, nobody and the one installed, and as many callers as there are measured
/// functions that call this one: few.
#[derive(Debug)]
struct Known {
    recorder: RecorderId,
    caller: Caller,
    handles: Handles,
    next: OnceLock<Box<Known>>,
}

impl Site {
    /// Makes one that nobody has called yet.
    pub const fn new(measured: Measured) -> Self {
        Self {
            measured,
            known: OnceLock::new(),
            calls: AtomicU32::new(0),
        }
    }

    /// Begins a call.
    #[inline]
    pub fn begin(&'static self) -> Call {
        let recorder = RecorderId::current();
        let caller = Caller::current();
        let held = match self.known(recorder, caller) {
            Some(handles) => Held::Kept(handles),
            None => self.meet(recorder, caller),
        };
        held.handles().concurrent.increment(1.0);
        Call {
            measured: &self.measured,
            held,
            began: self.is_timed().then(Instant::now),
            is_ok: None,
            is_at_rest: AtomicBool::new(false),
        }
    }

    #[inline]
    fn known(&'static self, recorder: RecorderId, caller: Caller) -> Option<&'static Handles> {
        let mut known = &self.known;
        while let Some(one) = known.get() {
            if one.recorder == recorder && one.caller == caller {
                return Some(&one.handles);
            }
            known = &one.next;
        }
        None
    }

    /// Asks a recorder for the first time, or for the first call of a caller.
    #[cold]
    fn meet(&'static self, recorder: RecorderId, caller: Caller) -> Held {
        let is_that_of_the_program = recorder.is_that_of_the_program();
        build_info::tell(recorder, is_that_of_the_program);
        let handles = Handles::register(&self.measured, caller);
        if !is_that_of_the_program {
            return Held::Own(Box::new(handles));
        }
        let mut known = &self.known;
        let mut one = Box::new(Known {
            recorder,
            caller,
            handles,
            next: OnceLock::new(),
        });
        // Another thread may have met it as well; what one recorder gives is one and the same.
        while let Err(mine) = known.set(one) {
            one = mine;
            known = &known.get().expect("it is taken").next;
        }
        Held::Kept(&known.get().expect("it was just set").handles)
    }

    /// Says whether this call is timed. Two threads may count one call for both, which changes little.
    #[inline]
    fn is_timed(&self) -> bool {
        let sample = self.measured.sample;
        if sample <= 1 {
            return true;
        }
        let calls = self.calls.load(Ordering::Relaxed);
        self.calls.store(calls.wrapping_add(1), Ordering::Relaxed);
        calls.is_multiple_of(sample)
    }
}

/// One call that goes on.
#[derive(Debug)]
pub struct Call {
    measured: &'static Measured,
    held: Held,
    /// When it began, if it is timed.
    began: Option<Instant>,
    /// Nothing until it has returned.
    is_ok: Option<bool>,
    /// Whether it is a future's that has not panicked: what else unwinds, then, is not its own.
    is_at_rest: AtomicBool,
}

/// Handles, of the site's or of this call alone.
#[derive(Debug)]
enum Held {
    Kept(&'static Handles),
    Own(Box<Handles>),
}

impl Held {
    #[inline]
    fn handles(&self) -> &Handles {
        match self {
            Self::Kept(handles) => handles,
            Self::Own(handles) => handles,
        }
    }
}

impl Call {
    /// Ends a call that has returned.
    #[inline]
    pub(crate) fn end(mut self, is_ok: bool) {
        self.is_ok = Some(is_ok);
    }

    /// Says that it is a future's.
    fn rests(&self) {
        self.is_at_rest.store(true, Ordering::Relaxed);
    }

    /// Says that its own future panics.
    fn panics(&self) {
        self.is_at_rest.store(false, Ordering::Relaxed);
    }
}

impl Drop for Call {
    #[inline]
    fn drop(&mut self) {
        let handles = self.held.handles();
        handles.concurrent.decrement(1.0);
        let is_ok = match self.is_ok {
            Some(is_ok) => is_ok,
            None if thread::panicking() && !*self.is_at_rest.get_mut() => false,
            // A future that nobody wanted any more. It has neither failed nor taken its time.
            None => return handles.cancelled.increment(1),
        };
        if let Some(began) = self.began {
            handles.duration.record(began.elapsed().as_secs_f64());
        }
        let calls = if is_ok { &handles.ok } else { &handles.error };
        calls.increment(1);
    }
}
