//! What one run of a check came to.

use std::error::Error;
use std::fmt;

/// A boxed error of any kind, as annotated functions return it.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// How many errors below an error are told.
const MAX_SOURCES: usize = 32;

/// How many bytes of a text are remembered.
const MAX_TEXT_LENGTH: usize = 4 * 1024;

/// Cuts a text at the last character that fits.
fn shortened(mut text: String) -> String {
    if text.len() > MAX_TEXT_LENGTH {
        text.truncate(text.floor_char_boundary(MAX_TEXT_LENGTH));
        text.push('…');
        text.shrink_to_fit();
    }
    text
}

/// What one run of a check came to.
///
/// Most annotated functions return `()`, `bool` or a `Result`; return an `Outcome` to say "it works,
/// but" ([`warn`](Outcome::warn)) or "this does not apply here" ([`skip`](Outcome::skip)).
///
/// ```
/// use mad_core::Outcome;
///
/// fn free_space(percent_free: f64) -> Outcome {
///     match percent_free {
///         p if p < 2.0 => Outcome::fail("the disk is full"),
///         p if p < 10.0 => Outcome::warn("the disk fills up"),
///         _ => Outcome::Pass,
///     }
/// }
/// assert_eq!(free_space(50.0), Outcome::Pass);
/// assert_eq!(free_space(5.0).kind().as_str(), "warn");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It works.
    Pass,
    /// It works, but somebody should look at the reason given.
    Warn(String),
    /// It does not work.
    Fail(Failure),
    /// It was not tried, for the reason given. A skipped run says nothing about health.
    Skip(String),
}

impl Outcome {
    /// Makes a [`Warn`](Outcome::Warn) with this reason.
    pub fn warn(reason: impl Into<String>) -> Self {
        Self::Warn(reason.into())
    }

    /// Makes a [`Fail`](Outcome::Fail) with this message and the cause [`Cause::Failed`].
    pub fn fail(message: impl Into<String>) -> Self {
        Self::Fail(Failure::new(Cause::Failed, message))
    }

    /// Makes a [`Skip`](Outcome::Skip) with this reason.
    pub fn skip(reason: impl Into<String>) -> Self {
        Self::Skip(reason.into())
    }

    /// Returns which of the four it is, without the text.
    pub fn kind(&self) -> OutcomeKind {
        match self {
            Self::Pass => OutcomeKind::Pass,
            Self::Warn(_) => OutcomeKind::Warn,
            Self::Fail(_) => OutcomeKind::Fail,
            Self::Skip(_) => OutcomeKind::Skip,
        }
    }

    /// Cuts its texts to what is remembered of a run, 64 times over for each check.
    pub(crate) fn bounded(self) -> Self {
        self.map_texts(shortened)
    }

    /// Replaces each of its texts.
    pub(crate) fn map_texts(self, mut map: impl FnMut(String) -> String) -> Self {
        match self {
            Self::Pass => Self::Pass,
            Self::Warn(reason) => Self::Warn(map(reason)),
            Self::Skip(reason) => Self::Skip(map(reason)),
            Self::Fail(failure) => Self::Fail(failure.map_texts(map)),
        }
    }

    /// Returns the failure, if it is one.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Fail(failure) => Some(failure),
            _ => None,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind().as_str())?;
        match self {
            Self::Pass => Ok(()),
            Self::Warn(reason) | Self::Skip(reason) => write!(f, ": {reason}"),
            Self::Fail(failure) => write!(f, ": {failure}"),
        }
    }
}

/// Which of the four outcomes a run had; the value of the metric label `outcome`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum OutcomeKind {
    /// It works.
    Pass,
    /// It works, with a reservation.
    Warn,
    /// It does not work.
    Fail,
    /// It was not tried.
    Skip,
}

impl OutcomeKind {
    /// Every kind, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Pass, Self::Warn, Self::Fail, Self::Skip];

    /// Returns the word used in labels and JSON: `pass`, `warn`, `fail` or `skip`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skip => "skip",
        }
    }
}

/// Why a run failed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Failure {
    cause: Cause,
    message: String,
    sources: Vec<String>,
    location: Option<String>,
}

