//! Which measured function called.
//!
//! A thread knows which one it is in. An `async` function is on a thread while it is polled, and only then: what
//! is polled in between is not called by it.

use std::cell::Cell;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::{Call, Measured};

thread_local! {
    static CURRENT: Cell<Caller> = const { Cell::new(Caller(None)) };
}

/// The measured function that called another one, if it was one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller(Option<&'static Measured>);

impl Caller {
    /// Returns the measured function that this thread is in.
    #[inline]
    pub(super) fn current() -> Self {
        CURRENT.get()
    }

    /// Returns its name, or nothing.
    pub(super) fn function(self) -> &'static str {
        self.0.map_or("", |measured| measured.function)
    }

    /// Returns the path of its module, or nothing.
    pub(super) fn module(self) -> &'static str {
        self.0.map_or("", |measured| measured.module)
    }
}

/// What is said of a function stands in one place for as long as the program runs.
impl PartialEq for Caller {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.0.map(std::ptr::from_ref) == other.0.map(std::ptr::from_ref)
    }
}

/// While it lives, what is called on this thread is called by one function.
struct Inside {
    before: Caller,
}

impl Inside {
    #[inline]
    fn of(call: &Call) -> Self {
        let before = CURRENT.replace(Caller(Some(call.measured)));
        Self { before }
    }
}

impl Drop for Inside {
    #[inline]
    fn drop(&mut self) {
        CURRENT.set(self.before);
    }
}

/// Runs the body of a function.
///
/// What it runs is known to be called once, so that the body may give away what it borrows mutably.
#[inline]
pub fn call<R>(call: &Call, body: impl FnOnce() -> R) -> R {
    let _inside = Inside::of(call);
    body()
}

/// Makes the body of an `async` function one that says who it is whenever it is polled.
#[inline]
pub fn within<'a, F: ?Sized>(call: &'a Call, body: Pin<&'a mut F>) -> Within<'a, F> {
    call.rests();
    Within { call, body }
}

/// The body of an `async` function; made by [`within`].
#[derive(Debug)]
pub struct Within<'a, F: ?Sized> {
    call: &'a Call,
    body: Pin<&'a mut F>,
}

/// It is dropped only by a panic.
struct OnePoll<'a>(&'a Call);

impl Drop for OnePoll<'_> {
    #[cold]
    fn drop(&mut self) {
        self.0.panics();
    }
}

impl<F: Future + ?Sized> Future for Within<'_, F> {
    type Output = F::Output;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let _inside = Inside::of(self.call);
        let poll = OnePoll(self.call);
        let polled = self.body.as_mut().poll(context);
        mem::forget(poll);
        polled
    }
}
