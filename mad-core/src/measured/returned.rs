//! What a function returned, as far as its measurement has to know it.
//!
//! The compiler chooses by type, so that anybody's alias of `Result` is one. An inherent method is found
//! before a trait's, and one of a value before one of a reference to it: a `Result` and a boxed future of
//! one, then any boxed future, then anything. Where the type is a parameter of the function's it is
//! anything, whatever that is in a call.

use std::marker::PhantomData;
use std::pin::Pin;

use super::{Call, within};

/// The type of what was returned.
#[derive(Debug)]
pub struct ReturnedFromCall<R>(PhantomData<fn() -> R>);

/// Returns the type of a value.
#[inline]
pub fn returned<R>(_: &R) -> ReturnedFromCall<R> {
    ReturnedFromCall(PhantomData)
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;
type SendBoxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl<T, E> ReturnedFromCall<Result<T, E>> {
    /// Ends the call.
    ///
    /// # Errors
    ///
    /// The function's own.
    #[inline]
    pub fn finish_measured_call(&self, call: Call, returned: Result<T, E>) -> Result<T, E> {
        call.end(returned.is_ok());
        returned
    }
}

impl<'a, T: 'a, E: 'a> ReturnedFromCall<Boxed<'a, Result<T, E>>> {
    /// Lets the call go on until the future ends: this is what `async` methods of traits become.
    pub fn finish_measured_call(
        &self,
        call: Call,
        mut future: Boxed<'a, Result<T, E>>,
    ) -> Boxed<'a, Result<T, E>> {
        call.rests();
        Box::pin(async move {
            let returned = within(&call, future.as_mut()).await;
            call.end(returned.is_ok());
            returned
        })
    }
}

impl<'a, T: 'a, E: 'a> ReturnedFromCall<SendBoxed<'a, Result<T, E>>> {
    /// Lets the call go on until the future ends: this is what `async` methods of traits become.
    pub fn finish_measured_call(
        &self,
        call: Call,
        mut future: SendBoxed<'a, Result<T, E>>,
    ) -> SendBoxed<'a, Result<T, E>> {
        call.rests();
        Box::pin(async move {
            let returned = within(&call, future.as_mut()).await;
            call.end(returned.is_ok());
            returned
        })
    }
}

/// What [`ReturnedFromCall`] does for a boxed future of no `Result`.
pub trait ReturnsFuture<R> {
    /// Lets the call go on until the future ends.
    fn finish_measured_call(&self, call: Call, returned: R) -> R;
}

impl<'a, T: 'a> ReturnsFuture<Boxed<'a, T>> for ReturnedFromCall<Boxed<'a, T>> {
    fn finish_measured_call(&self, call: Call, mut future: Boxed<'a, T>) -> Boxed<'a, T> {
        call.rests();
        Box::pin(async move {
            let returned = within(&call, future.as_mut()).await;
            call.end(true);
            returned
        })
    }
}

impl<'a, T: 'a> ReturnsFuture<SendBoxed<'a, T>> for ReturnedFromCall<SendBoxed<'a, T>> {
    fn finish_measured_call(&self, call: Call, mut future: SendBoxed<'a, T>) -> SendBoxed<'a, T> {
        call.rests();
        Box::pin(async move {
            let returned = within(&call, future.as_mut()).await;
            call.end(true);
            returned
        })
    }
}

/// What [`ReturnedFromCall`] does for anything else.
pub trait ReturnsAnything<R> {
    /// Ends the call, which has gone well as far as anybody can tell.
    fn finish_measured_call(&self, call: Call, returned: R) -> R;
}

impl<R> ReturnsAnything<R> for &ReturnedFromCall<R> {
    #[inline]
    fn finish_measured_call(&self, call: Call, returned: R) -> R {
        call.end(true);
        returned
    }
}
