//! Whether every crate that holds checks is linked into the program.
//!
//! `link_all!` writes down at build time what has to be there; here it is held against what is.

use std::collections::BTreeSet;
use std::fmt;

use crate::descriptor::{Descriptor, Location, ProviderDescriptor};

/// What one `link_all!` found when the program was built.
#[derive(Debug)]
pub struct Expected {
    /// The module that it stands in.
    pub by: &'static str,
    /// The crates that hold checks.
    pub crates: &'static [ExpectedCrate],
    /// Why not all of them could be found out.
    pub unavailable: Option<&'static str>,
}

inventory::collect!(Expected);

/// A crate that holds checks.
#[derive(Debug)]
pub struct ExpectedCrate {
    /// Its name in paths.
    pub name: &'static str,
    /// The crates that depend on it; empty where the program itself does.
    pub dependents: &'static [&'static str],
}

/// What is known about the completeness of this program.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum LinkCheck {
    /// Nobody wrote [`link_all!`](crate::link_all): nothing is known.
    NotAsked,
    /// Every crate that holds checks is linked.
    Complete,
    /// These are not, and an engine does not start.
    Incomplete(Vec<MissingCrate>),
    /// The build could not be understood, for this reason. What was found is linked; what was not found
    /// may be missing.
    Unavailable(String),
}

impl fmt::Display for LinkCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAsked => {
                f.write_str("link check: not asked for, with `mad_core::link_all!()`")
            }
            Self::Complete => f.write_str("link check: complete"),
            Self::Incomplete(missing) => {
                f.write_str("link check: incomplete")?;
                missing.iter().try_for_each(|it| write!(f, "\n  {it}"))
            }
            Self::Unavailable(why) => write!(f, "link check: unavailable: {why}"),
        }
    }
}

/// A crate that holds checks and is not linked into this program.
///
/// It displays as a sentence that says what to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MissingCrate {
    name: &'static str,
    dependents: &'static [&'static str],
    by: &'static str,
}

impl MissingCrate {
    /// Returns its name, as it stands in paths.
    pub fn name(&self) -> &'static str {
        self.name
    }
}

impl fmt::Display for MissingCrate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            dependents,
            by,
        } = self;
        write!(
            f,
            "the crate `{name}` holds checks, and none of them is linked: "
        )?;
        if dependents.is_empty() {
            return write!(
                f,
                "`{by}` names it, so the linker has dropped it; link a static library with `--whole-archive`"
            );
        }
        write!(
            f,
            "write `use {name} as _;` in `{}`, which depends on it, or let `{by}` depend on it too",
            dependents.join("` or `")
        )
    }
}

/// Says whether every crate that holds checks is linked into this program, as far as
/// [`link_all!`](crate::link_all) could find out when it was built.
///
/// An engine that starts asks this by itself, and refuses what is [`Incomplete`](LinkCheck::Incomplete).
/// Ask it where the difference between [`Complete`](LinkCheck::Complete) and
/// [`Unavailable`](LinkCheck::Unavailable) matters, such as in a test of a release.
///
/// ```standalone_crate
/// use mad_core::{LinkCheck, link_check};
///
/// // This example has no `mad_core::link_all!();`.
/// assert_eq!(link_check(), LinkCheck::NotAsked);
/// ```
pub fn link_check() -> LinkCheck {
    judge(inventory::iter::<Expected>(), &linked_crates())
}

/// Returns every crate of which an annotated function is linked.
fn linked_crates() -> BTreeSet<&'static str> {
    let checks = inventory::iter::<Descriptor>().map(|it| it.location);
    let providers = inventory::iter::<ProviderDescriptor>().map(|it| it.location);
    checks.chain(providers).map(crate_name).collect()
}

fn crate_name(location: Location) -> &'static str {
    let module = location.module;
    module.split_once("::").map_or(module, |(name, _)| name)
}

