//! Does what the control decides: runs checks on threads, tells listeners.

use std::io;
use std::sync::{Arc, Weak};

use super::control::Hands;
use super::drive::Desk;
use super::listeners::Listeners;
use super::pool::Pool;
use crate::cancellation::Cancellation;
use crate::check::Check;
use crate::health::Transition;
use crate::journal::Journal;
use crate::panics;
use crate::run;
use crate::runtime::Runtime;
use crate::scrubber::Scrubber;
use crate::supply::Supply;

/// Does what the control decides: runs checks on threads, tells listeners.
#[derive(Debug)]
pub(crate) struct Crew {
    pub(crate) pool: Pool,
    pub(crate) supply: Arc<Supply>,
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) listeners: Listeners,
    pub(crate) scrubber: Option<Scrubber>,
    /// Where the end of a run is told; it holds this crew.
    pub(crate) desk: Weak<Desk<Self>>,
}

impl Hands for Crew {
    fn start(
        &self,
        index: usize,
        check: &Arc<Check>,
        journal: &Arc<Journal>,
        cancellation: &Arc<Cancellation>,
    ) -> io::Result<()> {
        if let Some(scrubber) = &self.scrubber {
            journal.scrub_with(scrubber);
        }
        let (check, journal) = (Arc::clone(check), Arc::clone(journal));
        let cancellation = Arc::clone(cancellation);
        let supply = Arc::clone(&self.supply);
        let runtime = Arc::clone(&self.runtime);
        let desk = Weak::clone(&self.desk);
        let work = move || run::run(&check, &supply, &runtime, &journal, &cancellation);
        self.pool.run(work, move |report| {
            // It is gone when the engine has stopped: nobody wants to know then.
            if let Some(desk) = desk.upgrade() {
                desk.ended(index, report);
            }
        })
    }

    fn discard(&self, check: Arc<Check>) {
        // An error means that there is no thread; then it is dropped here, which is the lesser evil.
        _ = self.pool.run(move || panics::catch(|| drop(check)), drop);
    }

    fn tell(&self, transition: Transition) {
        self.listeners.tell(transition);
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.pool.close();
    }
}
