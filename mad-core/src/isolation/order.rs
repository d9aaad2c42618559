//! What a process is told that is to run one check.

use std::hash::{BuildHasher as _, RandomState};
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
    /// The name of the check.
    pub(super) check: String,
}

impl Order {
    pub(super) fn new(check: &Check) -> Self {
        Self {
            nonce: RandomState::new().hash_one(check.name()),
            parent: process::id(),
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
        format!("{:x}:{}:{}", self.nonce, self.parent, self.check)
    }

    fn from_text(text: &str) -> Option<Self> {
        let (nonce, rest) = text.split_once(':')?;
        let (parent, check) = rest.split_once(':')?;
        Some(Self {
            nonce: u64::from_str_radix(nonce, 16).ok()?,
            parent: parent.parse().ok()?,
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
        Self::from_text(&text).filter(|_| getpgrp() == getpid())
    }
}

#[cfg(test)]
mod tests {
    use super::Order;

    #[test]
    fn an_order_is_read_as_it_was_written() {
        let order = Order {
            nonce: 0xfeed,
            parent: 17,
            check: "orders/place".to_owned(),
        };
        assert_eq!(Order::from_text(&order.to_text()), Some(order));
    }

    #[test]
    fn anything_else_is_no_order() {
        for text in ["", "x", "1:2", "g:2:x", "1:-2:x", "1:x:y"] {
            assert_eq!(Order::from_text(text), None, "{text}");
        }
    }
}