fn judge(lists: impl IntoIterator<Item = &'static Expected>, linked: &BTreeSet<&str>) -> LinkCheck {
    let lists: Vec<_> = lists.into_iter().collect();
    let mut missing: Vec<MissingCrate> = Vec::new();
    for list in &lists {
        for expected in list.crates {
            let is_known = missing.iter().any(|it| it.name == expected.name);
            if !is_known && !linked.contains(expected.name) {
                missing.push(MissingCrate {
                    name: expected.name,
                    dependents: expected.dependents,
                    by: list.by,
                });
            }
        }
    }
    missing.sort_by_key(|it| it.name);
    let unavailable = lists.iter().find_map(|list| list.unavailable);
    if !missing.is_empty() {
        LinkCheck::Incomplete(missing)
    } else if let Some(why) = unavailable {
        LinkCheck::Unavailable(why.to_owned())
    } else if lists.is_empty() {
        LinkCheck::NotAsked
    } else {
        LinkCheck::Complete
    }
}

/// Names crates whose checks are to be linked, although nothing else in the code names them.
///
/// Write it once at the top level of `main.rs`. The package's own library counts too.
/// [`link_all!`](crate::link_all) finds the names by itself; this is for builds that it cannot understand.
///
/// ```
/// mad_core::link!(std);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! link {
    ($($name:ident),+ $(,)?) => {
        $(extern crate $name as _;)+
    };
}

/// Links every direct dependency that holds checks, and has the engine refuse to start when one further
/// away is missing.
///
/// A crate that nothing in the code names is not linked by rustc, and its checks are missing without a
/// word. Write this once, at the top level of `main.rs`:
///
/// ```
/// mad_core::link_all!();
/// # fn main() {}
/// ```
///
/// It links the dependencies of this package whose compiled form holds functions annotated with
/// `#[health_check]`, `#[self_test]` or `#[provider]`; the package's own library is one of them, and so
/// is a renamed dependency. A dependency of a dependency cannot be linked from here. When it holds
/// checks and nothing names it, [`EngineBuilder::start`](crate::EngineBuilder::start) refuses, and says
/// which crate it is and where to write `use that_crate as _;`.
///
/// # What it knows
///
/// It reads the command line of the rustc that compiles it, the metadata of compiled crates, and asks
/// `cargo tree` who depends on mad-core. When it cannot (another build system, a `cargo build --config
/// ..` that changes the dependencies), it links what it has found, and [`link_check`] is
/// [`Unavailable`](LinkCheck::Unavailable); no program is refused for that. Crates compiled as `dylib`
/// alone are not looked into, and what only tests, examples or build scripts depend on is never
/// expected.
///
/// Whether a function is in the sources and not in the compiled crate, no macro can see; that is what
/// `mad_core::testing::assert_all_linked!` is for, a test of your own.
#[macro_export]
macro_rules! link_all {
    () => {
        $crate::__private::link_all!($crate);
    };
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Expected, ExpectedCrate, LinkCheck, judge};

    static NEAR_AND_FAR: Expected = Expected {
        by: "app",
        crates: &[
            ExpectedCrate {
                name: "near",
                dependents: &[],
            },
            ExpectedCrate {
                name: "far",
                dependents: &["mid", "top"],
            },
        ],
        unavailable: None,
    };

    static UNAVAILABLE: Expected = Expected {
        by: "app",
        crates: &[ExpectedCrate {
            name: "near",
            dependents: &[],
        }],
        unavailable: Some("no rustc"),
    };

    fn check(lists: &[&'static Expected], linked: &[&str]) -> String {
        let linked: BTreeSet<_> = linked.iter().copied().collect();
        judge(lists.iter().copied(), &linked).to_string()
    }

    #[test]
    fn a_program_is_complete_when_every_expected_crate_is_linked() {
        assert_eq!(
            check(&[&NEAR_AND_FAR], &["app", "far", "near"]),
            "link check: complete"
        );
        assert_eq!(judge([], &BTreeSet::new()), LinkCheck::NotAsked);
    }

    #[test]
    fn each_missing_crate_is_named_once_with_the_remedy() {
        let expected = "link check: incomplete
  the crate `far` holds checks, and none of them is linked: write `use far as _;` in `mid` or `top`, which depends on it, or let `app` depend on it too
  the crate `near` holds checks, and none of them is linked: `app` names it, so the linker has dropped it; link a static library with `--whole-archive`";
        assert_eq!(check(&[&NEAR_AND_FAR, &UNAVAILABLE], &[]), expected);
    }

    #[test]
    fn what_could_not_be_found_out_is_no_crate_that_is_missing() {
        let expected = "link check: unavailable: no rustc";
        assert_eq!(check(&[&UNAVAILABLE], &["near"]), expected);
    }
}
