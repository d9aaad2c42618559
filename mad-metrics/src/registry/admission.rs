//! What is recorded of a key that is not known: the way of all new keys, and of those that break a rule.

use std::borrow::Cow;
use std::sync::Arc as StdArc;
use std::sync::atomic::Ordering::Relaxed;

use metrics::{Key, Label, Metadata};

use super::canonical::Canonical;
use super::family::{Family, Limits};
use super::own;
use super::series::{Identity, OVERFLOW, Series};
use super::{Instrument, Registry};
use crate::naming;
use crate::rejection::{Reason, Rejection};
use crate::settings::Overflow;
use crate::sync::Arc;

impl Registry {
    /// Returns the series of a key that is not in the index as it is.
    #[cold]
    pub(super) fn admit<I: Instrument>(
        &self,
        key: &Key,
        metadata: Option<&Metadata<'_>>,
    ) -> Option<Arc<Series<I>>> {
        let reject = |reason, label| {
            self.rejections.add(&Rejection {
                reason,
                metric: key.name(),
                label,
                module: metadata.and_then(Metadata::module_path),
            });
        };
        let (family, was_renamed) = match self.family::<I>(key.name()) {
            Ok(found) => found,
            Err(reason) => {
                reject(reason, None);
                return None;
            }
        };
        if was_renamed {
            reject(Reason::IllegalName, None);
        }
        if I::members(&family).is_none() {
            reject(Reason::KindChanged, None);
            return None;
        }
        let canonical = Canonical::of(key, &self.settings.global_labels);
        if !canonical.is_as_it_was() {
            let found = I::index(self).find(&canonical.key);
            if found.is_some() {
                return found;
            }
        }
        for repair in &canonical.repairs {
            reject(repair.reason, Some(repair.original));
        }
        let add = || {
            for repair in &canonical.repairs {
                family.rename_label(repair.original, &repair.name);
            }
            let make = || self.make(&canonical.key, &family);
            I::index(self).find_or_add(&canonical.key, make)
        };
        // Nobody waits for a lock to hear that there is no room.
        let added = if family.is_full() { None } else { add() };
        added.or_else(|| {
            family.n_overflowed.fetch_add(1, Relaxed);
            reject(Reason::TooManySeries, None);
            self.overflow(&family)
        })
    }

    /// Returns the family of a name, and whether it is new and is shown with another one.
    fn family<I: Instrument>(&self, key_name: &str) -> Result<(StdArc<Family>, bool), Reason> {
        if let Some(found) = self.families.find(key_name) {
            return Ok((found, false));
        }
        let name = naming::metric_name(key_name);
        if key_name.is_empty() || name == naming::ENDING_OF_COUNTERS {
            return Err(Reason::EmptyName);
        }
        if name.starts_with(own::PREFIX) || self.settings.is_reserved(&name) {
            return Err(Reason::ReservedName);
        }
        let members = I::family_of(self, key_name, &name);
        let limits = Limits {
            series: self.settings.series_limit(&name),
            idle_timeout: self.settings.idle_timeout(&name, members.kind()),
        };
        let rejections = StdArc::clone(&self.rejections);
        let family = Family::new(key_name, &name, members, &limits, rejections);
        let family = self
            .families
            .find_or_add(family, self.settings.max_metrics)?;
        Ok((family, matches!(name, Cow::Owned(_))))
    }

    /// Makes a series, if there is room for one more.
    fn make<I: Instrument>(&self, key: &Key, family: &StdArc<Family>) -> Option<Arc<Series<I>>> {
        if self.n_series.fetch_add(1, Relaxed) >= self.settings.max_series || !family.take_room() {
            self.n_series.fetch_sub(1, Relaxed);
            return None;
        }
        self.make_anyway(key, family)
    }

    fn make_anyway<I: Instrument>(
        &self,
        key: &Key,
        family: &StdArc<Family>,
    ) -> Option<Arc<Series<I>>> {
        let identity = Identity::new(key, &self.settings.global_labels);
        let series = Series::new(I::new(self, family), identity, StdArc::clone(family));
        let series = Arc::new(series);
        I::members(family)?.add(Arc::clone(&series));
        Some(series)
    }

    /// Returns the series that counts for those beyond the limit.
    fn overflow<I: Instrument>(&self, family: &StdArc<Family>) -> Option<Arc<Series<I>>> {
        if self.settings.overflow == Overflow::Dropped {
            return None;
        }
        let mut overflow = I::members(family)?.overflow.lock();
        if overflow.is_none() {
            let label = Label::from_static_parts(OVERFLOW, "true");
            let key = Key::from_parts(family.key_name().to_owned(), vec![label]);
            let make = || self.make_anyway(&key, family);
            *overflow = I::index(self).find_or_add(&key, make);
        }
        overflow.clone()
    }
}
