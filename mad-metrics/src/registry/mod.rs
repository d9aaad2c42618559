//! Who is who: metrics by name, series by key.
//!
//! A key that is known is found in the [`Index`]; everything else goes through [`admission`], which
//! decides what is recorded, and under which name.

mod admission;
mod canonical;
mod declared;
mod description;
mod distribution;
mod families;
mod family;
mod index;
mod listing;
mod members;
mod own;
mod series;
mod show;
mod sweep;
mod weigh;

#[cfg(all(test, mad_loom))]
mod interleavings;

use std::sync::Arc as StdArc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize};
use std::time::Instant;

use metrics::{Key, KeyName, Metadata, Unit};

pub use self::declared::declare_buckets;
pub(crate) use self::distribution::Distribution;
pub(crate) use self::family::Family;
pub(crate) use self::index::{Index, mixed};
pub(crate) use self::series::Series;

use self::description::Description;
use self::families::Families;
use self::members::Members;
use crate::instrument::{Blocks, Counter, Gauge, Watched};
use crate::poll::Polls;
use crate::rejection::{Reason, Rejection, Rejections};
use crate::settings::{self, Settings};
use crate::sync::Arc;

/// Numbers the states of all registries.
static STAMPS: AtomicU64 = AtomicU64::new(1);

/// Everything that was recorded.
#[derive(Debug)]
pub(crate) struct Registry {
    /// What threads remember of this registry is true as long as this is the same.
    stamp: AtomicU64,
    counters: Index<Counter>,
    /// Where counters are.
    blocks: Blocks,
    gauges: Index<Gauge>,
    distributions: Index<Distribution>,
    families: Families,
    settings: Settings,
    rejections: StdArc<Rejections>,
    n_series: AtomicUsize,
    pub(crate) polls: Polls,
    /// How many declarations of buckets were looked at.
    n_declared: AtomicU64,
    /// What the times of the sweep count from.
    start: Instant,
    /// When the sweep last looked at what sleeps while somebody holds it.
    looked_at_held: AtomicU32,
}

impl Drop for Registry {
    fn drop(&mut self) {
        // A family has its series, and they it.
        for family in self.families.sorted().iter() {
            family.members.clear();
        }
    }
}

/// A kind of value, with the rooms of the registry that are for it.
pub(crate) trait Instrument: Sized + Watched {
    /// Makes a value for a family, which has members of this kind.
    fn new(registry: &Registry, family: &Family) -> Self;

    fn index(registry: &Registry) -> &Index<Self>;

    /// Returns the members of a family, if it is one of this kind.
    fn members(family: &Family) -> Option<&Members<Self>>;

    /// Makes the empty members for a new family.
    fn family_of(registry: &Registry, key_name: &str, name: &str) -> family::AnyMembers;
}

impl Registry {
    pub(crate) fn new(settings: Settings, rejections: Rejections) -> Self {
        let start = settings.clock.now();
        Self {
            stamp: AtomicU64::new(STAMPS.fetch_add(1, Relaxed)),
            counters: Index::new(),
            blocks: Blocks::new(),
            gauges: Index::new(),
            distributions: Index::new(),
            families: Families::default(),
            settings,
            rejections: StdArc::new(rejections),
            n_series: AtomicUsize::new(0),
            polls: Polls::default(),
            n_declared: AtomicU64::new(0),
            start,
            looked_at_held: AtomicU32::new(0),
        }
    }

    /// Returns what changes when something that threads remember is no longer true.
    #[inline]
    pub(crate) fn stamp(&self) -> u64 {
        self.stamp.load(Relaxed)
    }

    /// Makes threads forget what they remember of this registry, when they next use it.
    fn renew_stamp(&self) {
        self.stamp.store(STAMPS.fetch_add(1, Relaxed), Relaxed);
    }

    /// Returns the series of a key, if it may have one.
    pub(crate) fn series<I: Instrument>(
        &self,
        key: &Key,
        metadata: Option<&Metadata<'_>>,
    ) -> Option<Arc<Series<I>>> {
        // What is found is legal: only such keys are in the index.
        let found = I::index(self).find(key);
        found.or_else(|| self.admit(key, metadata))
    }

    /// Has the gauges read that are read when somebody asks.
    pub(crate) fn poll(&self) {
        self.polls.read_all(self.settings.patience);
    }

    /// Remembers what the program says about a metric; the first that it says stays.
    pub(crate) fn describe(&self, name: &KeyName, unit: Option<Unit>, help: &str) {
        let max = self.settings.max_metrics;
        self.families
            .describe(name.as_str(), max, || Description::new(help, unit));
        self.notice_late_buckets();
    }
}

impl Instrument for Counter {
    fn new(registry: &Registry, _: &Family) -> Self {
        Self::new(registry.blocks.place())
    }

    fn index(registry: &Registry) -> &Index<Self> {
        &registry.counters
    }

    fn members(family: &Family) -> Option<&Members<Self>> {
        match &family.members {
            family::AnyMembers::Counters(members) => Some(members),
            _ => None,
        }
    }

    fn family_of(_: &Registry, _: &str, _: &str) -> family::AnyMembers {
        family::AnyMembers::Counters(Members::default())
    }
}

impl Instrument for Gauge {
    fn new(_: &Registry, _: &Family) -> Self {
        Self::new()
    }

    fn index(registry: &Registry) -> &Index<Self> {
        &registry.gauges
    }

    fn members(family: &Family) -> Option<&Members<Self>> {
        match &family.members {
            family::AnyMembers::Gauges(members) => Some(members),
            _ => None,
        }
    }

    fn family_of(_: &Registry, _: &str, _: &str) -> family::AnyMembers {
        family::AnyMembers::Gauges(Members::default())
    }
}

impl Instrument for Distribution {
    fn new(_: &Registry, family: &Family) -> Self {
        Self::of(&family.members)
    }

    fn index(registry: &Registry) -> &Index<Self> {
        &registry.distributions
    }

    fn members(family: &Family) -> Option<&Members<Self>> {
        match &family.members {
            family::AnyMembers::Histograms { members, .. }
            | family::AnyMembers::Summaries { members, .. } => Some(members),
            _ => None,
        }
    }

    fn family_of(registry: &Registry, key_name: &str, name: &str) -> family::AnyMembers {
        let declared = declared::declared_buckets(key_name);
        let is_sound = |bounds: &[f64]| settings::are_bounds(bounds);
        if declared.as_deref().is_some_and(|bounds| !is_sound(bounds)) {
            registry.rejections.add(&Rejection {
                reason: Reason::Buckets,
                metric: key_name,
                label: None,
                module: None,
            });
        }
        let declared = declared.filter(|bounds| is_sound(bounds));
        family::AnyMembers::distributions(registry.settings.shape(name, declared))
    }
}
