//! A check: what an annotation or a run-time registration describes.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::context::{Context, Need};
use crate::descriptor::{
    Descriptor, Function, HealthOptions, Isolation, LocalFuture, Location, OnTimeout, Role,
    SelfTestOptions,
};
use crate::outcome::{IntoOutcome, Outcome};

/// A text that is constant in an annotated check, and made at run time in others.
pub(crate) type Text = Cow<'static, str>;

type SyncBody = dyn Fn(&Context) -> Outcome + Send + Sync;
type AsyncBody = dyn for<'a> Fn(&'a Context) -> LocalFuture<'a, Outcome> + Send + Sync;

/// The function of a check, as the runner calls it.
#[derive(Clone)]
pub(crate) enum Body {
    Annotated(Function),
    Sync(Arc<SyncBody>),
    Async(Arc<AsyncBody>),
}

/// A health check or a self-test: its name, what it says about itself and its function.
///
/// Annotated functions become one by themselves. Make one by hand for what is known only at run
/// time, such as one check for each tenant, and hand it to [`Registry::add`](crate::Registry::add).
///
/// ```
/// use std::time::Duration;
/// use mad_core::{Check, Context, HealthOptions, Kind, Probes};
///
/// let options = HealthOptions {
///     probes: Probes { readiness: true, ..Probes::NONE },
///     every: Duration::from_secs(30),
///     ..HealthOptions::DEFAULT
/// };
/// let check = Check::health_check("tenant/42", options, |_: &Context| true)
///     .with_timeout(Duration::from_secs(1))
///     .with_tags(["tenant"]);
/// assert_eq!(check.kind(), Kind::HealthCheck);
/// assert_eq!(check.max_age(), Some(Duration::from_secs(91)));
/// ```
#[derive(Clone)]
pub struct Check {
    source: Source,
}

/// Where it stands what a check is.
#[derive(Clone)]
enum Source {
    /// In the constant that the annotation became; there may be thousands, and a start copies none.
    Annotated(&'static Descriptor),
    /// In memory.
    Made(Box<Made>),
}

/// A check that was made, or changed, at run time.
#[derive(Clone)]
struct Made {
    name: Text,
    location: Location,
    doc: Text,
    timeout: Option<Duration>,
    tags: Vec<Text>,
    owner: Option<Text>,
    runbook: Option<Text>,
    after: Vec<Text>,
    serial: Option<Text>,
    on_timeout: OnTimeout,
    role: Role,
    needs: &'static [Need],
    body: Body,
    is_in_place: bool,
    unit_test: Option<&'static str>,
}

impl Check {
    /// Makes a health check from a plain function.
    #[track_caller]
    pub fn health_check<R: IntoOutcome>(
        name: impl Into<Text>,
        options: HealthOptions,
        function: impl Fn(&Context) -> R + Send + Sync + 'static,
    ) -> Self {
        Self::new(name.into(), Role::Health(options), sync_body(function))
    }

    /// Makes a health check from an `async` function.
    #[track_caller]
    pub fn health_check_async<R: IntoOutcome>(
        name: impl Into<Text>,
        options: HealthOptions,
        function: impl AsyncFn(&Context) -> R + Send + Sync + 'static,
    ) -> Self {
        Self::new(name.into(), Role::Health(options), async_body(function))
    }

    /// Makes a self-test from a plain function.
    #[track_caller]
    pub fn self_test<R: IntoOutcome>(
        name: impl Into<Text>,
        options: SelfTestOptions,
        function: impl Fn(&Context) -> R + Send + Sync + 'static,
    ) -> Self {
        Self::new(name.into(), Role::SelfTest(options), sync_body(function))
    }

    /// Makes a self-test from an `async` function.
    #[track_caller]
    pub fn self_test_async<R: IntoOutcome>(
        name: impl Into<Text>,
        options: SelfTestOptions,
        function: impl AsyncFn(&Context) -> R + Send + Sync + 'static,
    ) -> Self {
        Self::new(name.into(), Role::SelfTest(options), async_body(function))
    }

    #[track_caller]
    fn new(name: Text, role: Role, body: Body) -> Self {
        let caller = std::panic::Location::caller();
        Self::from(Made {
            name,
            location: Location {
                file: caller.file(),
                line: caller.line(),
                module: "",
                package: "",
            },
            doc: Text::Borrowed(""),
            timeout: None,
            tags: Vec::new(),
            owner: None,
            runbook: None,
            after: Vec::new(),
            serial: None,
            on_timeout: OnTimeout::Abort,
            role,
            needs: &[],
            body,
            is_in_place: false,
            unit_test: None,
        })
    }

