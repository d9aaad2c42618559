//! What an annotation becomes: constant data and one function.
//!
//! The macros write these structures and nothing else; everything that happens with them is
//! ordinary code elsewhere in this crate. What an annotation leaves out is left out here too
//! (`..DEFAULT`), so that a default has one home.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::context::{Context, Need, SharedValue, TypeKey};
use crate::outcome::{BoxError, Outcome};

/// A future that need not be `Send`: it is driven to its end on the thread that made it.
pub type LocalFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// One annotated check, as `inventory` collects it.
#[derive(Debug)]
pub struct Descriptor {
    /// The check's name.
    pub name: &'static str,
    /// Where the function stands.
    pub location: Location,
    /// The function's documentation: lines joined by `\n`, one leading blank of each removed.
    pub doc: &'static str,
    /// What both kinds of check may say.
    pub options: &'static Options,
    /// What the one kind or the other may say.
    pub role: &'static Role,
    /// The values that the function borrows, in the order of its parameters.
    pub needs: &'static [Need],
    /// The function, wrapped.
    pub function: Function,
    /// Name and place once more, as a text that is found in the executable file without running it: see
    /// `Registration` in mad-sources.
    pub mark: &'static str,
}

inventory::collect!(Descriptor);

/// Where an annotated function stands in the source.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Location {
    /// The file, as the compiler was told it.
    pub file: &'static str,
    /// The line of the function's name, from 1.
    pub line: u32,
    /// The module path.
    pub module: &'static str,
    /// The Cargo package, or `""` where Cargo did not build it.
    pub package: &'static str,
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// The options that health checks and self-tests share.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How long one run may take; `None` is the kind's default.
    pub timeout: Option<Duration>,
    /// Words to select by.
    pub tags: &'static [&'static str],
    /// Who is asked when it fails.
    pub owner: Option<&'static str>,
    /// Where it says what to do when it fails.
    pub runbook: Option<&'static str>,
    /// Health checks that make this one pointless while they are Down.
    pub after: &'static [&'static str],
    /// A group of which only one check runs at a time.
    pub serial: Option<&'static str>,
    /// What becomes of an `async` run at its deadline.
    pub on_timeout: OnTimeout,
    /// The path of its unit test, in a test binary, for a check that runs in a process of its own.
    pub unit_test: Option<&'static str>,
}

impl Options {
    /// Nothing said.
    pub const DEFAULT: Self = Self {
        timeout: None,
        tags: &[],
        owner: None,
        runbook: None,
        after: &[],
        serial: None,
        on_timeout: OnTimeout::Abort,
        unit_test: None,
    };
}

/// What becomes of an `async` run that has not ended at its deadline.
///
/// It has failed either way. A plain function cannot be stopped, and is always abandoned.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum OnTimeout {
    /// Its future is dropped, and with it whatever it held.
    Abort,
    /// It is left to run to its end, where a future must not be cut off halfway. Until then it is stuck:
    /// it keeps its thread and is not started again.
    Abandon,
}

/// Which kind of check it is, with the options of that kind.
#[derive(Clone, Copy, Debug)]
pub enum Role {
    /// Runs on a schedule; its state drives the probes.
    Health(HealthOptions),
    /// Runs when triggered.
    SelfTest(SelfTestOptions),
}

/// The options of `#[health_check]`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct HealthOptions {
    /// The probes that it gates; none makes it informational.
    pub probes: Probes,
    /// The time from one run's start to the next.
    pub every: Duration,
    /// The same while it is not Up; `None` is `every`.
    pub while_down: Option<Duration>,
    /// How long after the start the first run is.
    pub initial_delay: Duration,
    /// How many outcomes in a row make it worse.
    pub fail_after: u32,
    /// How many outcomes in a row make it better.
    pub recover_after: u32,
    /// Whether failing makes it Down (else Degraded).
    pub critical: bool,
    /// The age at which a result counts no more; `None` is 3 x `every` + timeout.
    pub max_age: Option<Duration>,
    /// Why a liveness check may ask something outside the process.
    pub allow_io: Option<&'static str>,
}

impl HealthOptions {
    /// What a bare `#[health_check]` means.
    pub const DEFAULT: Self = Self {
        probes: Probes::NONE,
        every: Duration::from_secs(10),
        while_down: None,
        initial_delay: Duration::ZERO,
        fail_after: 1,
        recover_after: 1,
        critical: true,
        max_age: None,
        allow_io: None,
    };
}

