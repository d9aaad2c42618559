//! How the program is started again, so that it comes to one check.

use super::order::Order;
use crate::check::Check;
use crate::descriptor::Descriptor;

/// How the program is started again, so that it comes to one check.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Launch {
    /// Its `main` begins with [`init`](super::init).
    Main,
    /// Its `main` is that of Rust's test harness, which is asked for this unit test.
    UnitTest(&'static str),
}

impl Launch {
    /// Finds the way, or says what is in it.
    pub(super) fn of(check: &Check) -> Result<Self, &'static str> {
        if Order::received().is_some() {
            return Err("it would run in a process of its own, and is in one");
        }
        if !is_linked(check) {
            return Err("a new process has only what is linked into the program, and no plugins");
        }
        if super::is_initialised() {
            return Ok(Self::Main);
        }
        check.unit_test().map(Self::UnitTest).ok_or(
            "it runs in a process of its own, which needs `mad_core::init()` as the first line of `main`",
        )
    }

    pub(super) fn arguments(self) -> Vec<&'static str> {
        match self {
            Self::Main => Vec::new(),
            Self::UnitTest(path) => vec![path, "--exact", "--nocapture", "--include-ignored"],
        }
    }
}

fn is_linked(check: &Check) -> bool {
    inventory::iter::<Descriptor>().any(|linked| linked.name == check.name())
}
