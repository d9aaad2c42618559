//! Which program is meant.

use std::ffi::OsString;
use std::path::PathBuf;

/// A program whose sources are here: a package, and a file that shows which of its programs is meant.
#[derive(Clone, Debug)]
pub struct Program {
    /// As `name@version`.
    pub(crate) package: String,
    pub(crate) folder: PathBuf,
    pub(crate) file: String,
    pub(crate) cargo: OsString,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) is_test: bool,
}

impl Program {
    /// Names the program of a package, given as `name@version`, in a folder. The file is any that belongs to
    /// the program, as the compiler was told it or with its whole path.
    pub fn new(
        package: impl Into<String>,
        folder: impl Into<PathBuf>,
        file: impl Into<String>,
    ) -> Self {
        Self {
            package: package.into(),
            folder: folder.into(),
            file: file.into(),
            cargo: OsString::from("cargo"),
            arguments: Vec::new(),
            is_test: false,
        }
    }

    /// Says that it is a test, which has the dependencies of tests, too.
    #[must_use]
    pub fn test(mut self) -> Self {
        self.is_test = true;
        self
    }

    /// Sets the Cargo that is asked for dependencies, instead of `cargo`.
    #[must_use]
    pub fn cargo(mut self, cargo: impl Into<OsString>) -> Self {
        self.cargo = cargo.into();
        self
    }

    /// Sets the arguments that choose features and target, as `cargo build` was given them.
    #[must_use]
    pub fn arguments<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments = arguments.into_iter().map(Into::into).collect();
        self
    }
}
