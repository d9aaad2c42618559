//! What generated code names. Not an interface: anything here may change in any release.

use std::any::type_name;
use std::marker::PhantomData;
use std::sync::Arc;

pub use inventory;
pub use std::boxed::Box;

pub use crate::context::{Context, Need, TypeKey};
pub use crate::descriptor::{
    Descriptor, Effects, Function, HealthOptions, Isolation, LocalFuture, Location, Options,
    Probes, Provided, ProviderDescriptor, ProviderFunction, Role, SelfTestOptions,
};
pub use crate::name::is_name;
pub use crate::outcome::{IntoOutcome, Outcome};
pub use crate::testing::run_unit_test;

use crate::outcome::BoxError;

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

/// The type that a provider returns.
///
/// `Result<T, E>` provides a `T`, anything else provides itself. An inherent method is found before
/// a trait's, so the compiler chooses between the two by type and not by the word `Result`, which
/// may be anybody's alias.
#[derive(Debug)]
pub struct Returned<R>(PhantomData<fn() -> R>);

impl<R> Returned<R> {
    /// Makes the marker for `R`.
    #[expect(clippy::new_without_default, reason = "only generated code makes one")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: Send + Sync + 'static, E: Into<BoxError>> Returned<Result<T, E>> {
    /// Returns the type provided.
    pub fn key(&self) -> TypeKey {
        TypeKey::of::<T>()
    }

    /// Makes the value shareable.
    ///
    /// # Errors
    ///
    /// The provider's own.
    pub fn share(&self, returned: Result<T, E>) -> Provided {
        match returned {
            Ok(value) => Ok(Arc::new(value)),
            Err(error) => Err(error.into()),
        }
    }
}

/// What [`Returned`] does for a type that is not a `Result`.
pub trait ReturnedValue<R> {
    /// Returns the type provided.
    fn key(&self) -> TypeKey;

    /// Makes the value shareable.
    ///
    /// # Errors
    ///
    /// None; the signature is that of a fallible provider.
    fn share(&self, returned: R) -> Provided;
}

impl<R: Send + Sync + 'static> ReturnedValue<R> for Returned<R> {
    fn key(&self) -> TypeKey {
        TypeKey::of::<R>()
    }

    fn share(&self, returned: R) -> Provided {
        Ok(Arc::new(returned))
    }
}
