//! What a process is told that is to run one check.

use std::hash::{BuildHasher as _, RandomState};
use std::os::unix::fs::MetadataExt as _;
use std::process;
use std::sync::LazyLock;

use rustix::process::{getpgrp, getpid, getppid};

use crate::check::Check;

/// The environment variable that carries it.
pub(super) const VARIABLE: &str = "__MAD_SANDBOX";

/// The order that this process was started with, if it was.
static RECEIVED: LazyLock<Option<Order>> = LazyLock::new(Order::receive);

/// What a process is told that is to run one check.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Order {
    /// Tells the report from whatever else is written before it.
    nonce: u64,
    /// The process that gives the order.
    parent: u32,
    /// The program that is meant: what the check starts may be another one that knows orders.
    program: String,
    /// The name of the check.
    pub(super) check: String,
}

impl Order {
    pub(super) fn new(check: &Check) -> Self {
        Self {
            nonce: RandomState::new().hash_one(check.name()),
            parent: process::id(),
            program: program(),
            check: check.name().to_owned(),
        }
    }

    /// Returns the order that this process was started with, if it was.
    pub(super) fn received() -> Option<&'static Self> {
        RECEIVED.as_ref()
    }

    /// Returns the line that the report begins with.
    pub(super) fn greeting(&self) -> String {
        format!("mad-sandbox {:016x}", self.nonce)
    }

    /// Returns it as the value of the variable.
    pub(super) fn to_text(&self) -> String {
        let Self {
            nonce,
            parent,
            program,
            check,
        } = self;
        format!("{nonce:x}:{parent}:{program}:{check}")
    }

    fn from_text(text: &str) -> Option<Self> {
        let (nonce, rest) = text.split_once(':')?;
        let (parent, rest) = rest.split_once(':')?;
        let (program, check) = rest.split_once(':')?;
        Some(Self {
            nonce: u64::from_str_radix(nonce, 16).ok()?,
            parent: parent.parse().ok()?,
            program: program.to_owned(),
            check: check.to_owned(),
        })
    }

    /// Says whether the process that gave the order is still there.
    pub(super) fn has_parent(&self) -> bool {
        let parent = getppid().map(|pid| pid.as_raw_nonzero().get().unsigned_abs());
        parent == Some(self.parent)
    }

    /// Reads the variable. Whatever the check starts inherits it, and it is not meant for that: the
    /// process that is meant leads a group of processes.
    fn receive() -> Option<Self> {
        #[expect(
            clippy::disallowed_methods,
            reason = "it is no configuration, but how one process of ours speaks to another"
        )]
        let text = std::env::var(VARIABLE).ok()?;
        Self::from_text(&text).filter(|order| getpgrp() == getpid() && order.program == program())
    }
}

/// Returns what tells this program from others: its file, also when that was replaced or renamed.
fn program() -> String {
    let file = std::fs::metadata("/proc/self/exe")
        .or_else(|_| std::fs::metadata(std::env::current_exe()?));
    file.map_or_else(
        |_| String::new(),
        |file| format!("{:x}-{:x}", file.dev(), file.ino()),
    )
}

#[cfg(test)]
mod tests {
    use super::Order;

    #[test]
    fn an_order_is_read_as_it_was_written() {
        let order = Order {
            nonce: 0xfeed,
            parent: 17,
            program: "1f-2e".to_owned(),
            check: "orders/place".to_owned(),
        };
        assert_eq!(Order::from_text(&order.to_text()), Some(order));
    }

    #[test]
    fn anything_else_is_no_order() {
        for text in ["", "x", "1:2", "1:2:3", "g:2:p:x", "1:-2:p:x", "1:x:p:y"] {
            assert_eq!(Order::from_text(text), None, "{text}");
        }
    }
}
