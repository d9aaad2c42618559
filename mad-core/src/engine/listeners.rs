//! Who is told when a check's health changes.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use crate::health::Transition;
use crate::panics;

/// How many changes may wait for listeners that are slow.
const WAITING: usize = 1024;

pub(crate) type Listener = Box<dyn Fn(&Transition) + Send>;

/// Tells listeners of changes, on a thread of their own: they may be slow and they may panic.
#[derive(Debug)]
pub(crate) struct Listeners {
    sender: Option<SyncSender<Transition>>,
}

impl Listeners {
    pub(crate) fn start(listeners: Vec<Listener>) -> io::Result<Self> {
        if listeners.is_empty() {
            return Ok(Self { sender: None });
        }
        let (sender, transitions) = sync_channel::<Transition>(WAITING);
        let tell = move || {
            for transition in transitions {
                for listener in &listeners {
                    // The application's panic hook has reported it; the next change is told again.
                    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| listener(&transition))) {
                        panics::drop_payload(payload);
                    }
                }
            }
        };
        thread::Builder::new()
            .name("mad-listeners".to_owned())
            .spawn(tell)?;
        Ok(Self {
            sender: Some(sender),
        })
    }

    /// Hands a change over without waiting; past the limit the newest is lost.
    pub(crate) fn tell(&self, transition: Transition) {
        if let Some(sender) = &self.sender {
            _ = sender.try_send(transition);
        }
    }
}
