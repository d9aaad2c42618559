//! What generated code names. Not an interface: anything here may change in any release.

use std::any::type_name;
use std::marker::PhantomData;
use std::sync::Arc;

pub use inventory;
/// The path of this name marks a crate that has annotated functions: see `link_all` in mad-macros.
pub use inventory::submit as submit_to_mad;
pub use mad_macros::link_all;
pub use std::boxed::Box;

pub use crate::context::{Context, Need, TypeKey};
pub use crate::descriptor::{
    Descriptor, Effects, Function, HealthOptions, Isolation, LocalFuture, Location, OnTimeout,
    Options, Probes, Provided, ProviderDescriptor, ProviderFunction, Role, SelfTestOptions,
};
pub use crate::linkage::{Expected, ExpectedCrate};
pub use crate::measured::{
    Call, Measured, ReturnedFromCall, ReturnsAnything, ReturnsFuture, Site, Within, call, returned,
    within,
};
pub use crate::name::is_name;
pub use crate::outcome::{IntoOutcome, Outcome};

use crate::outcome::BoxError;
use crate::unit_test::run_unit_test;

/// What an annotation without options for both kinds says.
///
/// This and the next two are statics and no constants: the compiler checks a static once, and each
/// copy of a constant anew.
pub static NO_OPTIONS: Options = Options::DEFAULT;

/// What a bare `#[health_check]` is.
pub static HEALTH_CHECK: Role = Role::Health(HealthOptions::DEFAULT);

/// What a bare `#[self_test]` is.
pub static SELF_TEST: Role = Role::SelfTest(SelfTestOptions::DEFAULT);

/// Borrows the value that a parameter needs.
///
/// # Panics
///
/// If it is not there; the engine and the test harness prepare the context before they call.
#[track_caller]
pub fn borrow<T: Send + Sync + 'static>(context: &Context) -> &T {
    context
        .get()
        .unwrap_or_else(|| panic!("the context holds no `{}`", type_name::<T>()))
}

/// Converts what an annotated function returned.
///
/// A function of its own, so that the trait's message points at the returned type.
pub fn into_outcome<R: IntoOutcome>(returned: R) -> Outcome {
    returned.into_outcome()
}

/// Converts what an annotated `async` function will have returned.
///
/// A function, as each `async` block in the user's crate costs its compiler more than all the rest of
/// what is generated.
pub fn into_outcome_later<'a, R: IntoOutcome>(
    returned: impl Future<Output = R> + 'a,
) -> LocalFuture<'a, Outcome> {
    Box::pin(async move { returned.await.into_outcome() })
}

/// Runs the check that was registered from this place, as its unit test.
///
/// # Panics
///
/// If it does not pass; or if it is not there, which means that link-time registration does not work
/// on this platform.
#[track_caller]
pub fn unit_test(name: &str, module: &str, line: u32) {
    let is_it = |check: &&Descriptor| {
        let location = check.location;
        check.name == name && location.module == module && location.line == line
    };
    let found = inventory::iter::<Descriptor>.into_iter().find(is_it);
    run_unit_test(
        found.unwrap_or_else(|| panic!("the check `{name}` of `{module}` is not registered")),
    );
}

/// The type that a provider returns.
///
/// `Result<T, E>` provides a `T`, anything else provides itself. An inherent method is found before
/// a trait's, so the compiler chooses between the two by type and not by the word `Result`, which
/// may be anybody's alias. What a type has to fulfil stands at the methods: at the `impl`, it would
/// be part of the choice, and a `Result` whose error is no error would be provided as it is.
#[derive(Debug)]
pub struct Returned<R>(PhantomData<fn() -> R>);

impl<R> Returned<R> {
    /// Makes the marker for `R`.
    #[expect(clippy::new_without_default, reason = "only generated code makes one")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T, E> Returned<Result<T, E>> {
    /// Returns the type provided.
    pub fn key(&self) -> TypeKey
    where
        T: Send + Sync + 'static,
    {
        TypeKey::of::<T>()
    }

    /// Makes the value shareable.
    ///
    /// # Errors
    ///
    /// The provider's own.
    pub fn share(&self, returned: Result<T, E>) -> Provided
    where
        T: Send + Sync + 'static,
        E: Into<BoxError>,
    {
        match returned {
            Ok(value) => Ok(Arc::new(value)),
            Err(error) => Err(error.into()),
        }
    }
}

/// What [`Returned`] does for a type that is not a `Result`.
pub trait ReturnedValue<R> {
    /// Returns the type provided.
    fn key(&self) -> TypeKey
    where
        R: Send + Sync + 'static;

    /// Makes the value shareable.
    ///
    /// # Errors
    ///
    /// None; the signature is that of a fallible provider.
    fn share(&self, returned: R) -> Provided
    where
        R: Send + Sync + 'static;
}

impl<R> ReturnedValue<R> for Returned<R> {
    fn key(&self) -> TypeKey
    where
        R: Send + Sync + 'static,
    {
        TypeKey::of::<R>()
    }

    fn share(&self, returned: R) -> Provided
    where
        R: Send + Sync + 'static,
    {
        Ok(Arc::new(returned))
    }
}