    fn with(self, change: impl FnOnce(&mut Made)) -> Self {
        let mut made = match self.source {
            Source::Annotated(descriptor) => Made::from(descriptor),
            Source::Made(made) => *made,
        };
        change(&mut made);
        Self::from(made)
    }

    /// Gives it another name, for a second one of a kind that comes with a name.
    #[must_use]
    pub fn with_name(self, name: impl Into<Text>) -> Self {
        self.with(|made| made.name = name.into())
    }

    /// Sets the options of a health check; a self-test becomes one.
    #[must_use]
    pub fn with_health_options(self, options: HealthOptions) -> Self {
        self.with(|made| made.role = Role::Health(options))
    }

    /// Sets how long one run may take: 5 s for a health check and 30 s for a self-test by default.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        self.with(|made| made.timeout = Some(timeout))
    }

    /// Sets the description: the first line is the summary.
    #[must_use]
    pub fn with_doc(self, doc: impl Into<Text>) -> Self {
        self.with(|made| made.doc = doc.into())
    }

    /// Sets the words to select it by.
    #[must_use]
    pub fn with_tags<T: Into<Text>>(self, tags: impl IntoIterator<Item = T>) -> Self {
        self.with(|made| made.tags = tags.into_iter().map(Into::into).collect())
    }

    /// Sets who is asked when it fails.
    #[must_use]
    pub fn with_owner(self, owner: impl Into<Text>) -> Self {
        self.with(|made| made.owner = Some(owner.into()))
    }

    /// Sets where it says what to do when it fails.
    #[must_use]
    pub fn with_runbook(self, runbook: impl Into<Text>) -> Self {
        self.with(|made| made.runbook = Some(runbook.into()))
    }

    /// Sets the health checks that make this one pointless while they are Down.
    #[must_use]
    pub fn with_after<T: Into<Text>>(self, names: impl IntoIterator<Item = T>) -> Self {
        self.with(|made| made.after = names.into_iter().map(Into::into).collect())
    }

    /// Sets a group of which only one check runs at a time.
    #[must_use]
    pub fn with_serial(self, group: impl Into<Text>) -> Self {
        self.with(|made| made.serial = Some(group.into()))
    }

    /// Sets what becomes of an `async` run at its deadline: it is dropped unless said otherwise.
    #[must_use]
    pub fn with_on_timeout(self, on_timeout: OnTimeout) -> Self {
        self.with(|made| made.on_timeout = on_timeout)
    }

    /// Returns the name, unique in the program.
    pub fn name(&self) -> &str {
        match &self.source {
            Source::Annotated(descriptor) => descriptor.name,
            Source::Made(made) => &made.name,
        }
    }

    /// Returns whether it is a health check or a self-test.
    pub fn kind(&self) -> Kind {
        match self.role() {
            Role::Health(_) => Kind::HealthCheck,
            Role::SelfTest(_) => Kind::SelfTest,
        }
    }

    /// Returns where it was annotated or made.
    pub fn location(&self) -> Location {
        match &self.source {
            Source::Annotated(descriptor) => descriptor.location,
            Source::Made(made) => made.location,
        }
    }

    /// Returns its documentation, whole.
    pub fn doc(&self) -> &str {
        match &self.source {
            Source::Annotated(descriptor) => descriptor.doc.trim(),
            Source::Made(made) => &made.doc,
        }
    }

    /// Returns the first line of its documentation.
    pub fn summary(&self) -> &str {
        self.doc().lines().next().unwrap_or_default().trim()
    }

    /// Returns its documentation after the summary.
    pub fn description(&self) -> &str {
        self.doc()
            .split_once('\n')
            .map_or("", |(_, rest)| rest.trim())
    }

    /// Returns how long one run may take.
    pub fn timeout(&self) -> Duration {
        let said = match &self.source {
            Source::Annotated(descriptor) => descriptor.options.timeout,
            Source::Made(made) => made.timeout,
        };
        said.unwrap_or_else(|| default_timeout(self.role()))
    }

