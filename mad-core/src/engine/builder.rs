//! What an engine needs to start, and what keeps it from starting.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use super::board::Board;
use super::control::Control;
use super::crew::Crew;
use super::drive::drive;
use super::end::{AtTheEnd, End};
use super::listeners::{Listener, Listeners};
use super::pool::Pool;
use super::{Engine, Inner};
use crate::check::{Check, IntoCheck};
use crate::clock;
use crate::context::Context;
use crate::descriptor::{Effects, Location};
use crate::health::Transition;
use crate::isolation;
use crate::linkage::{LinkCheck, MissingCrate, link_check};
use crate::panics;
use crate::registry::{Registry, RegistryError};
use crate::runtime::Runtime;
use crate::self_test::SelfTestRuns;
use crate::supply::{Supply, SupplyProblem};

/// How many checks run at once unless the program says otherwise.
const MAX_RUNS_AT_ONCE: usize = 16;

/// Makes and starts an [`Engine`].
pub struct EngineBuilder {
    registry: Option<Registry>,
    checks: Vec<Check>,
    expected: Vec<String>,
    context: Context,
    listeners: Vec<Listener>,
    allowed_effects: Effects,
    max_runs_at_once: usize,
    max_runs_of_tags: HashMap<String, usize>,
}

impl Default for EngineBuilder {
    fn default() -> Self {
        Self {
            registry: None,
            checks: Vec::new(),
            expected: Vec::new(),
            context: Context::new(),
            listeners: Vec::new(),
            allowed_effects: Effects::Read,
            max_runs_at_once: MAX_RUNS_AT_ONCE,
            max_runs_of_tags: HashMap::new(),
        }
    }
}

impl EngineBuilder {
    /// Takes these checks instead of [`Registry::linked`].
    #[must_use]
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// Adds a check to those of the registry, whichever that is.
    ///
    /// What is wrong with it, such as a name that another one has, is told by [`start`](Self::start).
    #[must_use]
    #[track_caller]
    pub fn check(mut self, check: impl IntoCheck) -> Self {
        self.checks.push(check.into_check());
        self
    }

    /// Refuses to start when one of these checks is missing.
    #[must_use]
    pub fn expect<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.expected.extend(names.into_iter().map(Into::into));
        self
    }

    /// Supplies a value that checks borrow as `&T`.
    #[must_use]
    pub fn provide<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.context = self.context.with(value);
        self
    }

    /// Supplies a value that the application keeps sharing; checks borrow it as `&T`.
    #[must_use]
    pub fn provide_shared<T: Send + Sync + 'static>(mut self, value: Arc<T>) -> Self {
        self.context = self.context.with_shared(value);
        self
    }

    /// Calls a function at every change of a check's health.
    ///
    /// Listeners have a thread of their own and may take their time; when more than 1,024 changes
    /// wait for them, the newest are lost.
    #[must_use]
    pub fn listener(mut self, listener: impl Fn(&Transition) + Send + 'static) -> Self {
        self.listeners.push(Listener::new(listener, Duration::ZERO));
        self
    }

    /// Calls a function at changes of a check's health, at most once in this time for each check.
    ///
    /// It is for listeners that wake people. The first change is told at once. What has changed when
    /// the time is over is told then, as one change that [counts](Transition::changes) those that it
    /// stands for; what has come back to where it was is not told.
    #[must_use]
    pub fn notify_at_most_every(
        mut self,
        time: Duration,
        listener: impl Fn(&Transition) + Send + 'static,
    ) -> Self {
        self.listeners.push(Listener::new(listener, time));
        self
    }

    /// Allows self-tests up to this class; [`Effects::Read`] unless said otherwise.
    ///
    /// A trigger can ask for less, never for more.
    #[must_use]
    pub fn allow_effects(mut self, effects: Effects) -> Self {
        self.allowed_effects = effects;
        self
    }

    /// Sets how many checks run at once: 16 unless said otherwise, and at least 1.
    #[must_use]
    pub fn max_runs_at_once(mut self, runs: usize) -> Self {
        self.max_runs_at_once = runs.max(1);
        self
    }

    /// Sets how many checks with this tag run at once, at least 1: so many connections to a database,
    /// say, are left to the service.
    ///
    /// A check with several such tags waits until there is room under each. Of a `serial` group there
    /// is never more than one.
    #[must_use]
    pub fn max_runs_of_tag(mut self, tag: impl Into<String>, runs: usize) -> Self {
        self.max_runs_of_tags.insert(tag.into(), runs.max(1));
        self
    }

    /// Starts the engine: from here on health checks run on their schedule.
    ///
    /// Called inside a tokio runtime, async checks use the timers and sockets of that runtime;
    /// called outside, they get one of MAD's own. A current-thread runtime lends them only while
    /// somebody is in its `block_on`.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, at once: two checks with one name, an expected check that is
    /// missing, a crate that [`link_all!`](crate::link_all) expects and that is not linked, a value that
    /// nobody supplies, an `after` that names no health check or runs in a circle, a scheduled self-test
    /// that cannot run, one that asks for a process of its own and cannot have it, no check at all; or
    /// the system gives no thread.
    pub fn start(self) -> Result<Engine, StartError> {
        let mut registry = self.registry.map_or_else(Registry::linked, Ok)?;
        let added = registry.add_all(self.checks);
        let supply = Supply::linked(self.context);
        let runs = Arc::new(SelfTestRuns::new(self.allowed_effects));
        let mut problems = problems(&registry, &supply, &runs);
        let expected = registry.expect(&self.expected);
        if let Some(error) = RegistryError::joined([added, expected]) {
            problems.push(Problem::Registry(error));
        }
        if !problems.is_empty() {
            return Err(StartError { problems });
        }

        panics::install_hook();
        let board = Arc::new(Board::new(registry.into_checks(), clock::now()));
        let supply = Arc::new(supply);
        let (outbox, inbox) = channel();
        let crew = Crew {
            pool: Pool::default(),
            supply: Arc::clone(&supply),
            runtime: Arc::new(Runtime::find_or_start()?),
            listeners: Listeners::start(self.listeners)?,
            outbox: outbox.clone(),
        };
        let control = Control::new(
            Arc::clone(&board),
            Arc::clone(&runs),
            crew,
            self.max_runs_at_once,
            &self.max_runs_of_tags,
        );
        board.come_up(clock::now());
        let thread = thread::Builder::new().name("mad-control".to_owned());
        let end = Arc::new(End::default());
        let at_the_end = AtTheEnd {
            board: Arc::clone(&board),
            runs: Arc::clone(&runs),
            end: Arc::clone(&end),
        };
        thread.spawn(move || {
            let _at_the_end = at_the_end;
            drive(control, &inbox);
        })?;
        Ok(Engine {
            inner: Arc::new(Inner {
                board,
                runs,
                outbox,
                end,
                supply,
            }),
        })
    }
}

