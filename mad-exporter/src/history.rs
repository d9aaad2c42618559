//! The newest changes of health, for people who come later.

use std::collections::VecDeque;
use std::sync::Arc;

use mad_core::Transition;
use parking_lot::Mutex;

/// How many changes are remembered.
const REMEMBERED: usize = 256;

/// The newest changes of health; a clone is another handle to the same ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct History(Arc<Mutex<VecDeque<Transition>>>);

impl History {
    /// Returns what takes changes in; the oldest makes room.
    pub(crate) fn listener(&self) -> impl Fn(&Transition) + Send + use<> {
        let remembered = Arc::clone(&self.0);
        move |transition| {
            let mut newest = remembered.lock();
            if newest.len() == REMEMBERED {
                newest.pop_front();
            }
            newest.push_back(transition.clone());
        }
    }

    /// Returns the changes that are remembered, the newest last.
    pub(crate) fn newest(&self) -> Vec<Transition> {
        self.0.lock().iter().cloned().collect()
    }
}