    /// Returns the words to select it by.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        let (constant, made): (&[&str], &[Text]) = match &self.source {
            Source::Annotated(descriptor) => (descriptor.options.tags, &[]),
            Source::Made(made) => (&[], &made.tags),
        };
        let made = made.iter().map(AsRef::as_ref);
        constant.iter().copied().chain(made)
    }

    /// Returns who is asked when it fails.
    pub fn owner(&self) -> Option<&str> {
        match &self.source {
            Source::Annotated(descriptor) => descriptor.options.owner,
            Source::Made(made) => made.owner.as_deref(),
        }
    }

    /// Returns where it says what to do when it fails.
    pub fn runbook(&self) -> Option<&str> {
        match &self.source {
            Source::Annotated(descriptor) => descriptor.options.runbook,
            Source::Made(made) => made.runbook.as_deref(),
        }
    }

    /// Returns the names of the health checks that make it pointless while they are Down.
    pub fn after(&self) -> impl Iterator<Item = &str> {
        let (constant, made): (&[&str], &[Text]) = match &self.source {
            Source::Annotated(descriptor) => (descriptor.options.after, &[]),
            Source::Made(made) => (&[], &made.after),
        };
        let made = made.iter().map(AsRef::as_ref);
        constant.iter().copied().chain(made)
    }

    /// Returns the group of which only one check runs at a time.
    pub fn serial(&self) -> Option<&str> {
        match &self.source {
            Source::Annotated(descriptor) => descriptor.options.serial,
            Source::Made(made) => made.serial.as_deref(),
        }
    }

    /// Returns what becomes of an `async` run at its deadline.
    pub fn on_timeout(&self) -> OnTimeout {
        match &self.source {
            Source::Annotated(descriptor) => descriptor.options.on_timeout,
            Source::Made(made) => made.on_timeout,
        }
    }

    /// Returns the options of a health check; `None` for a self-test.
    pub fn health_options(&self) -> Option<&HealthOptions> {
        match self.role() {
            Role::Health(options) => Some(options),
            Role::SelfTest(_) => None,
        }
    }

    /// Returns the options of a self-test; `None` for a health check.
    pub fn self_test_options(&self) -> Option<&SelfTestOptions> {
        match self.role() {
            Role::Health(_) => None,
            Role::SelfTest(options) => Some(options),
        }
    }

    /// Returns the age past which a health check's result counts no more.
    ///
    /// It is 3 x `every` + timeout unless the check says otherwise; `None` for a self-test, whose
    /// results do not age.
    pub fn max_age(&self) -> Option<Duration> {
        let options = self.health_options()?;
        let by_default = options
            .every
            .saturating_mul(3)
            .saturating_add(self.timeout());
        Some(options.max_age.unwrap_or(by_default))
    }

    /// Says whether it is an annotated function, which every process of this program has.
    pub(crate) fn is_annotated(&self) -> bool {
        match &self.source {
            Source::Annotated(_) => true,
            Source::Made(made) => matches!(made.body, Body::Annotated(_)),
        }
    }

    /// Makes it one of MAD's own that only reads a few numbers: it runs where it is decided on.
    #[must_use]
    pub(crate) fn in_place(self) -> Self {
        self.with(|made| made.is_in_place = true)
    }

    /// Says whether it runs where it is decided on, and waits for no thread.
    pub(crate) fn is_in_place(&self) -> bool {
        match &self.source {
            Source::Annotated(_) => false,
            Source::Made(made) => made.is_in_place,
        }
    }

    /// Returns the path by which the test harness of this program finds it.
    pub(crate) fn unit_test(&self) -> Option<&'static str> {
        let path = match &self.source {
            Source::Annotated(descriptor) => descriptor.options.unit_test,
            Source::Made(made) => made.unit_test,
        };
        // The harness leaves out the name of the crate.
        let (_, path) = path?.split_once("::")?;
        Some(path)
    }

    /// Returns the same check without a process of its own.
    #[cfg(unix)]
    pub(crate) fn on_a_thread(self) -> Self {
        self.with(|made| {
            if let Role::SelfTest(options) = &mut made.role {
                options.isolation = Isolation::None;
            }
        })
    }

    fn role(&self) -> &Role {
        match &self.source {
            Source::Annotated(descriptor) => descriptor.role,
            Source::Made(made) => &made.role,
        }
    }

    pub(crate) fn needs(&self) -> &'static [Need] {
        match &self.source {
            Source::Annotated(descriptor) => descriptor.needs,
            Source::Made(made) => made.needs,
        }
    }

    /// Returns the name as it is kept: nothing is allocated for that of an annotated check.
    pub(crate) fn name_text(&self) -> Text {
        match &self.source {
            Source::Annotated(descriptor) => Text::Borrowed(descriptor.name),
            Source::Made(made) => made.name.clone(),
        }
    }

    pub(crate) fn body(&self) -> Body {
        match &self.source {
            Source::Annotated(descriptor) => Body::Annotated(descriptor.function),
            Source::Made(made) => made.body.clone(),
        }
    }
}

