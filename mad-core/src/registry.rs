//! Every check of the program, by name.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::check::{Check, Text};
use crate::descriptor::{Descriptor, Isolation, Location};
use crate::name::checked_name;

/// Every check of the program, by name.
///
/// [`linked`](Registry::linked) holds what was annotated anywhere in the program; [`add`](Registry::add)
/// takes what is known only at run time. A dependency that is named nowhere in the program's code is
/// not linked by rustc at all, and its checks are missing without a word: write
/// [`link_all!`](crate::link_all) in `main.rs`, and say what you rely on with
/// [`expect`](Registry::expect).
///
/// ```
/// use mad_core::{Check, HealthOptions, Registry};
///
/// let mut registry = Registry::new();
/// registry.add(Check::health_check("disk", HealthOptions::DEFAULT, |_| true))?;
/// assert_eq!(registry.iter().map(Check::name).collect::<Vec<_>>(), ["disk"]);
///
/// let error = registry.expect(["disk", "database"]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "expected check `database` is not registered; registered are: disk"
/// );
/// # Ok::<(), mad_core::RegistryError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Registry {
    checks: BTreeMap<Text, Arc<Check>>,
}

impl Registry {
    /// Makes a registry without any check.
    pub fn new() -> Self {
        Self::default()
    }

    /// Collects every annotated check that is linked into this program.
    ///
    /// # Errors
    ///
    /// If two of them have one name; every such pair is named with both places.
    pub fn linked() -> Result<Self, RegistryError> {
        let mut registry = Self::new();
        let mut found: Vec<&'static Descriptor> = inventory::iter::<Descriptor>().collect();
        // The linker's order is no order. Sorted, "first" and "second" of a pair are the same each time.
        found.sort_by_key(|check| (check.name, check.location.file, check.location.line));
        let checks = found.into_iter().map(Check::from);
        registry.add_all(checks).map(|()| registry)
    }

    /// Adds a check.
    ///
    /// # Errors
    ///
    /// If its name, one of its tags or its serial group is not legal, a threshold is 0, a time is
    /// shorter than 1 ms or longer than 365 days, `max_age` is shorter than `every`, `once` has
    /// `retries`, `max_memory` has no process of its own, a closure asks for one, or another check
    /// has its name.
    pub fn add(&mut self, check: Check) -> Result<(), RegistryError> {
        let mut problems = invalid_options(&check);
        match self.checks.entry(check.name_text()) {
            Entry::Occupied(first) => problems.push(Problem::Duplicate {
                name: check.name().to_owned(),
                first: first.get().location(),
                second: check.location(),
            }),
            Entry::Vacant(place) if problems.is_empty() => {
                place.insert(Arc::new(check));
            }
            Entry::Vacant(_) => {}
        }
        RegistryError::unless_empty(problems)
    }

    /// Adds those checks that can be added, and tells what is wrong with the others.
    pub(crate) fn add_all(
        &mut self,
        checks: impl IntoIterator<Item = Check>,
    ) -> Result<(), RegistryError> {
        let results = checks.into_iter().map(|check| self.add(check));
        RegistryError::joined(results).map_or(Ok(()), Err)
    }

    /// Adds checks that somebody else collected: those of a plugin.
    ///
    /// A library that is opened at run time (`dlopen`) has a registry of its own, of which the program
    /// sees nothing. So it exports a function that hands its checks out, and the program takes them over
    /// before it starts its engine.
    ///
    /// ```standalone_crate
    /// use mad_core::{Check, HealthOptions, Registry};
    ///
    /// /// In the plugin; `#[unsafe(no_mangle)]` there lets the program find it.
    /// pub fn mad_checks() -> Vec<Check> {
    ///     // Registry::linked() there is the plugin's own.
    ///     vec![Check::health_check("plugin/cache", HealthOptions::DEFAULT, |_| true)]
    /// }
    ///
    /// let mut registry = Registry::linked()?;
    /// registry.extend(mad_checks())?;
    /// assert!(registry.get("plugin/cache").is_some());
    /// # Ok::<(), mad_core::RegistryError>(())
    /// ```
    ///
    /// # What a plugin must not do
    ///
    /// - **Be unloaded.** Names and functions of its checks stand in the library. Unloaded, they are
    ///   freed memory: never call `dlclose`.
    /// - **Be built by another compiler or with another version of mad-core.** The types would only look
    ///   alike. Build both in one workspace.
    /// - **Panic, if it is a `cdylib`.** That has a standard library of its own, and a panic that crosses
    ///   from one to another ends the process. Its steps, notes and observations do not reach the
    ///   program either.
    ///
    /// # Errors
    ///
    /// Those of [`add`](Registry::add), for all of them at once. None is added then.
    pub fn extend(&mut self, checks: impl IntoIterator<Item = Check>) -> Result<(), RegistryError> {
        let mut extended = self.clone();
        extended.add_all(checks)?;
        *self = extended;
        Ok(())
    }

