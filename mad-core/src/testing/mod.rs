//! What only tests need: the linked self-tests as a test target, and [whether all are
//! linked](assert_all_linked). Needs the feature `testing`.
//!
//! A crate's own self-tests are unit tests by themselves. Those of the crates that it depends on are
//! not: `cargo test` builds a dependency without them. A test target without Rust's harness runs all
//! of them, those of dependencies too, on the providers that are linked:
//!
//! ```toml
//! [dev-dependencies]
//! mad-core = { version = "0.1", features = ["testing"] }
//!
//! [[test]]
//! name = "linked"
//! harness = false
//! ```
//!
//! ```no_run
//! // tests/linked.rs
//! mad_core::link_all!();
//!
//! fn main() {
//!     mad_core::testing::main()
//! }
//! ```
//!
//! `cargo test` and nextest then show each self-test under the name of its check.

mod completeness;
mod trial;

use std::sync::Arc;

use libtest_mimic::Arguments;

use crate::check::{Check, Kind};
use crate::isolation;
use crate::linkage::{LinkCheck, link_check};
use crate::panics;
use crate::registry::Registry;

#[doc(inline)]
pub use crate::__assert_all_linked as assert_all_linked;

#[doc(hidden)]
pub use completeness::{Asker, check_all_linked};

/// What `cargo test` takes for failed tests.
const EXIT_FAILED: i32 = 101;

/// Runs every linked self-test as a unit test, as the command line asks, and ends the process.
///
/// The flags are those of Rust's own harness, as far as [libtest-mimic] has them: a filter,
/// `--exact`, `--skip`, `--ignored`, `--include-ignored`, `--list`, `--format`, `--test-threads`.
/// With `--nocapture` or `--show-output`, the report of a self-test that passes is shown, too. Reports
/// go to standard error, so that standard output is what the format says.
///
/// A self-test is ignored if it has `ignore = ".."` or `unit_test = false`, or if it turns out to be
/// a Skip; a Warn passes and is told.
///
/// What stands before it in `main` also runs in the process of a self-test with `isolate = process`, as
/// it does before [`init`](crate::init).
///
/// It never returns, so that no caller can lose the exit code: 0, or 101 if a self-test fails. A flag
/// that is none of these ends the process with 2, before anything runs, and `--help` with 0. The
/// code is 101 as well, whatever the flags are, if the self-tests cannot be told: two of them have
/// one name, a crate that holds some is [not linked](crate::link_check), or none is linked at all, which
/// would else be taken for a pass.
///
/// [libtest-mimic]: https://docs.rs/libtest-mimic
///
/// ```no_run
/// mad_core::testing::main()
/// ```
pub fn main() -> ! {
    isolation::init();
    panics::install_hook();
    let arguments = Arguments::from_args();
    let shows_passes = arguments.nocapture || arguments.show_output;
    match linked_self_tests() {
        Ok(self_tests) => {
            let trials = self_tests.into_iter();
            let trials = trials.map(|check| trial::trial(check, shows_passes));
            libtest_mimic::run(&arguments, trials.collect()).exit()
        }
        Err(refusal) => refuse(&refusal),
    }
}

fn linked_self_tests() -> Result<Vec<Arc<Check>>, String> {
    refuse_gaps(&link_check())?;
    let registry = Registry::linked().map_err(|error| error.to_string())?;
    let mut self_tests = registry.into_checks();
    self_tests.retain(|check| check.kind() == Kind::SelfTest);
    if self_tests.is_empty() {
        let remedy = "write `mad_core::link_all!();` in it";
        return Err(format!("no self-test is linked: {remedy}"));
    }
    Ok(self_tests)
}

/// What is not linked is not listed either, and nobody would miss it.
fn refuse_gaps(link_check: &LinkCheck) -> Result<(), String> {
    match link_check {
        LinkCheck::Incomplete(_) => Err(link_check.to_string()),
        LinkCheck::NotAsked | LinkCheck::Complete | LinkCheck::Unavailable(_) => Ok(()),
    }
}

#[expect(
    clippy::print_stderr,
    clippy::exit,
    reason = "it is a program's main function"
)]
fn refuse(refusal: &str) -> ! {
    eprintln!("error: {refusal}");
    std::process::exit(EXIT_FAILED)
}

#[cfg(test)]
mod tests {
    use super::{LinkCheck, refuse_gaps};

    #[test]
    fn a_list_with_gaps_is_no_list() {
        let gaps = refuse_gaps(&LinkCheck::Incomplete(Vec::new()));
        assert!(gaps.unwrap_err().starts_with("link check: incomplete"));
        assert_eq!(refuse_gaps(&LinkCheck::Complete), Ok(()));
    }
}
