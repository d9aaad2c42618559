//! Does what the control decides: runs checks on threads, tells listeners.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use super::control::{Hands, Message};
use super::listeners::Listeners;
use super::pool::Pool;
use crate::cancellation::Cancellation;
use crate::check::Check;
use crate::health::Transition;
use crate::journal::Journal;
use crate::panics;
use crate::run;
use crate::runtime::Runtime;
use crate::supply::Supply;

/// Does what the control decides: runs checks on threads, tells listeners.
#[derive(Debug)]
pub(crate) struct Crew {
    pub(crate) pool: Pool,
    pub(crate) supply: Arc<Supply>,
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) listeners: Listeners,
    /// Where the end of a run is told.
    pub(crate) outbox: Sender<Message>,
}

impl Hands for Crew {
    fn start(
        &self,
        index: usize,
        check: &Arc<Check>,
        journal: &Arc<Journal>,
        cancellation: &Arc<Cancellation>,
    ) -> io::Result<()> {
        let (check, journal) = (Arc::clone(check), Arc::clone(journal));
        let cancellation = Arc::clone(cancellation);
        let supply = Arc::clone(&self.supply);
        let runtime = Arc::clone(&self.runtime);
        let outbox = self.outbox.clone();
        self.pool.run(move || {
            let report = run::run(&check, &supply, &runtime, &journal, &cancellation);
            // The control is gone when the engine has stopped: nobody wants to know then.
            _ = outbox.send(Message::Ended { index, report });
        })
    }

    fn discard(&self, check: Arc<Check>) {
        // An error means that there is no thread; then it is dropped here, which is the lesser evil.
        _ = self.pool.run(move || _ = panics::catch(|| drop(check)));
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
