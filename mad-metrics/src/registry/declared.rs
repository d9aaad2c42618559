//! Buckets that stand in the code, beside the description of a histogram.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use once_cell::sync::Lazy;
use parking_lot::RwLock;

use super::Registry;
use super::family::{AnyMembers, Family};
use crate::rejection::Reason;
use crate::settings::{Shape, are_bounds};

/// What was declared of one metric.
#[derive(Clone, Debug)]
struct Declaration {
    bounds: Arc<[f64]>,
    /// Other bounds that somebody declared later.
    later: Option<Arc<[f64]>>,
}

/// Declarations by the names that the program gives its metrics.
type Declared = HashMap<Box<str>, Declaration>;

/// What was declared. It is the same for all recorders, and there before any.
static DECLARED: Lazy<RwLock<Declared>> = Lazy::new(RwLock::default);

/// How often something was declared that was new.
static N_DECLARED: AtomicU64 = AtomicU64::new(0);

/// Declares the upper bounds of the buckets of a histogram, for every recorder of this crate.
///
/// That must be done before the first observation; of several declarations, the first one holds. It is what
/// [`describe_histogram!`](crate::describe_histogram) calls.
///
/// Bounds that do not rise are rejected when the first observation comes, and bounds that come when the histogram
/// has others already, when it is described or shown. A builder can give a metric other buckets by its
/// [full name](crate::Matcher::Full).
pub fn declare_buckets(name: &str, bounds: &[f64]) {
    let bounds = bounds.strip_suffix(&[f64::INFINITY]).unwrap_or(bounds);
    if DECLARED
        .read()
        .get(name)
        .is_some_and(|known| known.says(bounds))
    {
        return;
    }
    let mut declared = DECLARED.write();
    match declared.get_mut(name) {
        None => {
            let first = Declaration {
                bounds: bounds.into(),
                later: None,
            };
            declared.insert(name.into(), first);
        }
        Some(known) if known.says(bounds) => return,
        Some(known) => known.later = Some(bounds.into()),
    }
    N_DECLARED.fetch_add(1, Relaxed);
}

impl Declaration {
    /// Says whether nothing new is said by these bounds.
    fn says(&self, bounds: &[f64]) -> bool {
        self.later.is_some() || *self.bounds == *bounds
    }

    /// Returns all bounds that were declared and make sense.
    fn sound(self) -> impl Iterator<Item = Arc<[f64]>> {
        let all = std::iter::once(self.bounds).chain(self.later);
        all.filter(|bounds| are_bounds(bounds))
    }
}

/// Returns the bounds that were declared, which may be no bounds at all.
pub(super) fn declared_buckets(name: &str) -> Option<Arc<[f64]>> {
    let declared = DECLARED.read();
    let found = declared.get(name)?;
    Some(Arc::clone(&found.bounds))
}

impl Registry {
    /// Looks for declarations that came too late, if there are new ones, and tells of them.
    pub(super) fn notice_late_buckets(&self) {
        let n_declared = N_DECLARED.load(Relaxed);
        if self.n_declared.swap(n_declared, Relaxed) == n_declared {
            return;
        }
        for family in self.families.sorted().iter() {
            if self.has_late_buckets(family) && !family.has_late_buckets.swap(true, Relaxed) {
                family.reject(Reason::LateBuckets);
            }
        }
    }

    fn has_late_buckets(&self, family: &Family) -> bool {
        let declared = DECLARED.read().get(family.key_name()).cloned();
        let mut declared = declared.into_iter().flat_map(Declaration::sound);
        declared.any(|bounds| {
            let meant = self.settings.shape(family.name(), Some(bounds));
            match (&family.members, meant) {
                (AnyMembers::Histograms { bounds, .. }, Shape::Histogram { bounds: meant, .. }) => {
                    *bounds.as_slice() != *meant
                }
                (AnyMembers::Summaries { .. }, Shape::Histogram { .. }) => true,
                _ => false,
            }
        })
    }
}
