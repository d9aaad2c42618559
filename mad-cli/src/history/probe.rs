//! A crate beside the repository that measures it: its path dependencies are turned to the work tree.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::folder;
use crate::git::Repository;

const MANIFEST: &str = "Cargo.toml";

/// A crate that depends on the repository by a path.
#[derive(Debug)]
pub(super) struct Probe {
    folder: PathBuf,
    /// The top of the user's checkout.
    root: PathBuf,
    manifest: Table,
    word: String,
}

impl Probe {
    pub(super) fn read(folder: &Path, repository: &Repository) -> Result<Self, ProbeError> {
        let wrong = |error| ProbeError::File(folder.join(MANIFEST), error);
        let text = fs::read_to_string(folder.join(MANIFEST)).map_err(wrong)?;
        let manifest: Table = text
            .parse()
            .map_err(|error| ProbeError::Manifest(folder.join(MANIFEST), Box::new(error)))?;
        let probe = Self {
            folder: folder.canonicalize().map_err(wrong)?,
            root: repository.root().canonicalize().map_err(wrong)?,
            manifest,
            word: folder::word(folder).map_err(wrong)?,
        };
        if probe.turned_to(Path::new("")).1 == 0 {
            return Err(ProbeError::Independent(folder.to_owned()));
        }
        Ok(probe)
    }

    /// The same for the same contents.
    pub(super) fn word(&self) -> &str {
        &self.word
    }

    /// Copies it to another folder, where it depends on a work tree.
    pub(super) fn copy_to(&self, to: &Path, tree: &Path) -> io::Result<()> {
        folder::copy(&self.folder, to)?;
        fs::write(to.join(MANIFEST), self.turned_to(tree).0.to_string())
    }

    /// The manifest with the dependencies on the checkout turned to a work tree, and how many these are.
    fn turned_to(&self, tree: &Path) -> (Table, usize) {
        let mut manifest = self.manifest.clone();
        let mut n_turned = 0;
        self.turn(&mut manifest, tree, &mut n_turned);
        // Wherever the copy is, it is in no workspace of others.
        manifest
            .entry("workspace")
            .or_insert_with(|| Value::Table(Table::new()));
        (manifest, n_turned)
    }

    /// Turns every `path` that leads into the checkout and is not the probe's own, at any depth: of dependencies by
    /// platform, in `[patch]`, wherever Cargo has one.
    fn turn(&self, table: &mut Table, tree: &Path, n_turned: &mut usize) {
        for (name, value) in table.iter_mut() {
            match value {
                Value::Table(inner) => self.turn(inner, tree, n_turned),
                Value::String(path) if name == "path" => {
                    let Ok(led_to) = self.folder.join(&*path).canonicalize() else {
                        continue;
                    };
                    if led_to.starts_with(&self.folder) {
                        continue;
                    }
                    if let Ok(within) = led_to.strip_prefix(&self.root) {
                        *path = tree.join(within).to_string_lossy().into_owned();
                        *n_turned += 1;
                    }
                }
                _ => {}
            }
        }
    }
}

impl fmt::Display for Probe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.folder.file_name().unwrap_or_default();
        formatter.write_str(&name.to_string_lossy())
    }
}

/// Why a crate is no probe.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProbeError {
    #[error("{} cannot be read", .0.display())]
    File(PathBuf, #[source] io::Error),
    #[error("{} cannot be read", .0.display())]
    Manifest(PathBuf, #[source] Box<toml::de::Error>),
    #[error("{} depends on nothing in this repository; a probe has a dependency with `path`", .0.display())]
    Independent(PathBuf),
}
