//! What an engine needs to start, and whether it may.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use tokio::runtime::Handle;

use super::board::Board;
use super::control::Control;
use super::crew::Crew;
use super::drive::Desk;
use super::end::{AtTheEnd, End};
use super::listeners::{Listener, Listeners};
use super::pool::Pool;
use super::start_error::{Problem, StartError};
use super::{Engine, Inner};
use parking_lot::Mutex;

use crate::check::{Check, IntoCheck};
use crate::clock::{self, Moment};
use crate::context::Context;
use crate::descriptor::Effects;
use crate::health::Transition;
use crate::heartbeat::{self, Heartbeat, LagLimit, Pulse};
use crate::isolation;
use crate::linkage::{LinkCheck, link_check};
use crate::maintenance::Maintenances;
use crate::panics;
use crate::registry::{Registry, RegistryError};
use crate::runtime::Runtime;
use crate::scrubber::Scrubber;
use crate::self_test::SelfTestRuns;
use crate::supply::Supply;

/// How many checks run at once unless the program says otherwise.
const MAX_RUNS_AT_ONCE: usize = 16;

/// The longest that a listener is spared. It is more than anybody has, and less than overflows a clock.
const LONGEST_COOL_DOWN: Duration = Duration::from_hours(365 * 24);

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
    lag_limit: LagLimit,
    maintenance_file: Option<PathBuf>,
    scrubber: Option<Scrubber>,
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
            lag_limit: LagLimit::Default,
            maintenance_file: None,
            scrubber: None,
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

    /// Takes secrets out of what checks say: error texts with their causes, panics, warnings, notes, names of steps.
    ///
    /// Each goes through this before it is cut to size, remembered, and shown or told to anybody. Such texts are for
    /// authorised callers only; but they end up in logs, tickets and pagers, and a driver's error may hold the
    /// address with its password. It runs on the thread of the check, within its deadline; should it panic, the text
    /// is withheld. What a self-test in a process of its own leaves is cut to 512 characters before.
    ///
    /// ```
    /// # use std::time::Duration;
    /// use mad_core::{Check, Engine, HealthOptions, Outcome, Registry};
    ///
    /// let connect = |_: &mad_core::Context| Outcome::fail("cannot reach postgres://shop:s3cret@db");
    /// let mut registry = Registry::new();
    /// registry.add(Check::health_check("database", HealthOptions::DEFAULT, connect))?;
    /// let engine = Engine::builder()
    ///     .registry(registry)
    ///     .scrub(|text| text.replace("s3cret", "***"))
    ///     .start()?;
    /// let last = || engine.snapshot().health_checks[0].record.last.clone();
    /// while last().is_none() {
    ///     std::thread::sleep(Duration::from_millis(1));
    /// }
    /// assert_eq!(last().unwrap().outcome.to_string(), "fail: cannot reach postgres://shop:***@db");
    /// # engine.shutdown(Duration::ZERO);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn scrub(mut self, scrub: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.scrubber = Some(Scrubber::new(scrub));
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

    /// Calls a function at changes of a check's health, at most once in this time for each check, and
    /// 365 days at most.
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
        let time = time.min(LONGEST_COOL_DOWN);
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

    /// Sets for how long the application's tokio runtime may run nothing before liveness fails.
    ///
    /// It is 10 s where the engine is started inside a multi-thread runtime, and nothing is judged
    /// elsewhere: a current-thread runtime stands still whenever nobody is in its `block_on`, and need
    /// not be stalled. With this, it is judged all the same. It counts in beats of a second, and less than
    /// that is taken for one.
    ///
    /// The liveness check that it sets has the name `runtime`.
    #[must_use]
    pub fn runtime_lag_limit(mut self, limit: Duration) -> Self {
        self.lag_limit = LagLimit::Set(limit);
        self
    }

    /// Leaves the liveness check `runtime` out: a stalled runtime fails no probe.
    ///
    /// The lag is measured and shown all the same.
    #[must_use]
    pub fn without_runtime_check(mut self) -> Self {
        self.lag_limit = LagLimit::None;
        self
    }

    /// Keeps in this file what is in [maintenance](Engine::start_maintenance), so that it outlasts a
    /// restart. Without one, it ends with the process.
    ///
    /// The folder must be there, and should be the service's own. A file that cannot be read, or is not as
    /// it was written, is ignored: nothing is in maintenance then, and [`Engine::maintenance`] says why.
    #[must_use]
    pub fn maintenance_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.maintenance_file = Some(path.into());
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
    /// missing, a crate that [`link_all!`](crate::link_all) expects and that is not linked, one that has
    /// the name of MAD's own `runtime`, a value that nobody supplies, an `after` that names no health
    /// check or runs in a circle, a scheduled self-test that cannot run, one that asks for a process of
    /// its own and cannot have it, a lag limit without a runtime, no check at all; or the system gives
    /// no thread.
    pub fn start(self) -> Result<Engine, StartError> {
        let mut registry = self.registry.map_or_else(Registry::linked, Ok)?;
        let added = registry.add_all(self.checks);
        let supply = Supply::linked(self.context);
        let runs = Arc::new(SelfTestRuns::new(self.allowed_effects));
        let heartbeat = Arc::new(Heartbeat::new());
        let application = Runtime::find();

        let mut problems = lost(&registry);
        // What MAD brings along does not count: a program that lost its checks has none.
        let pulse = application.as_ref().map(|runtime| {
            let handle = runtime.handle();
            (handle, heartbeat.watch("application", handle, clock::now()))
        });
        problems.extend(add_runtime_check(&mut registry, self.lag_limit, pulse));
        problems.extend(self::problems(&registry, &supply, &runs));
        let expected = registry.expect(&self.expected);
        if let Some(error) = RegistryError::joined([added, expected]) {
            problems.push(Problem::Registry(error));
        }
        StartError::unless_empty(problems)?;

        panics::install_hook();
        let maintenances = Maintenances::kept_in(self.maintenance_file, Moment::now());
        let board = Board::new(registry.into_checks(), maintenances, clock::now());
        let board = Arc::new(board);
        let supply = Arc::new(supply);
        let (outbox, inbox) = channel();
        let runtime = match application {
            Some(application) => application,
            None => own_runtime(&heartbeat)?,
        };
        let listeners = Listeners::start(self.listeners)?;
        let desk = Arc::new_cyclic(|desk| {
            let pool = Pool::default();
            let crew = Crew {
                pool: pool.clone(),
                supply: Arc::clone(&supply),
                runtime: Arc::new(runtime),
                listeners,
                scrubber: self.scrubber,
                desk: Weak::clone(desk),
            };
            let control = Control::new(
                Arc::clone(&board),
                Arc::clone(&runs),
                crew,
                self.max_runs_at_once,
                &self.max_runs_of_tags,
            );
            Desk::new(control, pool, outbox.clone())
        });
        board.come_up(clock::now());
        let thread = thread::Builder::new().name("mad-control".to_owned());
        let end = Arc::new(End::default());
        let at_the_end = AtTheEnd {
            board: Arc::clone(&board),
            runs: Arc::clone(&runs),
            heartbeat: Arc::clone(&heartbeat),
            end: Arc::clone(&end),
        };
        heartbeat.start()?;
        thread.spawn(move || {
            let _at_the_end = at_the_end;
            desk.drive(&inbox);
            // Before the end is told: its threads may leave.
            drop(desk);
        })?;
        Ok(Engine {
            inner: Arc::new(Inner {
                board,
                runs,
                outbox,
                heartbeat,
                end,
                registration: Mutex::default(),
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

/// Adds the check of the application's runtime, if that is judged; returns what keeps it from that.
fn add_runtime_check(
    registry: &mut Registry,
    limit: LagLimit,
    application: Option<(&Handle, Arc<Pulse>)>,
) -> Option<Problem> {
    if limit == LagLimit::None {
        return None;
    }
    // Refused wherever it starts: which runtime there is must not decide what a name means.
    if let Some(check) = registry.get(heartbeat::CHECK_NAME) {
        let location = check.location();
        return Some(Problem::Reserved { location });
    }
    let Some((runtime, pulse)) = application else {
        return matches!(limit, LagLimit::Set(_)).then_some(Problem::NoRuntime);
    };
    let check = heartbeat::check(pulse, limit.of(runtime)?);
    registry.add(check).err().map(Problem::Registry)
}

fn own_runtime(heartbeat: &Heartbeat) -> io::Result<Runtime> {
    let runtime = Runtime::start()?;
    heartbeat.watch("checks", runtime.handle(), clock::now());
    Ok(runtime)
}

/// Says what a program has lost on its way from the source.
fn lost(registry: &Registry) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let LinkCheck::Incomplete(missing) = link_check() {
        problems.extend(missing.into_iter().map(Problem::Missing));
    }
    // Where it is known what is missing, this says no more.
    if registry.is_empty() && problems.is_empty() {
        problems.push(Problem::Empty);
    }
    problems
}

fn problems(registry: &Registry, supply: &Supply, runs: &SelfTestRuns) -> Vec<Problem> {
    let mut problems = Vec::new();
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
    StartError::unless_empty(problems)
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
    let comes_after_some = |check: &&Check| check.after().next().is_some();
    let mut candidates = registry.iter().filter(comes_after_some);
    candidates.find_map(|check| {
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
