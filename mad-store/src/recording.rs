//! What one run measured, as it is handed to the store.

use serde::{Deserialize, Serialize};

use crate::{Commit, Environment, Metric, Subject};

/// What one run measured: the unit that is stored whole or not at all.
///
/// ```
/// use mad_store::{Direction, Environment, Metric, MetricKind, Recording, Sample, Subject, SubjectKind};
///
/// let duration = Metric::new("test_duration_seconds", "seconds", MetricKind::Noisy, Direction::Lower);
/// let mut recording = Recording::new(Environment::default(), 1_790_000_000_000);
/// recording.samples.push(Sample::new(Subject::new(SubjectKind::Test, "shop", "orders"), duration, 0.25));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// The same for the same run, however often it is recorded: a second time changes nothing. [`Recording::new`]
    /// takes a random one.
    pub key: String,
    /// The commit that was measured; nothing outside of a repository.
    pub commit: Option<Commit>,
    /// The branch that was checked out.
    pub branch: Option<String>,
    /// Whether there were changes that are not in the commit.
    pub dirty: bool,
    /// Where and how.
    pub environment: Environment,
    /// The command line or tool that the numbers are from.
    pub command: String,
    /// When it began, in milliseconds since 1970.
    pub started_at: i64,
    /// How long it took, in milliseconds.
    pub wall_ms: u64,
    /// The load of the machine when it began (the average of a minute), where that is known.
    pub load: Option<f64>,
    /// How it ended.
    pub status: Status,
    /// Why it ended so, where that is not plain: the first error of a build.
    pub reason: Option<String>,
    /// The hash of what was built from, where whoever records knows one: the same content need not be measured twice.
    pub content: Option<String>,
    /// The numbers.
    pub samples: Vec<Sample>,
    /// Words to things that were measured, above all why a test failed.
    pub notes: Vec<Note>,
}

impl Recording {
    /// An empty recording of a run that began at a time (in milliseconds since 1970), with a random key.
    pub fn new(environment: Environment, started_at: i64) -> Self {
        Self {
            key: random_key(),
            commit: None,
            branch: None,
            dirty: false,
            environment,
            command: String::new(),
            started_at,
            wall_ms: 0,
            load: None,
            status: Status::Complete,
            reason: None,
            content: None,
            samples: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// 128 random bits in hexadecimal. Where the system has none (which no system of ours is known for), time has to do.
fn random_key() -> String {
    let mut bits = [0; 16];
    if getrandom::fill(&mut bits).is_err() {
        let now = std::time::SystemTime::UNIX_EPOCH
            .elapsed()
            .unwrap_or_default();
        bits = (now.as_nanos() ^ (u128::from(std::process::id()) << 96)).to_be_bytes();
    }
    format!("{:032x}", u128::from_be_bytes(bits))
}

/// One number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// What it is about.
    pub subject: Subject,
    /// What was measured.
    pub metric: Metric,
    /// The number; of several measurements their median. Never NaN nor infinite: such a sample is refused.
    pub value: f64,
    /// How many measurements it is the median of.
    pub count: u32,
    /// The median of their distances from it, if there was more than one.
    pub spread: Option<f64>,
}

impl Sample {
    /// A number that was measured once.
    pub fn new(subject: Subject, metric: Metric, value: f64) -> Self {
        Self {
            subject,
            metric,
            value,
            count: 1,
            spread: None,
        }
    }
}

/// Words to something that was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What they are about.
    pub subject: Subject,
    /// The words. What is beyond 4 KiB is cut off.
    pub text: String,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Everything that was asked for was measured, be it that tests failed.
    Complete,
    /// Some of it was not measured.
    Partial,
    /// It did not build.
    BuildFailed,
    /// The tests ended by a signal or an abort.
    Crashed,
    /// It was ended because it took too long.
    TimedOut,
    /// There was nothing to test.
    NoTests,
    /// The commit could not be checked out.
    CheckoutFailed,
}

impl Status {
    const ALL: [Self; 7] = [
        Self::Complete,
        Self::Partial,
        Self::BuildFailed,
        Self::Crashed,
        Self::TimedOut,
        Self::NoTests,
        Self::CheckoutFailed,
    ];

    /// The word that stands for it in the store and in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::BuildFailed => "build-failed",
            Self::Crashed => "crashed",
            Self::TimedOut => "timed-out",
            Self::NoTests => "no-tests",
            Self::CheckoutFailed => "checkout-failed",
        }
    }

    pub(crate) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }
}
