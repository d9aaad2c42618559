//! Which commits are alike to their tests, though their files are not the same.
//!
//! A release changes the version in a manifest and the address of the documentation; others change a picture, a licence, the
//! settings of a linter, a benchmark or what fuzzers run. Tests come to the same before and after, unless code asks for such things. Whether it does is
//! judged by words: one that is there by chance costs a measurement, and nothing else.

use std::collections::HashMap;
use std::rc::Rc;

use mad_store::Commit;

use super::manifest::Manifest;
use super::needed::Needed;
use super::source::{BENCHES, FUZZ, NOT_BUILT, Source};
use super::survey::Contents;
use super::tree::{MANIFEST, Tree};
use crate::fingerprint;
use crate::git::{Blobs, Entry, GitError, Repository};

const FUZZ_MANIFEST: &str = "fuzz/Cargo.toml";

/// Where a package has its library, if its manifest says nothing else, and where what is no part of it.
const LIBRARY: &str = "src/lib.rs";
const OF_TESTS: [&str; 2] = ["examples/", "tests/"];

/// What commits are to their tests.
#[derive(Debug, Default)]
pub(super) struct ToTests {
    /// As a word: commits that are alike have the same.
    pub(super) contents: Contents,
    /// What has to be built for those with a word, as far as it is not all.
    needed: HashMap<String, Needed>,
}

impl ToTests {
    /// Of contents nothing more is known.
    pub(super) fn of(contents: Contents) -> Self {
        Self {
            contents,
            needed: HashMap::new(),
        }
    }

    /// What has to be built for commits with this word.
    pub(super) fn needed(&self, word: &str) -> Needed {
        self.needed.get(word).copied().unwrap_or(Needed::ALL)
    }
}

/// Tells what commits are to their tests. Benchmarks and fuzzers make no difference to plain tests, of which Cargo is told
/// nothing.
pub(super) fn to_tests(
    repository: &Repository,
    commits: &[Commit],
    contents: &Contents,
    are_plain: bool,
) -> Result<ToTests, GitError> {
    let mut reader = Reader {
        blobs: repository.blobs()?,
        sources: HashMap::new(),
        manifests: HashMap::new(),
        are_plain,
    };
    let mut of_contents: HashMap<&str, String> = HashMap::new();
    let mut to_tests = ToTests::default();
    for commit in commits {
        let content = contents[&commit.id].as_str();
        if !of_contents.contains_key(content) {
            let entries = repository.entries(&commit.id)?;
            let files = reader.read(&entries)?;
            let word = files.word(&entries);
            to_tests.needed.insert(word.clone(), files.facts.needed);
            of_contents.insert(content, word);
        }
        let word = of_contents[content].clone();
        to_tests.contents.insert(commit.id.clone(), word);
    }
    Ok(to_tests)
}

struct Reader {
    blobs: Blobs,
    sources: HashMap<String, Rc<Source>>,
    manifests: HashMap<String, Manifest>,
    are_plain: bool,
}

impl Reader {
    fn read<'entries>(&mut self, entries: &'entries [Entry]) -> Result<Files<'entries>, GitError> {
        let mut files = Files::default();
        for entry in entries {
            let path = entry.path.as_str();
            let is_for_people = || NOT_BUILT.iter().any(|kind| path.contains(kind));
            files.has_links |= entry.is_link() && !is_for_people();
            let Some(blob) = entry.blob() else {
                continue;
            };
            if Tree::is_rust(path) {
                files.sources.insert(path, self.source(blob)?);
            } else if Tree::is_manifest(path) {
                files.folders.push(path.trim_end_matches("Cargo.toml"));
                if let Some(manifest) = self.manifest(blob)? {
                    files.manifests.insert(path, manifest);
                }
            }
        }
        Ok(files.judged(self.are_plain))
    }

    fn source(&mut self, blob: &str) -> Result<Rc<Source>, GitError> {
        if let Some(known) = self.sources.get(blob) {
            return Ok(Rc::clone(known));
        }
        let content = self.blobs.read(blob)?;
        let source = Rc::new(Source::read(&String::from_utf8_lossy(&content)));
        self.sources.insert(blob.to_owned(), Rc::clone(&source));
        Ok(source)
    }

    fn manifest(&mut self, blob: &str) -> Result<Option<Manifest>, GitError> {
        if let Some(known) = self.manifests.get(blob) {
            return Ok(Some(known.clone()));
        }
        let content = self.blobs.read(blob)?;
        let manifest = Manifest::read(&String::from_utf8_lossy(&content));
        if let Some(manifest) = &manifest {
            self.manifests.insert(blob.to_owned(), manifest.clone());
        }
        Ok(manifest)
    }
}

/// The files of a commit that are read.
#[derive(Default)]
struct Files<'entries> {
    sources: HashMap<&'entries str, Rc<Source>>,
    manifests: HashMap<&'entries str, Manifest>,
    /// Where packages are, each with a `/` behind it; nothing is the root.
    folders: Vec<&'entries str>,
    /// Whether a link may lead to what is built, from what is not.
    has_links: bool,
    facts: Facts,
}

/// What follows from all files of a commit.
#[derive(Default)]
struct Facts {
    asks: bool,
    versions_count: bool,
    /// The kinds of files, of [`NOT_BUILT`], that nobody names.
    ignored: Vec<&'static str>,
    /// The folders, of [`BENCHES`] and [`FUZZ`], of which nothing is built.
    unbuilt: Vec<&'static str>,
    /// What has to be built for the tests.
    needed: Needed,
}

