//! A process of its own for a self-test: what a thread cannot survive, a process can.
//!
//! The parent starts its own program anew with an [`Order`](order::Order) in the environment. The
//! new process comes to [`init`], runs that one check on a thread as any check runs, sends what it
//! leaves as [`Message`](wire::Message)s, line by line, and is ended by the parent when it has
//! reported, when it is overdue, or when it has died on the way, and with it the group of processes that it
//! leads. What has left that group is beyond reach; so is the group when the service itself is killed,
//! apart from the process, which Linux ends then.

#[cfg(unix)]
mod child;
#[cfg(unix)]
mod launch;
#[cfg(unix)]
mod order;
#[cfg(unix)]
mod parent;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod wire;

#[cfg(all(unix, fuzzing))]
pub use wire::fuzzed;

use std::sync::atomic::{AtomicBool, Ordering};

use crate::cancellation::Cancellation;
use crate::check::Check;
use crate::descriptor::Isolation;
use crate::journal::Journal;
use crate::outcome::Outcome;
use crate::registry::Registry;

static IS_INITIALISED: AtomicBool = AtomicBool::new(false);

/// Lets self-tests run in a process of their own; the first line of `main`.
///
/// For a self-test that says `isolate = process` the program starts itself anew, and that process runs
/// the one self-test instead of the program. It does so here, and never returns: what stands in `main`
/// before this line would run in it, too. In a program that was started in the ordinary way this does next to nothing.
///
/// A program with such self-tests whose `main` does not begin with it does not start its engine.
/// `cargo test` needs no such line: the unit test is started anew instead.
///
/// ```
/// use mad_core::self_test;
///
/// #[self_test(effects = pure, isolate = process, max_memory = "256MiB")]
/// fn largest_order_adds_up() -> bool {
///     vec![1_u64; 1_000_000].iter().sum::<u64>() == 1_000_000
/// }
///
/// fn main() {
///     mad_core::init();
///     // the program
/// }
/// ```
pub fn init() {
    IS_INITIALISED.store(true, Ordering::Relaxed);
    #[cfg(unix)]
    if let Some(order) = order::Order::received() {
        let registry = Registry::linked().unwrap_or_else(|error| child::leave(&error.to_string()));
        match registry.get(&order.check) {
            Some(check) => child::run(order, check.clone()),
            None => child::leave("the program has no check of that name"),
        }
    }
}

fn is_initialised() -> bool {
    IS_INITIALISED.load(Ordering::Relaxed)
}

/// Runs this check and ends the process, if that is what the process was started for.
///
/// It is the way of a unit test, whose `main` is not ours.
pub(crate) fn run_if_ordered(check: &Check) {
    #[cfg(unix)]
    if let Some(order) = order::Order::received().filter(|order| order.check == check.name()) {
        child::run(order, check.clone());
    }
}

/// Says whether a check asks for a process of its own.
pub(crate) fn is_asked_for(check: &Check) -> bool {
    let options = check.self_test_options();
    options.is_some_and(|options| options.isolation == Isolation::Process)
}

/// Says why a check cannot have the process that it asks for.
pub(crate) fn obstacle(check: &Check) -> Option<&'static str> {
    if !is_asked_for(check) {
        return None;
    }
    #[cfg(unix)]
    return launch::Launch::of(check).err();
    #[cfg(not(unix))]
    return Some("it runs in a process of its own, which exists on Unix only");
}

/// Runs a check in a process of its own, which is ended when the run is cancelled. What it leaves on
/// the way is left in this journal.
pub(crate) fn run(check: &Check, journal: &Journal, cancellation: &Cancellation) -> Outcome {
    #[cfg(unix)]
    return parent::run(check, journal, cancellation);
    #[cfg(not(unix))]
    return Outcome::fail(format!("{:?} cannot be run on this system", check.name()));
}
