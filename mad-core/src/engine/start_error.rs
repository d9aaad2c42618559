//! What keeps an engine from starting, or a check from being added to it.

use std::fmt;
use std::io;

use crate::check::Check;
use crate::descriptor::Location;
use crate::linkage::MissingCrate;
use crate::registry::RegistryError;
use crate::supply::SupplyProblem;

/// What keeps an engine from starting, or a check from being added to it; all of it, one line each.
///
/// `Debug` writes the same text as `Display`, for programs whose `main` returns it.
pub struct StartError {
    problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Debug)]
pub(super) enum Problem {
    Empty,
    /// It has the name of the check that MAD brings along.
    Reserved {
        location: Location,
    },
    /// There is a limit for the application's runtime, and no such runtime.
    NoRuntime,
    Registry(RegistryError),
    Missing(MissingCrate),
    Supply(SupplyProblem),
    UnknownAfter {
        check: String,
        name: String,
    },
    Circle {
        names: Vec<String>,
    },
    Schedule {
        check: String,
        reason: String,
    },
    Isolation {
        check: String,
        location: Location,
        reason: &'static str,
    },
    Taken {
        check: String,
    },
    Stopped {
        check: String,
    },
    Thread(io::Error),
}

impl StartError {
    /// Refuses if anything is wrong.
    pub(super) fn unless_empty(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Self { problems })
        }
    }

    /// A check of that name is registered already.
    pub(super) fn taken(check: &Check) -> Self {
        let check = check.name().to_owned();
        Self {
            problems: vec![Problem::Taken { check }],
        }
    }

    /// Nothing runs any more.
    pub(super) fn stopped(check: &Check) -> Self {
        let check = check.name().to_owned();
        Self {
            problems: vec![Problem::Stopped { check }],
        }
    }

    /// Says whether there is no check at all.
    pub fn is_empty_registry(&self) -> bool {
        self.problems
            .iter()
            .any(|problem| matches!(problem, Problem::Empty))
    }

    /// Returns the names of the crates that hold checks and are not linked: see
    /// [`link_all!`](crate::link_all).
    pub fn missing_crates(&self) -> impl Iterator<Item = &str> {
        self.problems.iter().filter_map(|problem| match problem {
            Problem::Missing(missing) => Some(missing.name()),
            _ => None,
        })
    }

    /// Says whether a value is missing that a check needs.
    pub fn is_missing_context(&self) -> bool {
        let is_missing =
            |problem: &Problem| matches!(problem, Problem::Supply(SupplyProblem::Missing { .. }));
        self.problems.iter().any(is_missing)
    }

    /// Returns what is wrong with the set of checks, if that is among it.
    pub fn registry(&self) -> Option<&RegistryError> {
        self.problems.iter().find_map(|problem| match problem {
            Problem::Registry(error) => Some(error),
            _ => None,
        })
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problems[..] {
            [problem] => problem.fmt(f),
            problems => {
                write!(f, "{} problems:", problems.len())?;
                problems
                    .iter()
                    .try_for_each(|problem| write!(f, "\n  {problem}"))
            }
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str(
                "no check is registered: is a crate with `#[health_check]` or `#[self_test]` functions \
                 linked? write `mad_core::link_all!();` in `main.rs`",
            ),
            Self::Reserved { location } => write!(
                f,
                "check `runtime` ({location}) has the name of the liveness check that MAD brings along: \
                 give it another name, or leave MAD's out with `.without_runtime_check()`"
            ),
            Self::NoRuntime => f.write_str(
                "`.runtime_lag_limit(..)` is set, and there is no tokio runtime to judge: start inside \
                 of one, or leave the limit out",
            ),
            Self::Registry(error) => error.fmt(f),
            Self::Missing(missing) => missing.fmt(f),
            Self::Supply(problem) => problem.fmt(f),
            Self::UnknownAfter { check, name } => {
                write!(f, "check `{check}` says `after(\"{name}\")`, and no health check has that name")
            }
            Self::Circle { names } => {
                write!(f, "`after` runs in a circle: {}", names.join(" -> "))
            }
            Self::Schedule { check, reason } => write!(
                f,
                "self-test `{check}` has a schedule, and it cannot run: {reason}; \
                 allow it with `.allow_effects(..)`, or drop `every`"
            ),
            Self::Isolation {
                check,
                location,
                reason,
            } => {
                write!(f, "self-test `{check}` ({location}) cannot run: {reason}")
            }
            Self::Taken { check } => write!(
                f,
                "a check named `{check}` is registered already: take it out, or give this one another name"
            ),
            Self::Stopped { check } => {
                write!(f, "the engine has stopped: `{check}` would never run")
            }
            Self::Thread(error) => write!(f, "the system gives no thread: {error}"),
        }
    }
}

impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.problems.iter().find_map(|problem| match problem {
            // Its own text is in this one's already.
            Problem::Thread(error) => error.source(),
            _ => None,
        })
    }
}

impl From<RegistryError> for StartError {
    fn from(error: RegistryError) -> Self {
        Self {
            problems: vec![Problem::Registry(error)],
        }
    }
}

impl From<io::Error> for StartError {
    fn from(error: io::Error) -> Self {
        Self {
            problems: vec![Problem::Thread(error)],
        }
    }
}
