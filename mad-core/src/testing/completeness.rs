//! Whether every annotated function of the sources is linked.

use std::fmt;
use std::path::{Path, PathBuf};

use super::annotations::Annotated;
use super::packages::{self, Package};
use super::sources::{SourceFile, Sources};
use crate::descriptor::{Descriptor, Location};

/// Where the question is asked; the macro fills it in.
#[derive(Clone, Copy, Debug)]
pub struct Asker {
    /// The package, as `name@version`.
    pub package: &'static str,
    /// The folder of the package.
    pub folder: &'static str,
    /// The file with the test.
    pub file: &'static str,
    /// Cargo, as it was when the test was built.
    pub cargo: Option<&'static str>,
}

/// Compares the sources with what is linked.
///
/// # Panics
///
/// If something is annotated and not linked, or if it cannot be found out.
#[track_caller]
pub fn check_all_linked(asker: Asker, except: &[&str]) {
    match Comparison::make(asker, except) {
        Err(why) => panic!("whether all checks are linked cannot be found out: {why}"),
        Ok(comparison) if comparison.missing.is_empty() => print(&comparison),
        Ok(comparison) => panic!("{comparison}"),
    }
}

#[expect(
    clippy::print_stdout,
    reason = "the test harness captures it and shows it when asked"
)]
fn print(comparison: &Comparison) {
    println!("{comparison}");
}

/// What the sources hold and the program does not.
#[derive(Debug, Default)]
struct Comparison {
    n_linked: usize,
    missing: Vec<Missing>,
    /// What a condition leaves out, which is taken as meant.
    left_out: Vec<Missing>,
}

/// An annotated function that is not linked.
#[derive(Debug)]
struct Missing {
    function: Annotated,
    file: PathBuf,
    reason: Reason,
}

/// Why it is not linked, as far as can be told.
#[derive(Clone, Debug)]
enum Reason {
    Condition,
    Orphan,
    ForTestsAlone { by: String },
    Swallowed { by: String },
    CrateNotLinked { package: String },
    Unknown,
}

impl Comparison {
    fn make(asker: Asker, except: &[&str]) -> Result<Self, String> {
        let folder = Path::new(asker.folder);
        let cargo = asker.cargo.unwrap_or("cargo");
        let linked: Vec<_> = inventory::iter::<Descriptor>()
            .map(|it| it.location)
            .collect();
        let mut comparison = Self::default();
        let mut is_asker_found = false;
        for package in packages::of_program(cargo, asker.package, folder)? {
            let sources = Sources::read(&package.folder)?;
            let judge = Judge {
                package: &package,
                linked: &linked,
                except,
            };
            for file in sources.library() {
                comparison.add(file, &judge, None);
            }
            if package.folder == folder
                && let Some(files) = sources.program_with(asker.file)
            {
                is_asker_found = true;
                for file in files {
                    comparison.add(file, &judge, None);
                }
            }
            for file in sources.orphans() {
                comparison.add(file, &judge, Some(&Reason::Orphan));
            }
        }
        if is_asker_found {
            Ok(comparison)
        } else {
            Err(format!(
                "`{}` is in no module tree of {}",
                asker.file, asker.folder
            ))
        }
    }

    fn add(&mut self, file: &SourceFile, judge: &Judge<'_>, known: Option<&Reason>) {
        for function in &file.functions {
            if judge.is_linked(file, function) && !function.is_for_tests_alone() {
                self.n_linked += 1;
                continue;
            }
            let name = function.name.trim_start_matches("r#");
            if judge.except.contains(&name) {
                continue;
            }
            let reason = known.cloned().unwrap_or_else(|| judge.reason(function));
            let list = if matches!(reason, Reason::Condition) {
                &mut self.left_out
            } else {
                &mut self.missing
            };
            list.push(Missing {
                function: function.clone(),
                file: file.path.clone(),
                reason,
            });
        }
    }
}

/// What a package's functions are held against.
struct Judge<'a> {
    package: &'a Package,
    linked: &'a [Location],
    except: &'a [&'a str],
}

