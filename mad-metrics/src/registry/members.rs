//! The series of one family, in order.

use std::sync::Arc as StdArc;

use super::series::Series;
use crate::sync::{Arc, Mutex};

/// The series of one family.
///
/// Who adds one never waits for who reads: it lies apart until the next reader puts it in its place.
#[derive(Debug)]
pub(crate) struct Members<V> {
    new: Mutex<Vec<Arc<Series<V>>>>,
    /// In the order of their labels.
    listed: Mutex<StdArc<Vec<Arc<Series<V>>>>>,
    /// The series that counts for those beyond the limit.
    pub(crate) overflow: Mutex<Option<Arc<Series<V>>>>,
}

impl<V> Default for Members<V> {
    fn default() -> Self {
        Self {
            new: Mutex::new(Vec::new()),
            listed: Mutex::new(StdArc::default()),
            overflow: Mutex::new(None),
        }
    }
}

impl<V> Members<V> {
    pub(crate) fn clear(&self) {
        self.new.lock().clear();
        *self.listed.lock() = StdArc::default();
        *self.overflow.lock() = None;
    }

    pub(crate) fn add(&self, series: Arc<Series<V>>) {
        self.new.lock().push(series);
    }

    /// Returns all of them, in the order of their labels.
    pub(crate) fn listed(&self) -> StdArc<Vec<Arc<Series<V>>>> {
        let mut listed = self.listed.lock();
        let new = std::mem::take(&mut *self.new.lock());
        if !new.is_empty() {
            let mut all = Vec::with_capacity(listed.len() + new.len());
            all.extend(listed.iter().cloned());
            all.extend(new);
            all.sort_by(|one, other| one.labels().as_str().cmp(other.labels().as_str()));
            *listed = StdArc::new(all);
        }
        StdArc::clone(&listed)
    }

    /// Keeps only those for which this is said, and returns how many went.
    ///
    /// A list that somebody is reading stays as it is.
    pub(crate) fn retain(&self, is_kept: impl FnMut(&Arc<Series<V>>) -> bool) -> usize {
        self.listed();
        let mut listed = self.listed.lock();
        let before = listed.len();
        let mut is_kept = is_kept;
        let kept: Vec<_> = listed.iter().map(&mut is_kept).collect();
        if kept.iter().all(|kept| *kept) {
            return 0;
        }
        let with_verdict = listed.iter().zip(kept);
        let rest: Vec<_> = with_verdict
            .filter(|(_, kept)| *kept)
            .map(|(series, _)| Arc::clone(series))
            .collect();
        let gone = before - rest.len();
        *listed = StdArc::new(rest);
        gone
    }
}
