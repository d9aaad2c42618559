//! What goes: series that are idle, and series that the program has removed.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use metrics::Key;

use super::canonical::Canonical;
use super::family::{AnyMembers, Family};
use super::{Instrument, Registry};
use crate::instrument::{Counter, Gauge};
use crate::registry::Distribution;

/// Who has a series that nobody else has, besides the index: the list of its family.
const LISTED: usize = 1;

/// How long what sleeps while somebody holds it is left alone, in hundredths of a second.
const REST: u32 = 60 * 100;

impl Registry {
    /// Hides what has been idle for too long, and forgets what nobody holds.
    pub(crate) fn sweep(&self) {
        self.notice_late_buckets();
        let now = hundredths(self.settings.clock.now().duration_since(self.start));
        let is_time_for_held = self.is_time_for_held(now);
        let mut must_forget = false;
        for family in self.families.sorted().iter() {
            let has_new = family.has_hidden.swap(false, Relaxed);
            // What somebody held goes later.
            let has_old = is_time_for_held && family.has_held.swap(false, Relaxed);
            let is_due = has_new || has_old;
            if family.idle_timeout.is_none() && !is_due {
                continue;
            }
            must_forget |= match &family.members {
                AnyMembers::Counters(_) => self.sweep_family::<Counter>(family, now, is_due),
                AnyMembers::Gauges(_) => self.sweep_family::<Gauge>(family, now, is_due),
                AnyMembers::Histograms { .. } | AnyMembers::Summaries { .. } => {
                    self.sweep_family::<Distribution>(family, now, is_due)
                }
            };
        }
        if must_forget {
            self.renew_stamp();
        }
    }

    /// Says whether it is time to look again at what sleeps while somebody holds it.
    fn is_time_for_held(&self, now: u32) -> bool {
        let is_time = now.wrapping_sub(self.looked_at_held.load(Relaxed)) >= REST;
        if is_time {
            self.looked_at_held.store(now, Relaxed);
        }
        is_time
    }

    /// Says whether threads must forget what they remember, as they may hold a series that sleeps: one that has gone to
    /// sleep now, or one that they may have looked up since, if it is time for those.
    fn sweep_family<I: Instrument>(&self, family: &Family, now: u32, is_due: bool) -> bool {
        let timeout = family.idle_timeout.map(hundredths_at_most);
        let (mut has_sleeping, mut must_forget) = (false, false);
        self.forget::<I>(family, |series| {
            let was_shown = series.is_shown();
            let sleeps = match timeout {
                Some(timeout) => series.look(now, timeout),
                None => !was_shown,
            };
            has_sleeping |= sleeps;
            must_forget |= sleeps && (was_shown || is_due);
            sleeps
        });
        if has_sleeping {
            family.has_held.store(true, Relaxed);
        }
        must_forget
    }

    /// Forgets those of a family's series that may go and that nobody holds.
    fn forget<I: Instrument>(
        &self,
        family: &Family,
        mut may_go: impl FnMut(&super::Series<I>) -> bool,
    ) {
        let Some(members) = I::members(family) else {
            return;
        };
        let index = I::index(self);
        let gone =
            members.retain(|series| !(may_go(series) && index.remove_unless_held(series, LISTED)));
        family.n_series.fetch_sub(gone, Relaxed);
        self.n_series.fetch_sub(gone, Relaxed);
    }

    /// Removes the series of a key; says whether there was one.
    pub(crate) fn remove(&self, key: &Key) -> bool {
        let Some(family) = self.families.find(key.name()) else {
            return false;
        };
        let key = &*Canonical::of(key, &self.settings.global_labels).key;
        match &family.members {
            AnyMembers::Counters(_) => self.remove_from::<Counter>(&family, key),
            AnyMembers::Gauges(_) => {
                if let Some(gauge) = self.gauges.find(key) {
                    self.polls.stop(&gauge);
                }
                self.remove_from::<Gauge>(&family, key)
            }
            AnyMembers::Histograms { .. } | AnyMembers::Summaries { .. } => {
                self.remove_from::<Distribution>(&family, key)
            }
        }
    }

    fn remove_from<I: Instrument>(&self, family: &Family, key: &Key) -> bool {
        let Some(found) = I::index(self).find(key) else {
            return false;
        };
        found.put_to_sleep();
        drop(found);
        self.renew_stamp();
        // Those that were removed before, too, as far as nobody holds them any longer.
        self.forget::<I>(family, |series| !series.is_shown());
        family.has_hidden.store(true, Relaxed);
        true
    }
}

/// Returns a time in hundredths of a second, which go round in 497 days.
#[expect(
    clippy::cast_possible_truncation,
    reason = "differences are taken of them, which are right all the same"
)]
fn hundredths(time: Duration) -> u32 {
    (time.as_millis() / 10) as u32
}

/// Returns a time in hundredths of a second, or as many as never lie between two times that go round.
fn hundredths_at_most(timeout: Duration) -> u32 {
    u32::try_from(timeout.as_millis() / 10).unwrap_or(u32::MAX)
}
