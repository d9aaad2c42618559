//! All metrics, by the name that the program gives them, and by the names that are taken on the page.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};

use super::description::Description;
use super::family::Family;
use crate::naming;
use crate::rejection::Reason;
use crate::view::Kind;

/// All metrics.
#[derive(Debug, Default)]
pub(crate) struct Families {
    named: RwLock<Named>,
    /// In the order of their names, as far as they were known then.
    sorted: Mutex<Arc<Vec<Arc<Family>>>>,
}

#[derive(Debug, Default)]
struct Named {
    families: HashMap<Box<str>, Arc<Family>>,
    /// The names of all samples.
    taken: HashSet<String>,
    /// Of metrics that are not there yet.
    descriptions: HashMap<Box<str>, Description>,
}

impl Families {
    pub(crate) fn find(&self, key_name: &str) -> Option<Arc<Family>> {
        self.named.read().families.get(key_name).cloned()
    }

    /// Adds a family, unless there is one of this name or one of its samples' names is taken.
    pub(crate) fn find_or_add(&self, family: Family, max: usize) -> Result<Arc<Family>, Reason> {
        let mut named = self.named.write();
        if let Some(found) = named.families.get(family.key_name()) {
            return Ok(Arc::clone(found));
        }
        if named.families.len() >= max {
            return Err(Reason::TooManyMetrics);
        }
        let samples = sample_names(family.name(), family.kind());
        if samples.iter().any(|sample| named.taken.contains(sample)) {
            return Err(Reason::NameTaken);
        }
        named.taken.extend(samples);
        if let Some(description) = named.descriptions.remove(family.key_name()) {
            _ = family.description.set(description);
        }
        let family = Arc::new(family);
        let key_name = family.key_name().into();
        named.families.insert(key_name, Arc::clone(&family));
        Ok(family)
    }

    /// Describes a metric that is not described yet.
    pub(crate) fn describe(
        &self,
        key_name: &str,
        max: usize,
        description: impl FnOnce() -> Description,
    ) {
        if self.named.read().is_described(key_name) {
            return;
        }
        let mut named = self.named.write();
        if let Some(family) = named.families.get(key_name) {
            _ = family.description.set(description());
        } else if named.descriptions.len() < max && !named.is_described(key_name) {
            named.descriptions.insert(key_name.into(), description());
        }
    }

    /// Returns all of them, in the order of their names.
    pub(crate) fn sorted(&self) -> Arc<Vec<Arc<Family>>> {
        let mut sorted = self.sorted.lock();
        let named = self.named.read();
        // None ever goes.
        if sorted.len() != named.families.len() {
            let mut all: Vec<_> = named.families.values().cloned().collect();
            drop(named);
            all.sort_by(|one, other| one.name().cmp(other.name()));
            *sorted = Arc::new(all);
        }
        Arc::clone(&sorted)
    }
}

impl Named {
    fn is_described(&self, key_name: &str) -> bool {
        match self.families.get(key_name) {
            Some(family) => family.description.get().is_some(),
            None => self.descriptions.contains_key(key_name),
        }
    }
}

fn sample_names(name: &str, kind: Kind) -> Vec<String> {
    let suffixes = naming::sample_suffixes(kind).iter();
    suffixes.map(|suffix| format!("{name}{suffix}")).collect()
}
