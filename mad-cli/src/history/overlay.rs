//! What is put into each commit: the tests of today on the code of yesterday.

use std::fmt;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::folder;
use crate::fingerprint;
use crate::git::{GitError, Repository};

/// A file or folder that is put into each commit.
#[derive(Debug)]
pub(super) struct Overlay {
    text: String,
    word: String,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Commit {
        path: String,
        commit: String,
        files: Vec<PathBuf>,
    },
    Checkout {
        path: String,
        from: PathBuf,
    },
}

impl Source {
    /// All files of it, from the top of the repository.
    fn files(&self) -> Result<Vec<PathBuf>, OverlayError> {
        match self {
            Self::Commit { files, .. } => Ok(files.clone()),
            Self::Checkout { path, from } => {
                files_at(path, from).map_err(|error| OverlayError::Copy(path.into(), error))
            }
        }
    }
}

impl Overlay {
    /// Finds what `PATH@REVISION` or `PATH` means, from the top of the repository.
    pub(super) fn find(text: &str, repository: &Repository) -> Result<Self, OverlayError> {
        let refused = || OverlayError::NotThere(text.to_owned());
        let path = Path::new(text.split('@').next().unwrap_or(text));
        let is_within = |part| matches!(part, Component::Normal(_));
        if !path.components().all(is_within) {
            return Err(refused());
        }
        let (source, word) = if let Some((path, revision)) = text.rsplit_once('@') {
            let commit = repository.commit(revision)?.id;
            let object = format!("{commit}:{path}");
            let object = repository.ask(["rev-parse", "--verify", "--quiet", &object]);
            let object = object.map_err(|_| refused())?.trim().to_owned();
            let files = repository.entries(&commit)?.into_iter();
            let files = files.map(|entry| PathBuf::from(entry.path));
            let source = Source::Commit {
                files: files.filter(|file| file.starts_with(path)).collect(),
                path: path.to_owned(),
                commit,
            };
            (source, object)
        } else {
            let from = repository.root().join(text);
            if !from.exists() {
                return Err(refused());
            }
            let word = folder::word(&from);
            let word = word.map_err(|error| OverlayError::Copy(text.into(), error))?;
            let path = text.to_owned();
            (Source::Checkout { path, from }, word)
        };
        Ok(Self {
            word: fingerprint::of([text.split('@').next().unwrap_or(text), &word]),
            text: text.to_owned(),
            source,
        })
    }

    /// The same for the same contents at the same place.
    pub(super) fn word(&self) -> &str {
        &self.word
    }

    /// Puts it into a work tree of ours. It is put through no link of the commit's: that may lead out of the work tree, or to
    /// files that are meant by another name.
    pub(super) fn put_into(&self, tree: &Repository) -> Result<(), OverlayError> {
        for file in self.source.files()? {
            if let Some(link) = folder::link_above(tree.root(), &file) {
                return Err(OverlayError::Link(file, link));
            }
        }
        match &self.source {
            Source::Commit { path, commit, .. } => Ok(tree.overlay(path, commit)?),
            Source::Checkout { path, from } => folder::copy(from, &tree.root().join(path))
                .map_err(|error| OverlayError::Copy(path.into(), error)),
        }
    }

    /// The files of it that are in a work tree, from its top.
    pub(super) fn files(&self, tree: &Path) -> Vec<String> {
        let (Source::Commit { path, .. } | Source::Checkout { path, .. }) = &self.source;
        let files = files_at(path, &tree.join(path)).unwrap_or_default();
        let names = files.iter().map(|file| file.to_string_lossy().into_owned());
        names.collect()
    }
}

/// The files of a folder that is at a path of the repository, from its top.
fn files_at(path: &str, folder: &Path) -> io::Result<Vec<PathBuf>> {
    let files = folder::files(folder)?;
    let from_top = files
        .iter()
        .map(|file| folder::joined(Path::new(path), file));
    Ok(from_top.collect())
}

impl fmt::Display for Overlay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// Why something cannot be put into commits.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OverlayError {
    #[error("there is no `{0}` to put into commits; the path begins at the top of the repository")]
    NotThere(String),
    #[error(
        "the overlay's {} cannot be put into this commit, where `{}` is a link; leave such commits out, or overlay what is not below it",
        .0.display(),
        .1.display()
    )]
    Link(PathBuf, PathBuf),
    #[error(transparent)]
    Git(#[from] GitError),
    #[error("{} cannot be copied", .0.display())]
    Copy(PathBuf, #[source] io::Error),
}