impl Judge<'_> {
    /// The compiler was told a path from the root of the workspace, or a whole one.
    fn is_linked(&self, file: &SourceFile, function: &Annotated) -> bool {
        self.of_package()
            .any(|it| it.line == function.line && file.is(it.file))
    }

    fn of_package(&self) -> impl Iterator<Item = &Location> {
        let linked = self.linked.iter();
        linked.filter(|it| it.package == self.package.name)
    }

    fn reason(&self, function: &Annotated) -> Reason {
        let below = function.below.clone();
        if let Some(by) = below.clone().filter(|_| function.is_for_tests_alone()) {
            Reason::ForTestsAlone { by }
        } else if function.is_conditional {
            Reason::Condition
        } else if let Some(by) = below {
            Reason::Swallowed { by }
        } else if self.of_package().next().is_none() {
            Reason::CrateNotLinked {
                package: self.package.name.clone(),
            }
        } else {
            Reason::Unknown
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} annotated functions are linked, {} are not",
            self.n_linked,
            self.missing.len()
        )?;
        self.missing
            .iter()
            .try_for_each(|it| write!(f, "\n  {it}"))?;
        if !self.left_out.is_empty() {
            f.write_str("\nleft out by a condition, which is taken as meant:")?;
        }
        self.left_out
            .iter()
            .try_for_each(|it| write!(f, "\n  {it}"))
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, line) = (&self.function.name, self.function.line);
        write!(
            f,
            "`{name}` ({}:{line}): {}",
            self.file.display(),
            self.reason
        )
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Condition => f.write_str("it, or something around it, is under a `cfg` or in a macro"),
            Self::Orphan => f.write_str(
                "its file belongs to no library and no program: declare it with `mod`, or delete it",
            ),
            Self::ForTestsAlone { by } => write!(
                f,
                "`#[{by}]` stands above the annotation and leaves the function to tests alone: delete it"
            ),
            Self::Swallowed { by } => write!(
                f,
                "`#[{by}]` stands above the annotation and may have changed the function: put it below"
            ),
            Self::CrateNotLinked { package } => {
                let name = package.replace('-', "_");
                write!(
                    f,
                    "nothing of the package `{package}` is linked: write `mad_core::link_all!();` or `use {name} as _;`"
                )
            }
            Self::Unknown => f.write_str(
                "the compiler has left it out: is a macro around it, or a `cfg` on the way to its file?",
            ),
        }
    }
}

/// Asserts that every function annotated with `#[health_check]` or `#[self_test]` in the sources is linked
/// into this test.
///
/// The compiler cannot miss what it never saw: a file in no module tree, an annotation that an attribute
/// above it swallowed, a crate that nothing names. This reads the sources of this package and of what it
/// depends on by path, and compares files and lines with what is linked. Write one such test in each
/// program:
///
/// ```
/// mad_core::link_all!();
///
/// #[test]
/// fn every_check_is_linked() {
///     mad_core::testing::assert_all_linked!();
/// }
/// # fn main() {}
/// ```
///
/// Looked at are the library of each package and the one program that the test stands in. What is under a
/// `cfg` or in the call of a macro is listed, when it is not linked, and accepted. What else is meant to
/// be missing is named:
///
/// ```no_run
/// mad_core::testing::assert_all_linked!(except = ["only_on_the_bank_s_machines"]);
/// ```
///
/// An annotation under another name (`use mad_core::self_test as check`) is not recognised, nor is one that
/// a macro writes. The dependencies are those of the default features.
///
/// # Panics
///
/// If one is annotated and not linked; all of them are named, with place and likely reason. Also if the
/// sources cannot be read, or Cargo is not there to tell the dependencies.
#[doc(hidden)]
#[macro_export]
macro_rules! __assert_all_linked {
    ($(except = [$($name:expr),* $(,)?] $(,)?)?) => {
        $crate::testing::check_all_linked(
            $crate::testing::Asker {
                package: ::core::concat!(
                    ::core::env!("CARGO_PKG_NAME"),
                    "@",
                    ::core::env!("CARGO_PKG_VERSION"),
                ),
                folder: ::core::env!("CARGO_MANIFEST_DIR"),
                file: ::core::file!(),
                cargo: ::core::option_env!("CARGO"),
            },
            &[$($($name),*)?],
        )
    };
}
