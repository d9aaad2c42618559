//! Whether every annotated function of the sources is linked.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use crate::annotations::Annotated;
use crate::error::SourcesError;
use crate::packages::Package;
use crate::program::Program;
use crate::registration::Registration;
use crate::sources::{SourceFile, Sources};

/// What the sources, and the libraries compiled from them, hold and a program does not.
///
/// It displays as a list, with the place of each and the likely reason.
#[derive(Clone, Debug)]
pub struct Comparison {
    linked: BTreeSet<Registration>,
    except: Vec<String>,
    n_linked: usize,
    missing: Vec<Missing>,
    /// What a condition leaves out, which is taken as meant.
    left_out: Vec<Missing>,
}

/// An annotated function that is not linked.
#[derive(Clone, Debug)]
struct Missing {
    name: String,
    file: PathBuf,
    line: u32,
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
    Dropped,
    Unknown,
}

impl Comparison {
    /// Begins with what is linked, and with the names of functions that are meant to be missing.
    pub fn new(linked: BTreeSet<Registration>, except: &[&str]) -> Self {
        Self {
            linked,
            except: except.iter().map(|&name| name.to_owned()).collect(),
            n_linked: 0,
            missing: Vec::new(),
            left_out: Vec::new(),
        }
    }

    /// Holds the sources of a program against it: those of the program's own package, and of what it depends on
    /// by path.
    ///
    /// `packages` are those of [`Program::packages`]. Looked at are the library of each and the one program. A file with annotated functions that
    /// belongs to nothing is found, too.
    ///
    /// # Errors
    ///
    /// If a source cannot be read, or the program is not found.
    pub fn read_sources(
        &mut self,
        program: &Program,
        packages: &[Package],
    ) -> Result<(), SourcesError> {
        let mut is_found = false;
        for package in packages {
            let Some(folder) = &package.folder else {
                continue;
            };
            let sources = Sources::read(folder)?;
            for file in sources.library() {
                self.add(file, package, None);
            }
            if *folder == program.folder
                && let Some(files) = sources.program_with(&program.file)
            {
                is_found = true;
                for file in files {
                    self.add(file, package, None);
                }
            }
            for file in sources.orphans() {
                self.add(file, package, Some(&Reason::Orphan));
            }
        }
        if is_found {
            Ok(())
        } else {
            Err(SourcesError::NoProgram {
                file: program.file.clone(),
                folder: program.folder.clone(),
            })
        }
    }

    /// Holds what is registered in compiled libraries against it, so that nothing is overlooked in packages whose
    /// sources are not here, or that macros have written. Call it after [`read_sources`](Self::read_sources).
    pub fn add_compiled(&mut self, compiled: &BTreeSet<Registration>) {
        for registration in compiled.difference(&self.linked) {
            if self.except.contains(&registration.name) {
                continue;
            }
            let reason = self.reason_of_linker(&registration.package);
            let known = |it: &&mut Missing| {
                it.line == registration.line && it.file.ends_with(&registration.file)
            };
            if let Some(known) = self.missing.iter_mut().find(known) {
                // The compiler has seen it, whatever the sources look like.
                known.reason = reason;
            } else {
                self.missing.push(Missing {
                    name: registration.name.clone(),
                    file: PathBuf::from(&registration.file),
                    line: registration.line,
                    reason,
                });
            }
        }
    }

    /// Returns how many annotated functions of the sources are linked.
    pub fn n_linked(&self) -> usize {
        self.n_linked
    }

    /// Returns whether nothing is missing.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }

    fn add(&mut self, file: &SourceFile, package: &Package, known: Option<&Reason>) {
        for function in &file.functions {
            if self.is_linked(file, function, package) && !function.is_for_tests_alone() {
                self.n_linked += 1;
                continue;
            }
            let name = function.name.trim_start_matches("r#");
            if self.except.iter().any(|it| it == name) {
                continue;
            }
            let reason = known
                .cloned()
                .unwrap_or_else(|| self.reason(function, package));
            let missing = Missing {
                name: function.name.clone(),
                file: file.path.clone(),
                line: function.line,
                reason,
            };
            if matches!(missing.reason, Reason::Condition) {
                self.left_out.push(missing);
            } else {
                self.missing.push(missing);
            }
        }
    }

    /// The compiler was told a path from the root of the workspace, or a whole one.
    fn is_linked(&self, file: &SourceFile, function: &Annotated, package: &Package) -> bool {
        self.of_package(&package.name)
            .any(|it| it.line == function.line && file.is(&it.file))
    }

    fn of_package<'a>(&'a self, package: &'a str) -> impl Iterator<Item = &'a Registration> {
        self.linked.iter().filter(move |it| it.package == package)
    }

    fn reason(&self, function: &Annotated, package: &Package) -> Reason {
        let below = function.below.clone();
        if let Some(by) = below.clone().filter(|_| function.is_for_tests_alone()) {
            Reason::ForTestsAlone { by }
        } else if function.is_conditional {
            Reason::Condition
        } else if let Some(by) = below {
            Reason::Swallowed { by }
        } else if self.of_package(&package.name).next().is_none() {
            let package = package.name.clone();
            Reason::CrateNotLinked { package }
        } else {
            Reason::Unknown
        }
    }

    fn reason_of_linker(&self, package: &str) -> Reason {
        if self.of_package(package).next().is_none() {
            let package = package.to_owned();
            Reason::CrateNotLinked { package }
        } else {
            Reason::Dropped
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
        let Self {
            name,
            file,
            line,
            reason,
        } = self;
        write!(f, "`{name}` ({}:{line}): {reason}", file.display())
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
            Self::Dropped => f.write_str(
                "it is compiled, and the linker has dropped it: link a static library with `--whole-archive`",
            ),
            Self::Unknown => f.write_str(
                "the compiler has left it out: is a macro around it, or a `cfg` on the way to its file?",
            ),
        }
    }
}
