//! What was wrong with what the program recorded.

use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use parking_lot::Mutex;

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $reason:ident $name:literal,)+) => {
        /// What was wrong with something that the program recorded, and what became of it.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[doc = $doc])+ $reason,)+
        }

        impl Reason {
            /// All of them.
            pub(crate) const ALL: &[Self] = &[$(Self::$reason),+];

            /// Returns the reason as the label `reason` has it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$reason => $name,)+
                }
            }
        }
    };
}

reasons! {
    /// A metric without a name is not recorded; and `_total` is none, as that is the ending of counters.
    EmptyName "empty_name",
    /// A letter that is not legal in the name of a metric is shown as `_`.
    IllegalName "illegal_name",
    /// A name that is shown like that of another metric, or like one of its samples (`x_sum` beside a
    /// histogram `x`), is not recorded: two metrics are never mixed.
    NameTaken "name_taken",
    /// A name that the recorder or the builder keeps for others is not recorded.
    ReservedName "reserved_name",
    /// A metric stays what it first was; of another kind, nothing is recorded.
    KindChanged "kind_changed",
    /// A letter that is not legal in the name of a label is shown as `_`.
    IllegalLabel "illegal_label",
    /// A label that means something to Prometheus (`__name__`, `le`, `quantile`) is shown with
    /// `exported_` before its name.
    ReservedLabel "reserved_label",
    /// A carriage return in the value of a label is shown as a line feed: some readers take it for the end of a line.
    CarriageReturn "carriage_return",
    /// Of labels with one name, the last one counts.
    DuplicateLabel "duplicate_label",
    /// An observation, or a step of a gauge, that is infinite or not a number does not count.
    NotFinite "not_finite",
    /// A metric has as many series as it may; what is new counts for its overflow, or not at all.
    TooManySeries "too_many_series",
    /// There are as many metrics as there may be; a new one is not recorded.
    TooManyMetrics "too_many_metrics",
    /// Buckets whose bounds do not rise are not taken.
    Buckets "buckets",
    /// Buckets that are declared when the histogram has others, from its first observation or an earlier
    /// declaration, are not taken.
    LateBuckets "late_buckets",
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that was not recorded as the program meant it.
#[derive(Clone, Copy, Debug)]
pub struct Rejection<'a> {
    /// What was wrong.
    pub reason: Reason,
    /// The metric, as the program calls it.
    pub metric: &'a str,
    /// What it was about, if not the metric as a whole: a label.
    pub label: Option<&'a str>,
    /// The module that the call stands in, if it said so.
    pub module: Option<&'a str>,
}

impl fmt::Display for Rejection<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "metric {:?}: {}", self.metric, self.reason)?;
        if let Some(label) = self.label {
            write!(f, " {label:?}")?;
        }
        if let Some(module) = self.module {
            write!(f, " (in {module})")?;
        }
        Ok(())
    }
}

/// Is told of a rejection.
pub(crate) type Hook = Box<dyn Fn(&Rejection<'_>) + Send + Sync>;

/// How many rejections are told of, as names can be without end.
const MAX_TOLD: usize = 1_000;

/// Counts what is wrong, and tells of it once.
pub(crate) struct Rejections {
    hook: Option<Hook>,
    told: Mutex<HashSet<(Reason, Box<str>)>>,
    /// One for each reason, in their order.
    counts: [AtomicU64; Reason::ALL.len()],
}

impl Rejections {
    pub(crate) fn new(hook: Option<Hook>) -> Self {
        Self {
            hook,
            told: Mutex::default(),
            counts: [const { AtomicU64::new(0) }; Reason::ALL.len()],
        }
    }

    /// Counts a rejection. No lock may be held, as the program is told of it.
    #[cold]
    pub(crate) fn add(&self, rejection: &Rejection<'_>) {
        self.counts[rejection.reason as usize].fetch_add(1, Relaxed);
        if let Some(hook) = &self.hook
            && self.is_new(rejection)
        {
            hook(rejection);
        }
    }

    /// Returns how many there were for each reason.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (Reason, u64)> {
        let counts = self.counts.iter().map(|count| count.load(Relaxed));
        Reason::ALL.iter().copied().zip(counts)
    }

    fn is_new(&self, rejection: &Rejection<'_>) -> bool {
        let mut told = self.told.lock();
        told.len() < MAX_TOLD && told.insert((rejection.reason, rejection.metric.into()))
    }
}

impl fmt::Debug for Rejections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rejections(..)")
    }
}