impl Failure {
    /// Makes a failure with a message for the people who operate the service.
    pub fn new(cause: Cause, message: impl Into<String>) -> Self {
        Self {
            cause,
            message: message.into(),
            sources: Vec::new(),
            location: None,
        }
    }

    /// Makes a failure from an error and the whole chain of its sources.
    pub fn from_error(error: &(dyn Error + 'static)) -> Self {
        let mut failure = Self::new(Cause::Failed, error.to_string());
        let mut next = error.source();
        // An error may be its own source.
        while let Some(source) = next.filter(|_| failure.sources.len() < MAX_SOURCES) {
            failure.sources.push(source.to_string());
            next = source.source();
        }
        failure
    }

    /// Adds the place in the source where it happened, as `file:line:column`.
    #[must_use]
    pub fn at(mut self, location: impl Into<String>) -> Self {
        self.location = Some(location.into());
        self
    }

    /// Adds the text of what it came from.
    pub(crate) fn because(mut self, source: String) -> Self {
        self.sources.push(source);
        self
    }

    pub(crate) fn bounded(self) -> Self {
        self.map_texts(shortened)
    }

    fn map_texts(self, mut map: impl FnMut(String) -> String) -> Self {
        Self {
            message: map(self.message),
            sources: self.sources.into_iter().map(map).collect(),
            ..self
        }
    }

    /// Returns what kind of failure it was.
    pub fn cause(&self) -> Cause {
        self.cause
    }

    /// Returns the message: the error's own text, or the panic's.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the texts of the errors below it, the nearest first.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// Returns where it happened, as `file:line:column`; known for panics.
    pub fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.cause != Cause::Failed {
            write!(f, "{}: ", self.cause)?;
        }
        f.write_str(&self.message)?;
        for source in &self.sources {
            write!(f, ": {source}")?;
        }
        match &self.location {
            Some(location) => write!(f, " ({location})"),
            None => Ok(()),
        }
    }
}

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Cause {
    /// The function returned an error or `false`.
    Failed,
    /// The function panicked.
    Panicked,
    /// The function had not ended at its deadline.
    TimedOut,
    /// The function was ended from outside: cancelled, or its process died.
    Aborted,
}

impl Cause {
    pub(crate) const ALL: [Self; 4] = [Self::Failed, Self::Panicked, Self::TimedOut, Self::Aborted];

    /// Returns the cause with this word.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == word)
    }

    /// Returns the word used in JSON: `failed`, `panicked`, `timed_out` or `aborted`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Panicked => "panicked",
            Self::TimedOut => "timed_out",
            Self::Aborted => "aborted",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimedOut => "timed out",
            other => other.as_str(),
        })
    }
}

/// What an annotated function may return.
///
/// `()` passes, `bool` passes when `true`, an [`Outcome`] is itself, and `Result<_, E>` of any of
/// these fails with the error and its sources. `E` is whatever converts into
/// `Box<dyn Error + Send + Sync>`: any error type, `String`, `&str`, `anyhow::Error`.
#[diagnostic::on_unimplemented(
    message = "a check cannot return `{Self}`",
    label = "not a result that a check can have",
    note = "return `()`, `bool`, `mad_core::Outcome`, or a `Result` of one of these \
            whose error converts into `Box<dyn Error + Send + Sync>`, as `String` does and \
            whatever implements `Error`; else `.map_err(|error| error.to_string())`"
)]
pub trait IntoOutcome {
    /// Converts the returned value.
    fn into_outcome(self) -> Outcome;
}

impl IntoOutcome for () {
    fn into_outcome(self) -> Outcome {
        Outcome::Pass
    }
}

impl IntoOutcome for bool {
    fn into_outcome(self) -> Outcome {
        if self {
            Outcome::Pass
        } else {
            Outcome::fail("returned false")
        }
    }
}

impl IntoOutcome for Outcome {
    fn into_outcome(self) -> Outcome {
        self
    }
}

// Without this, the compiler names the traits that it looked at, and not what a check can return.
#[diagnostic::do_not_recommend]
impl<T: IntoOutcome, E: Into<BoxError>> IntoOutcome for Result<T, E> {
    fn into_outcome(self) -> Outcome {
        match self {
            Ok(value) => value.into_outcome(),
            Err(error) => Outcome::Fail(Failure::from_error(&*error.into())),
        }
    }
}
