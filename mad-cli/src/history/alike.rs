//! Which commits are alike to their tests, though their files are not the same.
//!
//! A release changes the version in a manifest and the address of the documentation; others change a picture, a licence, the
//! settings of a linter, a benchmark or what fuzzers run. Tests come to the same before and after, unless code asks for such things. Whether it does is
//! judged by words: one that is there by chance costs a measurement, and nothing else.

use std::collections::{HashMap, HashSet};

use mad_store::Commit;

use super::manifest::Manifest;
use super::survey::Contents;
use super::tree::Tree;
use crate::fingerprint;
use crate::git::{Blobs, Entry, GitError, Repository};

/// Who names one of these may ask for anything: for what a manifest says, or for whatever is in a folder.
const ASKING: [&str; 17] = [
    "CARGO_PKG",
    "Cargo.toml\"",
    "Command::new(\"cargo",
    "WalkDir",
    "built::",
    "cargo_metadata",
    "clap",
    "crate_version",
    "glob(",
    "include_dir",
    "read_dir",
    "shadow_rs",
    "structopt",
    "trybuild",
    "vergen",
    "version_sync",
    "walkdir",
];

/// Files with one of these in their names are for people and for other tools, unless a Rust file names their kind.
const NOT_BUILT: [&str; 9] = [
    ".md",
    ".png",
    ".svg",
    ".yaml",
    ".yml",
    "COPYRIGHT",
    "LICENSE",
    "clippy.toml",
    "rustfmt.toml",
];

/// Where a package has benchmarks, which `cargo test` does not build, and another package that is for fuzzers.
const BENCHES: &str = "benches/";
const FUZZ: &str = "fuzz/";
const FUZZ_MANIFEST: &str = "fuzz/Cargo.toml";

/// What commits are to their tests.
pub(super) struct ToTests {
    /// As a word: commits that are alike have the same.
    pub(super) contents: Contents,
    /// The words of those that are built of nothing but themselves.
    pub(super) alone: HashSet<String>,
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
    let mut to_tests = ToTests {
        contents: Contents::new(),
        alone: HashSet::new(),
    };
    for commit in commits {
        let content = contents[&commit.id].as_str();
        if !of_contents.contains_key(content) {
            let entries = repository.entries(&commit.id)?;
            let files = reader.read(&entries)?;
            let word = files.word(&entries);
            if files.facts.is_alone {
                to_tests.alone.insert(word.clone());
            }
            of_contents.insert(content, word);
        }
        let word = of_contents[content].clone();
        to_tests.contents.insert(commit.id.clone(), word);
    }
    Ok(to_tests)
}

struct Reader {
    blobs: Blobs,
    sources: HashMap<String, Source>,
    manifests: HashMap<String, Manifest>,
    are_plain: bool,
}

/// A Rust file.
#[derive(Clone, Debug, Default)]
struct Source {
    /// Whether it may ask for anything.
    asks: bool,
    /// The kinds of [`NOT_BUILT`] that it names, and the folders.
    names: Vec<&'static str>,
    /// A word for what it is but for the address of its documentation.
    word: String,
}

impl Reader {
    fn read<'entries>(&mut self, entries: &'entries [Entry]) -> Result<Files<'entries>, GitError> {
        let mut files = Files::default();
        for entry in entries {
            let (Some(blob), path) = (entry.blob(), entry.path.as_str()) else {
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

    fn source(&mut self, blob: &str) -> Result<Source, GitError> {
        if let Some(known) = self.sources.get(blob) {
            return Ok(known.clone());
        }
        let content = self.blobs.read(blob)?;
        let source = Source::read(&String::from_utf8_lossy(&content));
        self.sources.insert(blob.to_owned(), source.clone());
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
    sources: HashMap<&'entries str, Source>,
    manifests: HashMap<&'entries str, Manifest>,
    /// Where packages are, each with a `/` behind it; nothing is the root.
    folders: Vec<&'entries str>,
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
    /// Whether no package needs others.
    is_alone: bool,
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
        let are_known = are_plain && self.manifests.len() == self.folders.len();
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
        let is_meant = |path: &str| is_no_fuzz(path) || !unbuilt.contains(&FUZZ);
        let needs_others =
            manifests().any(|(path, manifest)| is_meant(path) && manifest.needs_others);
        let facts = Facts {
            asks: self.sources.values().any(|source| source.asks),
            versions_count: manifests().any(|(_, manifest)| manifest.versions_count),
            ignored: NOT_BUILT
                .into_iter()
                .filter(|kind| !names(kind, &|_| true))
                .collect(),
            is_alone: are_known && !needs_others,
            unbuilt,
        };
        self.facts = facts;
        self
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

impl Source {
    fn read(text: &str) -> Self {
        let is_address = |line: &&str| {
            line.starts_with("#![doc(html_root_url = \"") && line.trim_end().ends_with("\")]")
        };
        let names_folder = |folder: &&str| {
            let quoted = format!("\"{}\"", folder.trim_end_matches('/'));
            text.contains(*folder) || text.contains(&quoted)
        };
        let asks_elsewhere = |line: &str| line.contains("html_root_url") && !is_address(&line);
        Self {
            asks: ASKING.iter().any(|word| text.contains(word)) || text.lines().any(asks_elsewhere),
            names: NOT_BUILT
                .into_iter()
                .filter(|kind| text.contains(kind))
                .chain([BENCHES, FUZZ].into_iter().filter(names_folder))
                .collect(),
            // The line stays: failures tell where they are.
            word: fingerprint::of(
                text.lines()
                    .map(|line| if is_address(&line) { "" } else { line }),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(source: &str) -> String {
        Source::read(source).word
    }

    #[test]
    fn an_address_of_documentation_is_nothing_to_a_test_and_all_else_is() {
        let before = "#![doc(html_root_url = \"https://docs.rs/shop/1.0.0\")]\nfn f() {}\n";
        let after = before.replace("1.0.0", "1.0.1");
        assert_eq!(word(before), word(&after));
        assert_ne!(word(before), word(&before.replace("f()", "g()")));
        assert_ne!(word(before), word("fn f() {}\n"), "lines have numbers");
        assert!(!Source::read(before).asks);
        let reads = "assert_html_root_url_updated!(\"src/lib.rs\"); // html_root_url";
        assert!(Source::read(reads).asks);
    }

    #[test]
    fn whoever_asks_for_the_version_is_known_by_its_words() {
        for asks in [
            "env!(\"CARGO_PKG_VERSION\")",
            "include_str!(\"../Cargo.toml\")",
            "crate_version!()",
            "#[derive(clap::Parser)]",
        ] {
            assert!(Source::read(asks).asks, "{asks}");
        }
        assert!(!Source::read("//! Add it to your Cargo.toml, globally.\n").asks);
    }
}
