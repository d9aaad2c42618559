//! The values of the application that checks borrow, found by their type.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// A value of any type, shared between runs.
pub(crate) type SharedValue = Arc<dyn Any + Send + Sync>;

/// The values that one run borrows, found by type.
///
/// A function annotated with `#[health_check]` or `#[self_test]` never sees it: its `&T` parameters
/// are filled in. Closures given to [`Check::health_check`](crate::Check::health_check) take their
/// values from here.
///
/// ```
/// use mad_core::Context;
///
/// let context = Context::new().with(5_u32);
/// assert_eq!(context.get::<u32>(), Some(&5));
/// assert_eq!(context.get::<String>(), None);
/// ```
#[derive(Clone, Default)]
pub struct Context {
    /// Shared, as each run starts from a copy of what the application supplies.
    values: Arc<HashMap<TypeId, (TypeKey, SharedValue)>>,
}

impl Context {
    /// Makes a context without any value.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value; one of the same type that was there before is replaced.
    #[must_use]
    pub fn with<T: Send + Sync + 'static>(self, value: T) -> Self {
        self.with_shared(Arc::new(value))
    }

    /// Adds a value that the application keeps sharing; checks borrow it as `&T`.
    #[must_use]
    pub fn with_shared<T: Send + Sync + 'static>(mut self, value: Arc<T>) -> Self {
        self.insert(TypeKey::of::<T>(), value);
        self
    }

    /// Returns the value of type `T`, if there is one.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        let (_, value) = self.values.get(&TypeId::of::<T>())?;
        value.downcast_ref()
    }

    pub(crate) fn insert(&mut self, key: TypeKey, value: SharedValue) {
        Arc::make_mut(&mut self.values).insert(key.id, (key, value));
    }

    pub(crate) fn contains(&self, key: TypeKey) -> bool {
        self.values.contains_key(&key.id)
    }

    /// Returns the names of the types in it, sorted.
    pub(crate) fn type_names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.values.values().map(|(key, _)| key.name).collect();
        names.sort_unstable();
        names
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.type_names()).finish()
    }
}

/// A type as the context knows it: its identity and its name for people.
#[derive(Clone, Copy, Debug)]
pub struct TypeKey {
    id: TypeId,
    name: &'static str,
}

impl TypeKey {
    /// Returns the key of `T`.
    pub fn of<T: Send + Sync + 'static>() -> Self {
        Self {
            id: TypeId::of::<T>(),
            name: type_name::<T>(),
        }
    }

    /// Returns the type's full name, for people.
    pub fn name(self) -> &'static str {
        self.name
    }
}

impl PartialEq for TypeKey {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for TypeKey {}

/// A parameter of an annotated function and the type of the value it borrows.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    /// The parameter's name.
    pub argument: &'static str,
    /// Returns the type; a function, as the name of a type is not known in a `const`.
    pub key: fn() -> TypeKey,
}
