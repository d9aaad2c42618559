//! Why the sources do not say what they hold.

use std::io;
use std::path::PathBuf;

use crate::BoxError;

/// Why it cannot be found out what a program's sources hold.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourcesError {
    /// Cargo could not be started.
    #[error("`cargo tree` cannot be started: {0}")]
    NoCargo(#[source] io::Error),
    /// Cargo does not know the packages; what it said.
    #[error("`cargo tree` failed: {0}")]
    Tree(String),
    /// A file that belongs to the program cannot be read, or is no Rust; a manifest that is no TOML.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: BoxError,
    },
    /// The file that is to show which program is meant belongs to none.
    #[error("`{file}` is in no module tree of {}", folder.display())]
    NoProgram {
        /// The file.
        file: String,
        /// The folder of the package.
        folder: PathBuf,
    },
}
