//! The control thread: waits for what happens and for what is due, and hands both on.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::control::{Control, Hands, Message};
use crate::clock::{self, Moment};

/// The clock that is waited by stands still while the machine sleeps, and the one that is decided by
/// does not: this is how late the first look at it may be.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// Works until the control is told to stop.
pub(crate) fn drive<H: Hands>(mut control: Control<H>, inbox: &Receiver<Message>) {
    control.begin(Moment::now());
    loop {
        let now = Moment::now();
        control.turn(now);
        if control.is_over(now.instant) {
            return;
        }
        match wait(&control, inbox) {
            Ok(message) => control.handle(message, Moment::now()),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        // What has come meanwhile is taken in at once, and then the next turn decides for all of it.
        let now = Moment::now();
        for message in inbox.try_iter() {
            control.handle(message, now);
        }
    }
}

fn wait<H: Hands>(
    control: &Control<H>,
    inbox: &Receiver<Message>,
) -> Result<Message, RecvTimeoutError> {
    let left = control.next_at().map_or(LONGEST_WAIT, |at| {
        at.saturating_duration_since(clock::now())
    });
    inbox.recv_timeout(left.min(LONGEST_WAIT))
}
