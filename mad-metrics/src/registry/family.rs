//! One metric: what all series of one name have in common, and which they are.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::time::Duration;

use once_cell::sync::OnceCell;
use parking_lot::Mutex;

use super::description::Description;
use super::members::Members;
use crate::instrument::{Bounds, Counter, Gauge, NativeShape, SummaryShape};
use crate::registry::Distribution;
use crate::rejection::{Reason, Rejection, Rejections};
use crate::settings::Shape;
use crate::view::{self, Kind, RenamedLabel};

/// Of how many labels a metric remembers what the program calls them, if they are shown under another name.
const MAX_RENAMED_LABELS: usize = 256;

/// One metric.
#[derive(Debug)]
pub(crate) struct Family {
    /// As the program calls it.
    key_name: Box<str>,
    /// As it is shown.
    name: Box<str>,
    pub(crate) description: OnceCell<Description>,
    pub(crate) members: AnyMembers,
    pub(crate) limit: usize,
    pub(crate) idle_timeout: Option<Duration>,
    /// Whether series were hidden since the last sweep, and may go.
    pub(crate) has_hidden: AtomicBool,
    /// Whether there may be others that sleep, and that somebody held at the last sweep.
    pub(crate) has_held: AtomicBool,
    /// How many series there are, those that sleep too.
    pub(crate) n_series: AtomicUsize,
    /// How often a series was asked for beyond the limit.
    pub(crate) n_overflowed: AtomicU64,
    /// Whether it was told that buckets were declared too late.
    pub(crate) has_late_buckets: AtomicBool,
    renamed_labels: Mutex<Arc<[RenamedLabel]>>,
    rejections: Arc<Rejections>,
}

/// The series of a metric, by what its values are.
#[derive(Debug)]
pub(crate) enum AnyMembers {
    Counters(Members<Counter>),
    Gauges(Members<Gauge>),
    Histograms {
        bounds: Bounds,
        native: Option<NativeShape>,
        members: Members<Distribution>,
    },
    Summaries {
        shape: SummaryShape,
        members: Members<Distribution>,
    },
}

impl AnyMembers {
    pub(crate) fn distributions(shape: Shape) -> Self {
        let members = Members::default();
        match shape {
            Shape::Histogram { bounds, native } => Self::Histograms {
                bounds: Bounds::from(&*bounds),
                native,
                members,
            },
            Shape::Summary(shape) => Self::Summaries { shape, members },
        }
    }

    /// Lets all series go.
    pub(crate) fn clear(&self) {
        match self {
            Self::Counters(members) => members.clear(),
            Self::Gauges(members) => members.clear(),
            Self::Histograms { members, .. } | Self::Summaries { members, .. } => members.clear(),
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Counters(_) => Kind::Counter,
            Self::Gauges(_) => Kind::Gauge,
            Self::Histograms { .. } => Kind::Histogram,
            Self::Summaries { .. } => Kind::Summary,
        }
    }
}

/// What a metric may have.
#[derive(Debug)]
pub(crate) struct Limits {
    pub(crate) series: usize,
    pub(crate) idle_timeout: Option<Duration>,
}

impl Family {
    pub(crate) fn new(
        key_name: &str,
        name: &str,
        members: AnyMembers,
        limits: &Limits,
        rejections: Arc<Rejections>,
    ) -> Self {
        Self {
            key_name: key_name.into(),
            name: name.into(),
            description: OnceCell::new(),
            members,
            limit: limits.series,
            idle_timeout: limits.idle_timeout,
            has_hidden: AtomicBool::new(false),
            has_held: AtomicBool::new(false),
            n_series: AtomicUsize::new(0),
            n_overflowed: AtomicU64::new(0),
            has_late_buckets: AtomicBool::new(false),
            renamed_labels: Mutex::new([].into()),
            rejections,
        }
    }

    /// Returns the name that the program gave it.
    #[inline]
    pub(crate) fn key_name(&self) -> &str {
        &self.key_name
    }

    /// Returns the name that it is shown with.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn kind(&self) -> Kind {
        self.members.kind()
    }

    /// Counts something that was wrong with one of its values.
    #[cold]
    pub(crate) fn reject(&self, reason: Reason) {
        self.rejections.add(&Rejection {
            reason,
            metric: &self.key_name,
            label: None,
            module: None,
        });
    }

    /// Remembers under which name a label is shown; the first program's name for it stays. Labels whose names are
    /// without end are not all remembered.
    pub(crate) fn rename_label(&self, original: &str, name: &str) {
        let mut renamed = self.renamed_labels.lock();
        let is_known = renamed.iter().any(|label| &*label.name == name);
        if is_known || renamed.len() >= MAX_RENAMED_LABELS {
            return;
        }
        let (name, original) = (name.into(), original.into());
        let new = [RenamedLabel { name, original }];
        *renamed = renamed.iter().cloned().chain(new).collect();
    }

    pub(crate) fn renamed_labels(&self) -> Arc<[RenamedLabel]> {
        Arc::clone(&self.renamed_labels.lock())
    }

    /// Returns how it is shown.
    pub(crate) fn view<'a>(&'a self, renamed_labels: &'a [RenamedLabel]) -> view::Family<'a> {
        let description = self.description.get();
        let bounds: &[f64] = match &self.members {
            AnyMembers::Histograms { bounds, .. } => bounds.as_slice(),
            _ => &[],
        };
        view::Family::new(&self.name, self.kind())
            .with_help(description.map_or("", |description| &description.help))
            .with_unit(description.and_then(|description| description.unit))
            .with_bounds(bounds)
            .with_originals(&self.key_name, renamed_labels)
    }

    /// Says whether there is no room for one more series.
    pub(crate) fn is_full(&self) -> bool {
        self.n_series.load(Relaxed) >= self.limit
    }

    /// Makes room for one more series, if there is.
    pub(crate) fn take_room(&self) -> bool {
        let has_room = self.n_series.fetch_add(1, Relaxed) < self.limit;
        if !has_room {
            self.n_series.fetch_sub(1, Relaxed);
        }
        has_room
    }
}
