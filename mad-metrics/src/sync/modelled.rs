//! loom's locks with the interface of `parking_lot`'s, as far as it is used here.

use std::fmt;
use std::sync::PoisonError;

use loom::sync;

/// Switches of threads that come where none is forced. Nearly all mistakes show with two.
const MAX_PREEMPTIONS: usize = 3;

/// Runs a model in every order that its threads can take, up to some switches that are not forced.
pub(crate) fn in_every_order(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(MAX_PREEMPTIONS);
    builder.check(model);
}

pub(crate) struct Mutex<T>(sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> sync::MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn try_lock(&self) -> Option<sync::MutexGuard<'_, T>> {
        self.0.try_lock().ok()
    }
}

pub(crate) struct RwLock<T>(sync::RwLock<T>);

impl<T> RwLock<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(sync::RwLock::new(value))
    }

    pub(crate) fn read(&self) -> sync::RwLockReadGuard<'_, T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> sync::RwLockWriteGuard<'_, T> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A cell that is filled once. What is in it is leaked, as a model ends soon.
pub(crate) struct OnceBox<T: 'static>(sync::Mutex<Option<&'static T>>);

impl<T> OnceBox<T> {
    pub(crate) fn new() -> Self {
        Self(sync::Mutex::new(None))
    }

    pub(crate) fn get(&self) -> Option<&T> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get_or_init(&self, make: impl FnOnce() -> Box<T>) -> &T {
        let mut filled = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        filled.get_or_insert_with(|| Box::leak(make()))
    }
}

macro_rules! debug {
    ($($name:ident)+) => {
        $(impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        })+
    };
}

debug! { Mutex RwLock OnceBox }
