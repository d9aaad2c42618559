//! Who did what, told to the program.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::SystemTime;

/// How many entries may wait for a hook that is slow.
const WAITING: usize = 1024;

/// A request that acts, or tried to: who sent it, what it asked for, and whether it was accepted.
///
/// It has no secrets in it, and no text of a caller's beyond the path and the selection, cut down to
/// 100 characters each. [`Display`](fmt::Display) writes it as one line for a log.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct AuditEntry {
    /// When it came.
    pub at: SystemTime,
    /// Where it came from: an address and a port, `process` and its number through a socket in the file
    /// system, or `unknown`.
    pub requested_by: String,
    /// Who sent it: the name of their token, never its text; `local` for a caller on this host who needs
    /// none. Nobody if the service does not know them.
    pub who: Option<String>,
    /// What was sent, such as `POST /selftest`.
    pub request: String,
    /// What it is about: the selected self-tests, or a run. Empty if that says nothing.
    pub subject: String,
    /// Whether it was accepted. One that was refused had no effect.
    pub is_accepted: bool,
}

impl fmt::Display for AuditEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.is_accepted {
            "accepted"
        } else {
            "refused"
        };
        write!(f, "{} from {}", self.request, self.requested_by)?;
        if let Some(who) = &self.who {
            write!(f, " ({who})")?;
        }
        write!(f, ": {verdict}")?;
        if self.subject.is_empty() {
            return Ok(());
        }
        write!(f, ": {}", self.subject)
    }
}

impl AuditEntry {
    /// Writes it to the log, if there is one.
    #[cfg_attr(
        not(feature = "tracing"),
        expect(
            clippy::unused_self,
            reason = "without a log there is nothing to write"
        )
    )]
    fn log(&self) {
        #[cfg(feature = "tracing")]
        tracing::info!(
            target: "mad_exporter::audit",
            who = self.who.as_deref(),
            requested_by = self.requested_by,
            request = self.request,
            subject = self.subject,
            is_accepted = self.is_accepted,
            "{self}"
        );
    }
}

pub(crate) type Hook = Box<dyn Fn(&AuditEntry) + Send>;

/// Tells the program who did what, on a thread of its own: the hook may be slow and it may panic.
#[derive(Clone, Debug)]
pub(crate) struct Audit {
    sender: Option<SyncSender<AuditEntry>>,
}

impl Audit {
    pub(crate) fn start(hook: Option<Hook>) -> io::Result<Self> {
        if hook.is_none() && !cfg!(feature = "tracing") {
            return Ok(Self { sender: None });
        }
        let (sender, entries) = sync_channel::<AuditEntry>(WAITING);
        let tell = move || {
            for entry in entries {
                entry.log();
                let Some(hook) = &hook else { continue };
                // The program's panic hook has reported it; the next entry is told again.
                if let Err(payload) = catch_unwind(AssertUnwindSafe(|| hook(&entry))) {
                    // It is the program's, and dropping it might panic again.
                    std::mem::forget(payload);
                }
            }
        };
        thread::Builder::new()
            .name("mad-audit".to_owned())
            .spawn(tell)?;
        Ok(Self {
            sender: Some(sender),
        })
    }

    /// Hands an entry over without waiting; past the limit the newest is lost.
    pub(crate) fn tell(&self, entry: AuditEntry) {
        if let Some(sender) = &self.sender {
            _ = sender.try_send(entry);
        }
    }
}
