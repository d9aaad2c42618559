//! What is in a commit: whether two are the same to whoever builds them, and what differs.

use std::collections::BTreeMap;
use std::path::Path;

use crate::fingerprint;
use crate::git::{Entry, GitError, Repository};

/// What the manifest of a package is called.
pub(super) const MANIFEST: &str = "Cargo.toml";

/// How what git says of a link begins, and of a submodule.
const LINK: &str = "120000 ";
const SUBMODULE: &str = "160000 ";

/// The files of a commit by their paths, each with a word for its contents.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Tree(BTreeMap<String, String>);

impl From<Vec<Entry>> for Tree {
    fn from(entries: Vec<Entry>) -> Self {
        let files = entries.into_iter().map(|entry| (entry.path, entry.content));
        Self(files.collect())
    }
}

impl Tree {
    pub(super) fn of(repository: &Repository, commit: &str) -> Result<Self, GitError> {
        Ok(repository.entries(commit)?.into())
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    /// Whether other repositories belong to it.
    pub(super) fn has_submodules(&self) -> bool {
        let mut contents = self.0.values();
        contents.any(|content| content.starts_with(SUBMODULE))
    }

    /// The same for commits that build and behave alike: documents are left out, unless the code reads such.
    pub(super) fn content(&self, reads_documents: bool) -> String {
        let counts = |path: &str| {
            !Self::is_about_the_project(path) && (reads_documents || !is_document(path))
        };
        let parts = self.0.iter().filter(|(path, _)| counts(path));
        fingerprint::of(parts.flat_map(|(path, content)| [path.as_str(), content.as_str()]))
    }

    /// The files of all packages in which anything differs from another tree: all of them, if what differs is in none.
    ///
    /// That is more than what differs: a package may read files without a word to Cargo, and one that is gone is no
    /// longer there to be newer. A link may lead to any of them.
    pub(super) fn files_of_what_differs(&self, other: &Self) -> Vec<&str> {
        let differs = |path: &&String| self.0.get(*path) != other.0.get(*path);
        let is_link = |path: &str| {
            let contents = [self, other].map(|tree| tree.0.get(path));
            let mut contents = contents.into_iter().flatten();
            contents.any(|content| content.starts_with(LINK))
        };
        let paths = self.0.keys().chain(other.0.keys());
        let packages: Vec<&str> = paths
            .filter(differs)
            .map(|path| match path.as_str() {
                path if is_link(path) => "",
                path => self.package_of(path),
            })
            .collect();
        let is_of_these = |path: &&str| packages.iter().any(|package| path.starts_with(package));
        self.0
            .keys()
            .map(String::as_str)
            .filter(is_of_these)
            .collect()
    }

    /// What decides on dependencies: paths, each with a word for the contents.
    pub(super) fn manifests(&self) -> impl Iterator<Item = (&str, &str)> {
        let decides = |path: &str| {
            let name = path.rsplit('/').next().unwrap_or(path);
            [MANIFEST, "Cargo.lock", "config.toml", "build.rs"].contains(&name)
        };
        let files = self
            .0
            .iter()
            .map(|(path, content)| (path.as_str(), content.as_str()));
        files.filter(move |(path, _)| decides(path))
    }

    /// Whether a file is a manifest of Cargo's.
    pub(super) fn is_manifest(path: &str) -> bool {
        path.rsplit('/').next() == Some(MANIFEST)
    }

    /// Whether a file is Rust.
    pub(super) fn is_rust(path: &str) -> bool {
        Path::new(path).extension().is_some_and(|kind| kind == "rs")
    }

    /// Whether a file is for those who work on a project, and never for what is built.
    pub(super) fn is_about_the_project(path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        path.starts_with(".github/")
            || [".gitignore", ".travis.yml", "incidents.toml"].contains(&name)
    }

    /// The folder of the package that a file is in, with a `/` behind it; nothing is the root.
    fn package_of<'path>(&self, path: &'path str) -> &'path str {
        let folders = path.rmatch_indices('/').map(|(at, _)| &path[..=at]);
        let mut folders =
            folders.filter(|folder| self.0.contains_key(&format!("{folder}{MANIFEST}")));
        folders.next().unwrap_or("")
    }
}

/// Whether a file is for readers, and for programs only if they name its kind.
fn is_document(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("md"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> Tree {
        let files = files
            .iter()
            .map(|(path, content)| ((*path).to_owned(), (*content).to_owned()));
        Tree(files.collect())
    }

    #[test]
    fn documents_make_no_difference_unless_they_are_read() {
        let before = tree(&[("README.md", "1"), ("src/lib.rs", "1")]);
        let after = tree(&[
            ("README.md", "2"),
            ("src/lib.rs", "1"),
            (".github/ci.yml", "1"),
        ]);
        assert_eq!(before.content(false), after.content(false));
        assert_ne!(before.content(true), after.content(true));
        assert_ne!(
            before.content(false),
            tree(&[("src/lib.rs", "2")]).content(false)
        );
    }

    #[test]
    fn what_differs_is_told_by_packages() {
        let files = [
            ("Cargo.toml", "1"),
            ("a/Cargo.toml", "1"),
            ("a/x.rs", "1"),
            ("b/Cargo.toml", "1"),
            ("b/y.rs", "1"),
        ];
        let before = tree(&files);
        let mut changed = files;
        changed[2].1 = "2";
        assert_eq!(
            tree(&changed).files_of_what_differs(&before),
            ["a/Cargo.toml", "a/x.rs"]
        );
        assert_eq!(
            tree(&files[..4]).files_of_what_differs(&before),
            ["b/Cargo.toml"]
        );
        let mut root = files;
        root[0].1 = "2";
        assert_eq!(tree(&root).files_of_what_differs(&before).len(), 5);
        let mut link = files;
        link[4].1 = "120000 blob 3";
        assert_eq!(tree(&link).files_of_what_differs(&before).len(), 5);
        assert!(before.files_of_what_differs(&before).is_empty());
        let manifests = |files| {
            tree(files)
                .manifests()
                .map(|(path, _)| path.to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            manifests(&files),
            ["Cargo.toml", "a/Cargo.toml", "b/Cargo.toml"]
        );
    }
}
