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
    Commit { path: String, commit: String },
    Checkout { path: String, from: PathBuf },
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
            let path = path.to_owned();
            (Source::Commit { path, commit }, object)
        } else {
            let from = repository.root().join(text);
            let word = folder::word(&from).map_err(|_| refused())?;
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

    /// Puts it into a work tree of ours.
    pub(super) fn put_into(&self, tree: &Repository) -> Result<(), OverlayError> {
        match &self.source {
            Source::Commit { path, commit } => Ok(tree.overlay(path, commit)?),
            Source::Checkout { path, from } => folder::copy(from, &tree.root().join(path))
                .map_err(|error| OverlayError::Copy(path.into(), error)),
        }
    }

    /// The files of it that are in a work tree, from its top.
    pub(super) fn files(&self, tree: &Path) -> Vec<String> {
        let (Source::Commit { path, .. } | Source::Checkout { path, .. }) = &self.source;
        let files = folder::files(&tree.join(path)).unwrap_or_default();
        let from_top = files
            .iter()
            .map(|file| folder::joined(Path::new(path), file));
        from_top
            .map(|file| file.to_string_lossy().into_owned())
            .collect()
    }
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
    #[error(transparent)]
    Git(#[from] GitError),
    #[error("{} cannot be copied", .0.display())]
    Copy(PathBuf, #[source] io::Error),
}