impl Files<'_> {
    fn judged(mut self, are_plain: bool) -> Self {
        let names = |name: &str, is_meant: &dyn Fn(&str) -> bool| {
            let mut sources = self.sources.iter();
            sources.any(|(path, source)| is_meant(path) && source.names.contains(&name))
        };
        let is_no_bench = |path: &str| !self.is_bench(path);
        let is_no_fuzz = |path: &str| !path.starts_with(FUZZ);
        let manifests = || self.manifests.iter();
        // Of a manifest that was not understood nothing is known.
        let are_known = are_plain && !self.has_links && self.manifests.len() == self.folders.len();
        let tests_benches = manifests().any(|(_, manifest)| manifest.tests_benches);
        let names_fuzz =
            manifests().any(|(path, manifest)| is_no_fuzz(path) && manifest.names_fuzz());
        let has_own_fuzz =
            manifests().any(|(path, manifest)| *path == FUZZ_MANIFEST && manifest.is_workspace);
        let unbuilt = [
            (BENCHES, !tests_benches && !names(BENCHES, &is_no_bench)),
            (
                FUZZ,
                has_own_fuzz && !names_fuzz && !names(FUZZ, &is_no_fuzz),
            ),
        ];
        let unbuilt: Vec<&str> = unbuilt
            .iter()
            .filter(|(_, is_unbuilt)| are_known && *is_unbuilt)
            .map(|(folder, _)| *folder)
            .collect();
        let needed = if are_known {
            self.needed(&unbuilt)
        } else {
            Needed {
                whole_documentation_tests: self.allocate(),
                ..Needed::ALL
            }
        };
        let facts = Facts {
            asks: self.has_links || self.sources.values().any(|source| source.asks),
            versions_count: manifests().any(|(_, manifest)| manifest.versions_count),
            ignored: NOT_BUILT
                .into_iter()
                .filter(|kind| !names(kind, &|_| true))
                .collect(),
            needed,
            unbuilt,
        };
        self.facts = facts;
        self
    }

    /// What has to be built for the tests.
    fn needed(&self, unbuilt: &[&str]) -> Needed {
        let is_meant = |path: &str| !unbuilt.contains(&FUZZ) || !path.starts_with(FUZZ);
        let is_built =
            |path: &str| is_meant(path) && !(unbuilt.contains(&BENCHES) && self.is_bench(path));
        let sources = || self.sources.iter().filter(|(path, _)| is_built(path));
        let is_unclear = sources().any(|(_, source)| source.asks || source.includes);
        let may_be_named =
            |name: &String| is_unclear || sources().any(|(_, source)| source.words.may_have(name));
        let others = self.manifests.iter().any(|(path, manifest)| {
            // What is a package to Cargo in a folder of another may be data to its tests: that is left as it is.
            let mut for_tests = manifest.needs_for_tests.iter();
            let needs_for_tests = for_tests.any(|name| *path != MANIFEST || may_be_named(name));
            is_meant(path) && (manifest.needs_others || needs_for_tests)
        });
        let is_of_library = |path: &str| !OF_TESTS.iter().any(|folder| path.starts_with(folder));
        let mut library = sources().filter(|(path, _)| is_of_library(path));
        // A macro of somebody else may write tests without the word for it.
        let is_plain_library = !others
            && !is_unclear
            && self.sources.contains_key(LIBRARY)
            && (self.manifests.get(MANIFEST)).is_some_and(|manifest| manifest.has_plain_library);
        Needed {
            others,
            unit_tests: !is_plain_library || library.any(|(_, source)| source.has_tests),
            whole_documentation_tests: self.allocate(),
        }
    }

    /// Whether any has an allocator of its own, which is not used with a standard library beside the program.
    fn allocate(&self) -> bool {
        self.sources.values().any(|source| source.allocates)
    }

    fn word(&self, entries: &[Entry]) -> String {
        let counted = entries.iter().filter(|entry| self.counts(entry));
        fingerprint::of(counted.flat_map(|entry| [entry.path.as_str(), self.word_of(entry)]))
    }

    fn counts(&self, entry: &Entry) -> bool {
        let path = entry.path.as_str();
        let name = path.rsplit('/').next().unwrap_or(path);
        let facts = &self.facts;
        facts.asks
            || !(Tree::is_about_the_project(path)
                || (facts.unbuilt.contains(&FUZZ) && path.starts_with(FUZZ))
                || facts.ignored.iter().any(|kind| name.contains(kind)))
    }

    fn word_of<'word>(&'word self, entry: &'word Entry) -> &'word str {
        let path = entry.path.as_str();
        if self.facts.asks {
            return &entry.content;
        }
        if self.facts.unbuilt.contains(&BENCHES) && self.is_bench(path) {
            // That it is there counts: Cargo refuses a manifest that names one which is not.
            return "";
        }
        match (self.sources.get(path), self.manifests.get(path)) {
            (Some(source), _) => &source.word,
            (_, Some(manifest)) if self.facts.versions_count => &manifest.with_version,
            (_, Some(manifest)) => &manifest.without_version,
            _ => &entry.content,
        }
    }

    fn is_bench(&self, path: &str) -> bool {
        let packages = self
            .folders
            .iter()
            .filter(|package| path.starts_with(**package));
        let package = packages.max_by_key(|package| package.len());
        package.is_some_and(|package| path[package.len()..].starts_with(BENCHES))
    }
}
