//! The series of one family, in order.

use std::sync::Arc as StdArc;

use super::listing::Listing;
use super::series::Series;
use crate::sync::{Arc, Mutex};

/// The series of one family.
///
/// Who adds one never waits for who reads: it lies apart until the next reader puts it in its place.
#[derive(Debug)]
pub(crate) struct Members<V> {
    new: Mutex<Vec<Arc<Series<V>>>>,
    /// In the order of their labels.
    listed: Mutex<StdArc<Listing<V>>>,
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
    pub(crate) fn listed(&self) -> StdArc<Listing<V>> {
        let mut listed = self.listed.lock();
        let new = std::mem::take(&mut *self.new.lock());
        if !new.is_empty() {
            let mut all = Vec::with_capacity(listed.series().len() + new.len());
            all.extend(listed.series().iter().cloned());
            all.extend(new);
            *listed = StdArc::new(Listing::of(all));
        }
        StdArc::clone(&listed)
    }

    /// Keeps only those for which this is said, and returns how many went.
    ///
    /// A list that somebody is reading stays as it is.
    pub(crate) fn retain(&self, is_kept: impl FnMut(&Arc<Series<V>>) -> bool) -> usize {
        self.listed();
        let mut listed = self.listed.lock();
        let series = listed.series();
        let mut is_kept = is_kept;
        let kept: Vec<_> = series.iter().map(&mut is_kept).collect();
        if kept.iter().all(|kept| *kept) {
            return 0;
        }
        let with_verdict = series.iter().zip(kept);
        let rest: Vec<_> = with_verdict
            .filter(|(_, kept)| *kept)
            .map(|(series, _)| Arc::clone(series))
            .collect();
        let gone = series.len() - rest.len();
        *listed = StdArc::new(Listing::in_order(rest));
        gone
    }
}
