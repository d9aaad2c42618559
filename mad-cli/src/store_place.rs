//! Where the store of a project is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use mad_store::{Store, StoreError};

/// Where what was measured is kept.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct StoreArguments {
    /// The file of the store; otherwise that of the environment variable `MAD_STORE`, otherwise `.mad/mad.db` at the
    /// root of the repository
    #[arg(long, value_name = "FILE", env = "MAD_STORE")]
    pub(crate) store: Option<PathBuf>,
}

impl StoreArguments {
    /// Opens the store, and makes it first if there is none.
    pub(crate) fn open_or_make(&self) -> Result<Store, PlaceError> {
        let path = self.path()?;
        if self.store.is_none()
            && let Some(folder) = path.parent()
        {
            make_folder(folder).map_err(|error| PlaceError::Folder(folder.to_owned(), error))?;
        }
        Store::open(&path).map_err(|error| PlaceError::Store(path, error))
    }

    /// Opens the store, which has to be there: for whoever wants to read.
    pub(crate) fn open(&self) -> Result<Store, PlaceError> {
        let path = self.path()?;
        if !path.exists() {
            return Err(PlaceError::None(path));
        }
        Store::open(&path).map_err(|error| PlaceError::Store(path, error))
    }

    fn path(&self) -> Result<PathBuf, PlaceError> {
        if let Some(path) = &self.store {
            return Ok(path.clone());
        }
        let here = std::env::current_dir()
            .map_err(|error| PlaceError::Folder(PathBuf::from("."), error))?;
        Ok(root(&here).join(".mad").join("mad.db"))
    }
}

/// The repository that a folder is in, or the folder itself.
pub(crate) fn root(folder: &Path) -> &Path {
    folder
        .ancestors()
        .find(|folder| folder.join(".git").exists())
        .unwrap_or(folder)
}

/// A folder that version control leaves alone, without a word in anybody's own files.
fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let ignore = folder.join(".gitignore");
    if ignore.exists() {
        return Ok(());
    }
    fs::write(ignore, "*\n")
}

/// Why there is no store to work with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlaceError {
    #[error("there is no store at {}; `mad test` and `mad history` make one, and `--store` names another", .0.display())]
    None(PathBuf),
    #[error("{} cannot be used", .0.display())]
    Folder(PathBuf, #[source] io::Error),
    #[error("{} cannot be used", .0.display())]
    Store(PathBuf, #[source] StoreError),
}