/// The probes that a health check gates.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Probes {
    /// "Restart me": `/livez`.
    pub liveness: bool,
    /// "Send me requests": `/readyz`.
    pub readiness: bool,
    /// "I have come up": `/startupz`.
    pub startup: bool,
}

impl Probes {
    /// No probe.
    pub const NONE: Self = Self {
        liveness: false,
        readiness: false,
        startup: false,
    };
}

/// The options of `#[self_test]`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SelfTestOptions {
    /// What it may do to the world.
    pub effects: Effects,
    /// An opt-in schedule.
    pub every: Option<Duration>,
    /// How many times a failure is tried again.
    pub retries: u32,
    /// What protects the service from it.
    pub isolation: Isolation,
    /// How many bytes of memory a process of its own may allocate; `None` is what the system gives.
    pub max_memory: Option<u64>,
    /// Whether it can run only once in the life of a process.
    pub once: bool,
    /// Why it is left out unless it is named.
    pub ignore: Option<&'static str>,
    /// Whether it is a unit test, too.
    pub unit_test: bool,
}

impl SelfTestOptions {
    /// What a bare `#[self_test]` means.
    pub const DEFAULT: Self = Self {
        effects: Effects::Read,
        every: None,
        retries: 0,
        isolation: Isolation::None,
        max_memory: None,
        once: false,
        ignore: None,
        unit_test: true,
    };
}

/// What a self-test may do to the world, from harmless to harmful.
///
/// The order is the order of harm: who allows [`Scratch`](Effects::Scratch) allows
/// [`Pure`](Effects::Pure) and [`Read`](Effects::Read) too.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Effects {
    /// Computes; touches nothing outside the process.
    Pure,
    /// Reads from the outside.
    Read,
    /// Writes, but only what it clears away again.
    Scratch,
    /// Changes what others see. Runs only by its exact name.
    Destructive,
}

impl Effects {
    /// Every class, the most harmless first.
    pub const ALL: [Self; 4] = [Self::Pure, Self::Read, Self::Scratch, Self::Destructive];

    /// Returns the word used in annotations and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pure => "pure",
            Self::Read => "read",
            Self::Scratch => "scratch",
            Self::Destructive => "destructive",
        }
    }

    /// Returns the class with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == word)
    }
}

impl std::fmt::Display for Effects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What protects the service from a self-test.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Isolation {
    /// A thread of its own: panics and hangs are survived.
    None,
    /// A process of its own: aborts, signals, endless loops and runaway memory are survived too.
    ///
    /// It is the same program, started anew, and needs [`init`](crate::init) as the first line of
    /// `main`. Values that the application supplied do not exist there: such a self-test borrows what
    /// providers make. It is ended at its deadline, with the processes that it started, unless they
    /// have left its group of processes. It exists on Unix, for annotated functions.
    Process,
}

/// The wrapped function: parameters filled from the context, the result made an [`Outcome`].
#[derive(Clone, Copy, Debug)]
pub enum Function {
    /// A plain function.
    Sync(fn(&Context) -> Outcome),
    /// An `async` function.
    Async(for<'a> fn(&'a Context) -> LocalFuture<'a, Outcome>),
}

/// One annotated provider, as `inventory` collects it.
#[derive(Debug)]
pub struct ProviderDescriptor {
    /// The function's name.
    pub name: &'static str,
    /// Where the function stands.
    pub location: Location,
    /// Whether it is a `#[provider(test)]`, which wins over one that is not.
    pub is_for_tests: bool,
    /// Returns the type of the value that it makes.
    pub provides: fn() -> TypeKey,
    /// The values that the function borrows, in the order of its parameters.
    pub needs: &'static [Need],
    /// The function, wrapped.
    pub function: ProviderFunction,
}

inventory::collect!(ProviderDescriptor);

/// A made value, or why it could not be made.
pub type Provided = Result<SharedValue, BoxError>;

/// The wrapped provider: parameters filled from the context, the value made shareable.
#[derive(Clone, Copy, Debug)]
pub enum ProviderFunction {
    /// A plain function.
    Sync(fn(&Context) -> Provided),
    /// An `async` function.
    Async(for<'a> fn(&'a Context) -> LocalFuture<'a, Provided>),
}