impl fmt::Debug for EngineBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineBuilder")
            .field("registry", &self.registry)
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}

/// What keeps an engine from starting, or a check from being added to it; all of it, one line each.
///
/// `Debug` writes the same text as `Display`, for programs whose `main` returns it.
pub struct StartError {
    problems: Vec<Problem>,
}

#[derive(Debug)]
enum Problem {
    Empty,
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

fn problems(registry: &Registry, supply: &Supply, runs: &SelfTestRuns) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let LinkCheck::Incomplete(missing) = link_check() {
        problems.extend(missing.into_iter().map(Problem::Missing));
    }
    // Where it is known what is missing, this says no more.
    if registry.is_empty() && problems.is_empty() {
        problems.push(Problem::Empty);
    }
    problems.extend(supply.problems(registry).into_iter().map(Problem::Supply));
    let find = |name: &str| registry.get_shared(name);
    for check in registry.iter() {
        problems.extend(own_problems(check, runs, &find));
    }
    problems.extend(circle(registry, &find));
    problems
}

/// Says why a check cannot be registered beside those that are.
///
/// # Errors
///
/// If it cannot; with everything that is in the way.
pub(super) fn admit(
    check: &Arc<Check>,
    supply: &Supply,
    runs: &SelfTestRuns,
    find: Find<'_>,
) -> Result<(), StartError> {
    // Others may come after one of its name, which was taken out.
    let find = |name: &str| {
        if name == check.name() {
            Some(Arc::clone(check))
        } else {
            find(name)
        }
    };
    let mut problems = Vec::new();
    if let Err(error) = Registry::new().add(Check::clone(check)) {
        problems.push(Problem::Registry(error));
    }
    problems.extend(supply.missing(check).into_iter().map(Problem::Supply));
    problems.extend(own_problems(check, runs, &find));
    let names = circle_from(check, &find, &mut Vec::new(), &mut HashSet::new());
    problems.extend(names.map(|names| Problem::Circle { names }));
    if problems.is_empty() {
        Ok(())
    } else {
        Err(StartError { problems })
    }
}

/// Finds a check by its name.
type Find<'a> = &'a dyn Fn(&str) -> Option<Arc<Check>>;

fn own_problems(check: &Check, runs: &SelfTestRuns, find: Find<'_>) -> Vec<Problem> {
    let mut problems = unknown_after(check, find);
    problems.extend(forbidden_schedule(check, runs));
    problems.extend(impossible_isolation(check));
    problems
}

fn unknown_after(check: &Check, find: Find<'_>) -> Vec<Problem> {
    let is_unknown = |name: &&str| {
        let other = find(name);
        other.is_none_or(|other| other.health_options().is_none())
    };
    let unknown = check
        .after()
        .filter(is_unknown)
        .map(|name| Problem::UnknownAfter {
            check: check.name().to_owned(),
            name: name.to_owned(),
        });
    unknown.collect()
}

fn forbidden_schedule(check: &Check, runs: &SelfTestRuns) -> Option<Problem> {
    check.self_test_options()?.every?;
    let reason = runs.why_left_out(check)?;
    let check = check.name().to_owned();
    Some(Problem::Schedule { check, reason })
}

fn impossible_isolation(check: &Check) -> Option<Problem> {
    let reason = isolation::obstacle(check)?;
    Some(Problem::Isolation {
        check: check.name().to_owned(),
        location: check.location(),
        reason,
    })
}

/// Finds a circle in what comes after what: the first, in the order of names.
fn circle(registry: &Registry, find: Find<'_>) -> Option<Problem> {
    let mut is_clear = HashSet::new();
    registry.iter().find_map(|check| {
        let names = circle_from(check, find, &mut Vec::new(), &mut is_clear)?;
        Some(Problem::Circle { names })
    })
}

fn circle_from(
    check: &Check,
    find: Find<'_>,
    path: &mut Vec<String>,
    is_clear: &mut HashSet<String>,
) -> Option<Vec<String>> {
    let name = check.name().to_owned();
    if let Some(start) = path.iter().position(|seen| *seen == name) {
        let mut names = path.split_off(start);
        names.push(name);
        return Some(names);
    }
    if is_clear.contains(&name) {
        return None;
    }
    path.push(name.clone());
    for other in check.after().filter_map(find) {
        if let Some(names) = circle_from(&other, find, path, is_clear) {
            return Some(names);
        }
    }
    path.pop();
    is_clear.insert(name);
    None
}
