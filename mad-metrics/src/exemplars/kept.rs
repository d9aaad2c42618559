//! The exemplars of a series.

use std::sync::Arc;
use std::time::SystemTime;

use once_cell::race::OnceBox;
use parking_lot::Mutex;

use super::current;
use crate::view::{Exemplar, LabelText};

/// The last exemplar of each bucket of a series; a counter has one.
#[derive(Debug, Default)]
pub(crate) struct Exemplars(OnceBox<Mutex<Vec<Option<Kept>>>>);

#[derive(Debug)]
struct Kept {
    labels: Arc<LabelText>,
    value: f64,
    time: SystemTime,
}

impl Exemplars {
    /// Keeps an observation, if it leads to a trace and has a place.
    #[inline]
    pub(crate) fn keep(&self, place: impl FnOnce() -> Option<usize>, value: f64) {
        if let Some(labels) = current::labels()
            && let Some(place) = place()
        {
            self.put(place, labels, value);
        }
    }

    #[cold]
    fn put(&self, place: usize, labels: Arc<LabelText>, value: f64) {
        let time = SystemTime::now();
        let kept = self.0.get_or_init(Box::default);
        // Nobody waits: who holds it puts one that is as good, or shows the one before.
        let Some(mut kept) = kept.try_lock() else {
            return;
        };
        if kept.len() <= place {
            kept.resize_with(place + 1, || None);
        }
        kept[place] = Some(Kept {
            labels,
            value,
            time,
        });
    }

    /// Says whether none was ever kept.
    #[inline]
    pub(crate) fn are_none(&self) -> bool {
        self.0.get().is_none()
    }

    /// Reads them.
    pub(crate) fn read(&self, exemplars: &mut Vec<Option<Exemplar>>) {
        exemplars.clear();
        if let Some(kept) = self.0.get() {
            let kept = kept.lock();
            exemplars.extend(kept.iter().map(|kept| kept.as_ref().map(Kept::exemplar)));
        }
    }
}

impl Kept {
    fn exemplar(&self) -> Exemplar {
        Exemplar {
            labels: LabelText::clone(&self.labels),
            value: self.value,
            time: self.time,
        }
    }
}
