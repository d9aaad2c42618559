//! Which self-tests that run `once` in the life of a process have begun.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::check::Check;
use crate::isolation;
use crate::outcome::Outcome;
use crate::sync::Mutex;

#[cfg(all(test, mad_loom))]
mod interleavings;

/// A check by name and place: two engines, or an engine and a unit test, mean the same one.
type Identity = (String, &'static str, u32);

/// It is the process that cannot do it twice, so this is one for the process.
static BEGUN: LazyLock<Begun> = LazyLock::new(Begun::default);

#[derive(Debug, Default)]
struct Begun(Mutex<BTreeSet<Identity>>);

impl Begun {
    /// Notes a check; says whether this is its first time.
    fn note(&self, identity: Identity) -> bool {
        self.0.lock().insert(identity)
    }
}

/// Notes that this check begins; the error is what becomes of one that runs `once`, and has.
pub(crate) fn begin(check: &Check) -> Result<(), Outcome> {
    let options = check.self_test_options();
    // In a process of its own it is always the first time.
    let is_once = options.is_some_and(|options| options.once) && !isolation::is_asked_for(check);
    let place = check.location();
    let identity = || (check.name().to_owned(), place.file, place.line);
    if is_once && !BEGUN.note(identity()) {
        let reason = "it runs once in the life of a process, and it has";
        return Err(Outcome::skip(reason));
    }
    Ok(())
}
