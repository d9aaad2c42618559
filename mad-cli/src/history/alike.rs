//! Which commits are alike to their tests, though their files are not the same.
//!
//! A release changes the version in a manifest and the address of the documentation; others change a picture, a licence or the
//! settings of a linter. Tests come to the same before and after, unless code asks for such things. Whether it does is
//! judged by words: one that is there by chance costs a measurement, and nothing else.

use std::collections::HashMap;

use mad_store::Commit;
use toml::{Table, Value};

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

/// What a manifest says of a package to those who look for one.
const FOR_READERS: [&str; 13] = [
    "authors",
    "categories",
    "description",
    "documentation",
    "exclude",
    "homepage",
    "include",
    "keywords",
    "license",
    "license-file",
    "publish",
    "readme",
    "repository",
];

/// What commits are to their tests, as a word: commits that are alike to them have the same.
pub(super) fn to_tests(
    repository: &Repository,
    commits: &[Commit],
    contents: &Contents,
) -> Result<Contents, GitError> {
    let mut reader = Reader {
        blobs: repository.blobs()?,
        sources: HashMap::new(),
        manifests: HashMap::new(),
    };
    let mut of_contents: HashMap<&str, String> = HashMap::new();
    let mut to_tests = Contents::new();
    for commit in commits {
        let content = contents[&commit.id].as_str();
        if !of_contents.contains_key(content) {
            of_contents.insert(content, reader.word(&repository.entries(&commit.id)?)?);
        }
        to_tests.insert(commit.id.clone(), of_contents[content].clone());
    }
    Ok(to_tests)
}

struct Reader {
    blobs: Blobs,
    sources: HashMap<String, Source>,
    manifests: HashMap<String, Manifest>,
}

/// A Rust file.
#[derive(Clone, Debug, Default)]
struct Source {
    /// Whether it may ask for anything.
    asks: bool,
    /// The kinds of [`NOT_BUILT`] that it names.
    names: Vec<&'static str>,
    /// A word for what it is but for the address of its documentation.
    word: String,
}

/// What a manifest is to a build.
#[derive(Clone, Debug)]
struct Manifest {
    with_version: String,
    without_version: String,
    /// Whether something may depend on the version of a package beside it.
    versions_count: bool,
}

impl Reader {
    fn word(&mut self, entries: &[Entry]) -> Result<String, GitError> {
        let mut sources = HashMap::new();
        let mut manifests = HashMap::new();
        for entry in entries {
            let (Some(blob), path) = (entry.blob(), entry.path.as_str()) else {
                continue;
            };
            if Tree::is_rust(path) {
                sources.insert(path, self.source(blob)?);
            } else if Tree::is_manifest(path)
                && let Some(manifest) = self.manifest(blob)?
            {
                manifests.insert(path, manifest);
            }
        }
        let names = |kind: &&str| sources.values().any(|source| source.names.contains(kind));
        let ignored: Vec<&str> = NOT_BUILT.into_iter().filter(|kind| !names(kind)).collect();
        let asks = sources.values().any(|source| source.asks);
        let versions_count = manifests.values().any(|manifest| manifest.versions_count);
        let word_of = |entry: &Entry| {
            let path = entry.path.as_str();
            if asks {
                return entry.content.clone();
            }
            match (sources.get(path), manifests.get(path)) {
                (Some(source), _) => source.word.clone(),
                (_, Some(manifest)) if versions_count => manifest.with_version.clone(),
                (_, Some(manifest)) => manifest.without_version.clone(),
                _ => entry.content.clone(),
            }
        };
        let counts = |entry: &&Entry| {
            let name = entry.path.rsplit('/').next().unwrap_or(&entry.path);
            asks || !(Tree::is_about_the_project(&entry.path)
                || ignored.iter().any(|kind| name.contains(kind)))
        };
        let parts = entries.iter().filter(counts);
        Ok(fingerprint::of(
            parts.flat_map(|entry| [entry.path.clone(), word_of(entry)]),
        ))
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

impl Source {
    fn read(text: &str) -> Self {
        let is_address = |line: &&str| {
            line.starts_with("#![doc(html_root_url = \"") && line.trim_end().ends_with("\")]")
        };
        let asks_elsewhere = |line: &str| line.contains("html_root_url") && !is_address(&line);
        Self {
            asks: ASKING.iter().any(|word| text.contains(word)) || text.lines().any(asks_elsewhere),
            names: NOT_BUILT
                .into_iter()
                .filter(|kind| text.contains(kind))
                .collect(),
            // The line stays: failures tell where they are.
            word: fingerprint::of(
                text.lines()
                    .map(|line| if is_address(&line) { "" } else { line }),
            ),
        }
    }
}

impl Manifest {
    /// Nothing, if it is none, or if a build script has help that may read all of it.
    fn read(text: &str) -> Option<Self> {
        let mut table: Table = text.parse().ok()?;
        if table.contains_key("build-dependencies") {
            return None;
        }
        let is_replacing = table.contains_key("patch") || table.contains_key("replace");
        let versions_count = is_replacing || has_version_beside_path(&table);
        table.remove("badges");
        if let Some(Value::Table(package)) = table.get_mut("package") {
            for key in FOR_READERS {
                package.remove(key);
            }
        }
        let with_version = table.to_string();
        if let Some(Value::Table(package)) = table.get_mut("package") {
            package.remove("version");
        }
        Some(Self {
            with_version,
            without_version: table.to_string(),
            versions_count,
        })
    }
}

/// Whether a dependency is both a folder and a version, which have to agree.
fn has_version_beside_path(table: &Table) -> bool {
    let is_both = table.contains_key("path") && table.contains_key("version");
    is_both
        || table.values().any(|value| match value {
            Value::Table(table) => has_version_beside_path(table),
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKAGE: &str = "[package]\nname = \"shop\"\nversion = \"1.0.0\"\n";

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

    #[test]
    fn a_manifest_is_what_it_says_to_a_build() {
        let read = |text: &str| Manifest::read(text).unwrap();
        let before = read(&format!("{PACKAGE}description = \"a shop\"\n"));
        let after = read(&PACKAGE.replace("1.0.0", "1.0.1"));
        assert_eq!(before.without_version, after.without_version);
        assert_ne!(before.with_version, after.with_version);
        let edition = read(&format!("{PACKAGE}edition = \"2024\"\n"));
        assert_ne!(edition.without_version, after.without_version);
    }

    #[test]
    fn a_version_counts_where_something_may_depend_on_it() {
        for text in [
            "[dependencies]\nother = { path = \"other\", version = \"1\" }\n",
            "[dev-dependencies.other]\npath = \"other\"\nversion = \"1\"\n",
            "[patch.crates-io]\nother = { path = \"other\" }\n",
        ] {
            let manifest = Manifest::read(&format!("{PACKAGE}{text}")).unwrap();
            assert!(manifest.versions_count, "{text}");
        }
        assert!(!Manifest::read(PACKAGE).unwrap().versions_count);
        let helped = format!("{PACKAGE}[build-dependencies]\nhelp = \"1\"\n");
        assert!(Manifest::read(&helped).is_none());
    }
}