    /// Keeps the checks for which this says so, and leaves out the others.
    ///
    /// An integration test leaves out what it cannot supply:
    ///
    /// ```standalone_crate
    /// use mad_core::{Engine, Registry};
    ///
    /// # #[mad_core::self_test(effects = pure)]
    /// # fn sums() {}
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut registry = Registry::linked()?;
    /// registry.retain(|check| check.tags().all(|tag| tag != "bank"));
    /// let engine = Engine::builder().registry(registry).start()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn retain(&mut self, mut keep: impl FnMut(&Check) -> bool) {
        self.checks.retain(|_, check| keep(check));
    }

    /// Refuses when one of these names is missing.
    ///
    /// # Errors
    ///
    /// If one is missing; all of them are named, with the names that are there.
    pub fn expect<N: AsRef<str>>(
        &self,
        names: impl IntoIterator<Item = N>,
    ) -> Result<(), RegistryError> {
        let missing = names
            .into_iter()
            .filter(|name| !self.checks.contains_key(name.as_ref()))
            .map(|name| Problem::Missing {
                name: name.as_ref().to_owned(),
                registered: self.iter().map(|check| check.name().to_owned()).collect(),
            });
        RegistryError::unless_empty(missing.collect())
    }

    /// Returns the check with this name.
    pub fn get(&self, name: &str) -> Option<&Check> {
        self.checks.get(name).map(AsRef::as_ref)
    }

    pub(crate) fn get_shared(&self, name: &str) -> Option<Arc<Check>> {
        self.checks.get(name).cloned()
    }

    /// Returns every check, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Check> {
        self.checks.values().map(AsRef::as_ref)
    }

    /// Returns how many checks there are.
    pub fn len(&self) -> usize {
        self.checks.len()
    }

    /// Says whether there is no check at all.
    pub fn is_empty(&self) -> bool {
        self.checks.is_empty()
    }

    pub(crate) fn into_checks(self) -> Vec<Arc<Check>> {
        self.checks.into_values().collect()
    }
}

/// What the macros refuse at compile time, checked again for what is made at run time.
fn invalid_options(check: &Check) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut complain = |what: String| {
        problems.push(Problem::Invalid {
            name: check.name().to_owned(),
            location: check.location(),
            what,
        });
    };
    let names = std::iter::once(check.name())
        .chain(check.tags())
        .chain(check.serial());
    for invalid in names.filter_map(|name| checked_name(name).err()) {
        complain(invalid.to_string());
    }
    for (option, duration) in times(check) {
        if !(SHORTEST..=LONGEST).contains(&duration) {
            complain(format!(
                "its `{option}` is {duration:?}: take 1 ms to 365 days"
            ));
        }
    }
    if let Some(options) = check.health_options() {
        if options.initial_delay > LONGEST {
            complain("its `initial_delay` is longer than 365 days".to_owned());
        }
        if options.fail_after == 0 || options.recover_after == 0 {
            complain("a threshold is 0: `fail_after` and `recover_after` start at 1".to_owned());
        }
        if options
            .max_age
            .is_some_and(|max_age| max_age < options.every)
        {
            complain(
                "its `max_age` is shorter than `every`: it would be Unknown in between".to_owned(),
            );
        }
    }
    if let Some(options) = check.self_test_options() {
        if options.once && options.retries > 0 {
            complain("it runs `once`, and has `retries`: leave one of them out".to_owned());
        }
        let is_isolated = options.isolation == Isolation::Process;
        if is_isolated && !check.is_annotated() {
            complain("only an annotated function has a process of its own: a closure does not exist there".to_owned());
        }
        if options.max_memory.is_some() && !is_isolated {
            complain("it has `max_memory`, which needs a process of its own".to_owned());
        }
    }
    problems
}

/// The times that a check may name: long enough to do something else in between, and short enough
/// that no sum of them is more than a clock can hold.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_hours(365 * 24);

/// Returns every time that a check names and that cannot be zero, with the option's name.
fn times(check: &Check) -> impl Iterator<Item = (&'static str, Duration)> {
    let health = check.health_options();
    let self_test = check.self_test_options();
    let every = health.map(|options| options.every);
    let times = [
        ("timeout", Some(check.timeout())),
        ("every", every.or_else(|| self_test?.every)),
        ("while_down", health.and_then(|options| options.while_down)),
        ("max_age", health.and_then(|options| options.max_age)),
    ];
    let named = times.into_iter();
    named.filter_map(|(option, time)| Some((option, time?)))
}

/// What is wrong with the set of checks; all of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RegistryError {
    problems: Vec<Problem>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Problem {
    Duplicate {
        name: String,
        first: Location,
        second: Location,
    },
    Missing {
        name: String,
        registered: Vec<String>,
    },
    Invalid {
        name: String,
        location: Location,
        what: String,
    },
}

impl RegistryError {
    fn unless_empty(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Self { problems })
        }
    }

    /// Makes one error of several.
    pub(crate) fn joined(results: impl IntoIterator<Item = Result<(), Self>>) -> Option<Self> {
        let errors = results.into_iter().filter_map(Result::err);
        let problems = errors.flat_map(|error| error.problems).collect();
        Self::unless_empty(problems).err()
    }

    /// Says whether two checks have one name.
    pub fn is_duplicate(&self) -> bool {
        self.problems
            .iter()
            .any(|problem| matches!(problem, Problem::Duplicate { .. }))
    }

    /// Says whether an expected check is missing.
    pub fn is_missing(&self) -> bool {
        self.problems
            .iter()
            .any(|problem| matches!(problem, Problem::Missing { .. }))
    }
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duplicate {
                name,
                first,
                second,
            } => write!(
                f,
                "two checks are named `{name}`: {first} and {second}; give one of them another name"
            ),
            Self::Missing { name, registered } if registered.is_empty() => write!(
                f,
                "expected check `{name}` is not registered; nothing is: write `mad_core::link_all!();` in `main.rs`"
            ),
            Self::Missing { name, registered } => write!(
                f,
                "expected check `{name}` is not registered; registered are: {}",
                registered.join(", ")
            ),
            Self::Invalid {
                name,
                location,
                what,
            } => {
                write!(f, "check `{name}` ({location}) is refused: {what}")
            }
        }
    }
}

impl std::error::Error for RegistryError {}