impl From<&'static Descriptor> for Check {
    fn from(descriptor: &'static Descriptor) -> Self {
        let source = Source::Annotated(descriptor);
        Self { source }
    }
}

impl From<Made> for Check {
    fn from(made: Made) -> Self {
        let source = Source::Made(Box::new(made));
        Self { source }
    }
}

impl From<&'static Descriptor> for Made {
    fn from(descriptor: &'static Descriptor) -> Self {
        let options = descriptor.options;
        Self {
            name: descriptor.name.into(),
            location: descriptor.location,
            doc: descriptor.doc.trim().into(),
            timeout: options.timeout,
            tags: options.tags.iter().copied().map(Into::into).collect(),
            owner: options.owner.map(Into::into),
            runbook: options.runbook.map(Into::into),
            after: options.after.iter().copied().map(Into::into).collect(),
            serial: options.serial.map(Into::into),
            on_timeout: options.on_timeout,
            role: *descriptor.role,
            needs: descriptor.needs,
            body: Body::Annotated(descriptor.function),
            is_in_place: false,
            unit_test: options.unit_test,
        }
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check")
            .field("name", &self.name())
            .field("location", &self.location())
            .field("role", self.role())
            .finish_non_exhaustive()
    }
}

/// What can be handed over as a check: a [`Check`], or a description that becomes one.
///
/// Implement it for a kind of check that is described by a few values, so that using it is one line.
/// An implementation that says `#[track_caller]` makes a check that is located where it was handed over.
///
/// ```
/// use mad_core::{Check, Engine, HealthOptions, IntoCheck};
///
/// /// The queue is not full.
/// struct QueueLength {
///     capacity: usize,
/// }
///
/// impl IntoCheck for QueueLength {
///     #[track_caller]
///     fn into_check(self) -> Check {
///         Check::health_check("queue", HealthOptions::DEFAULT, move |_| self.capacity > 0)
///     }
/// }
///
/// # let registry = mad_core::Registry::new();
/// let engine = Engine::builder()
/// #   .registry(registry)
///     .check(QueueLength { capacity: 10 })
///     .start()?;
/// # engine.shutdown(std::time::Duration::ZERO);
/// # Ok::<(), mad_core::StartError>(())
/// ```
pub trait IntoCheck {
    /// Makes the check.
    #[track_caller]
    fn into_check(self) -> Check;
}

impl IntoCheck for Check {
    fn into_check(self) -> Check {
        self
    }
}

/// Two checks are equal when they are the same registration.
impl PartialEq for Check {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name() && self.location() == other.location()
    }
}

impl Eq for Check {}

/// Which kind of check it is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// Asks whether this instance can serve; runs on a schedule.
    HealthCheck,
    /// Asks whether a function of the service really works; runs when triggered.
    SelfTest,
}

impl Kind {
    /// Returns the word used in JSON: `health_check` or `self_test`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HealthCheck => "health_check",
            Self::SelfTest => "self_test",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HealthCheck => "health check",
            Self::SelfTest => "self-test",
        })
    }
}

fn default_timeout(role: &Role) -> Duration {
    match role {
        Role::Health(_) => Duration::from_secs(5),
        Role::SelfTest(_) => Duration::from_secs(30),
    }
}

fn sync_body<R: IntoOutcome>(function: impl Fn(&Context) -> R + Send + Sync + 'static) -> Body {
    Body::Sync(Arc::new(move |context| function(context).into_outcome()))
}

fn async_body<R: IntoOutcome>(
    function: impl AsyncFn(&Context) -> R + Send + Sync + 'static,
) -> Body {
    let function = Arc::new(function);
    Body::Async(Arc::new(move |context| {
        let function = Arc::clone(&function);
        Box::pin(async move { function(context).await.into_outcome() })
    }))
}
