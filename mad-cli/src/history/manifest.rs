//! What a manifest says to a build.

use std::collections::BTreeSet;
use std::path::Path;

use toml::{Table, Value};

/// What a manifest says of a package to those who look for one, and nothing to a build. Lints are of that kind, as
/// they are capped, and what the documentation is built with.
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

/// What a manifest is to a build.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Manifest {
    pub(super) with_version: String,
    pub(super) without_version: String,
    /// Whether something may depend on the version of a package beside it.
    pub(super) versions_count: bool,
    /// Whether it is of a workspace of its own.
    pub(super) is_workspace: bool,
    /// Whether benchmarks are tested, or are something else besides.
    pub(super) tests_benches: bool,
    /// Whether something else has to be built before.
    pub(super) needs_others: bool,
    /// What has to be built besides for tests, examples and benchmarks: by the names that they have in code.
    pub(super) needs_for_tests: Vec<String>,
    /// Whether it is of a package, and says nothing of how its library is tested.
    pub(super) has_plain_library: bool,
}

/// What a manifest says of a library that is nothing to the tests in it.
const OF_LIBRARIES: [&str; 6] = [
    "bench",
    "doc",
    "doc-scrape-examples",
    "edition",
    "name",
    "path",
];

/// What only tests, examples and benchmarks depend on, as Cargo calls it and once did.
pub(super) const FOR_TESTS: [&str; 2] = ["dev-dependencies", "dev_dependencies"];

impl Manifest {
    /// Nothing, if it is none, or if a build script has help that may read all of it.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut table: Table = text.parse().ok()?;
        if has_build_dependencies(&table) {
            return None;
        }
        let is_replacing = table.contains_key("patch") || table.contains_key("replace");
        let versions_count = is_replacing || has_version_beside_path(&table);
        for key in ["badges", "lints"] {
            table.remove(key);
        }
        if let Some(Value::Table(package)) = table.get_mut("package") {
            for key in FOR_READERS {
                package.remove(key);
            }
            if let Some(Value::Table(metadata)) = package.get_mut("metadata") {
                metadata.remove("docs");
            }
            if let Some(Value::Table(metadata)) = package.get("metadata")
                && metadata.is_empty()
            {
                package.remove("metadata");
            }
        }
        let with_version = table.to_string();
        if let Some(Value::Table(package)) = table.get_mut("package") {
            package.remove("version");
        }
        let without_version = table.to_string();
        let is_workspace = table.contains_key("workspace");
        let mut needs = Needs::default();
        needs.add(&table, has_default_dependencies(&table));
        let benches = table.remove("bench");
        let tests_benches = benches.is_some_and(|benches| benches.to_string().contains("test"))
            || table.to_string().contains("benches");
        Some(Self {
            with_version,
            without_version,
            versions_count,
            is_workspace,
            tests_benches,
            needs_others: needs.others,
            needs_for_tests: needs.for_tests,
            has_plain_library: (table.get("package"))
                .is_some_and(|package| package.get("autolib").is_none())
                && table.get("lib").is_none_or(is_plain_library),
        })
    }

    /// Whether it names the folder where a package has what fuzzers run.
    pub(super) fn names_fuzz(&self) -> bool {
        self.without_version.contains("fuzz")
    }
}

fn is_plain_library(library: &Value) -> bool {
    let is_plain = |key: &String| OF_LIBRARIES.contains(&key.as_str());
    let keys = library.as_table().map(Table::keys);
    keys.is_some_and(|mut keys| keys.all(is_plain))
}

/// Whether a dependency is turned on by itself: by the default feature, or by one that it turns on in its turn.
fn has_default_dependencies(table: &Table) -> bool {
    let Some(features) = table.get("features") else {
        return false;
    };
    let mut wanted = vec!["default"];
    let mut known = BTreeSet::new();
    while let Some(name) = wanted.pop() {
        if !known.insert(name) {
            continue;
        }
        match features.get(name) {
            None if name == "default" => {}
            Some(Value::Array(others)) if others.iter().all(Value::is_str) => {
                wanted.extend(others.iter().filter_map(Value::as_str));
            }
            // Of a dependency, or nobody knows.
            _ => return true,
        }
    }
    false
}

/// Whether a dependency is a package of the same repository, or may be one.
fn is_beside(dependency: &Value) -> bool {
    let path = dependency.get("path").and_then(Value::as_str);
    path.is_some_and(|path| Path::new(path).is_relative()) || dependency.get("workspace").is_some()
}

/// Whether a build script has dependencies, at any depth: those of one platform, too.
fn has_build_dependencies(table: &Table) -> bool {
    table.iter().any(|(name, value)| {
        ["build-dependencies", "build_dependencies"].contains(&name.as_str())
            || value.as_table().is_some_and(has_build_dependencies)
    })
}

/// What has to be built beside a package.
#[derive(Default)]
struct Needs {
    others: bool,
    for_tests: Vec<String>,
}

impl Needs {
    /// Adds dependencies at any depth: those of one platform, too. Optional ones count where `with_optional` says so.
    fn add(&mut self, table: &Table, with_optional: bool) {
        let is_needed = |dependency: &Value| {
            let is_optional = dependency.get("optional").and_then(Value::as_bool);
            with_optional || is_optional != Some(true)
        };
        for (name, value) in table {
            match value {
                Value::Table(dependencies) if FOR_TESTS.contains(&name.as_str()) => {
                    let names = dependencies.keys().map(|name| name.replace('-', "_"));
                    self.for_tests.extend(names);
                    // It may be the package itself, with other features, or lead to it.
                    self.others |= dependencies.values().any(is_beside);
                }
                Value::Table(dependencies) if name.ends_with("dependencies") => {
                    self.others |= dependencies.values().any(is_needed);
                }
                Value::Table(inner) => self.add(inner, with_optional),
                _ => {}
            }
        }
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

    #[test]
    fn a_manifest_is_what_it_says_to_a_build() {
        let read = |text: &str| Manifest::read(text).unwrap();
        let before = read(&format!("{PACKAGE}description = \"a shop\"\n"));
        let after = read(&PACKAGE.replace("1.0.0", "1.0.1"));
        assert_eq!(before.without_version, after.without_version);
        assert_ne!(before.with_version, after.with_version);
        let edition = read(&format!("{PACKAGE}edition = \"2024\"\n"));
        assert_ne!(edition.without_version, after.without_version);
        for nothing in [
            "[lints.rust]\nunused = \"deny\"\n",
            "[package.metadata.docs.rs]\nall-features = true\n",
        ] {
            let same = read(&format!("{PACKAGE}{nothing}"));
            assert_eq!(same.without_version, after.without_version, "{nothing}");
        }
    }

    #[test]
    fn benchmarks_are_no_tests_unless_the_manifest_says_so() {
        let tests = |text: &str| {
            Manifest::read(&format!("{PACKAGE}{text}"))
                .unwrap()
                .tests_benches
        };
        assert!(!tests(""));
        assert!(!tests(
            "[[bench]]\nname = \"b\"\npath = \"benches/b.rs\"\nharness = false\n"
        ));
        assert!(tests("[[bench]]\nname = \"b\"\ntest = true\n"));
        assert!(tests("[[test]]\nname = \"b\"\npath = \"benches/b.rs\"\n"));
    }

    #[test]
    fn others_are_needed_by_whoever_names_one_that_is_not_optional() {
        let needs = |text: &str| {
            Manifest::read(&format!("{PACKAGE}{text}"))
                .unwrap()
                .needs_others
        };
        let optional = "[dependencies]\nhelp = { version = \"1\", optional = true }\n";
        assert!(!needs(""));
        assert!(!needs("[dependencies]\n"));
        assert!(!needs(optional));
        for features in [
            "default = []\n",
            "default = [\"std\"]\nstd = []\n",
            "default = [\"a\"]\na = [\"b\"]\nb = [\"a\"]\n",
            "more = [\"help\"]\n",
        ] {
            let text = format!("{optional}[features]\n{features}");
            assert!(!needs(&text), "{text}");
        }
        for text in [
            "[dependencies]\nhelp = \"1\"\n",
            "[workspace.dependencies]\nhelp = \"1\"\n",
            "[target.'cfg(unix)'.dependencies]\nhelp = \"1\"\n",
            &format!("{optional}[features]\ndefault = [\"help\"]\n"),
            &format!("{optional}[features]\ndefault = [\"std\"]\nstd = [\"help/std\"]\n"),
            &format!("{optional}[features]\ndefault = [\"std\"]\nstd = [\"dep:help\"]\n"),
        ] {
            assert!(needs(text), "{text}");
        }
    }

    #[test]
    fn what_is_for_tests_is_told_by_the_names_in_code() {
        for text in [
            "[dev-dependencies]\nvery-helpful = \"1\"\n",
            "[dev_dependencies]\nvery-helpful = \"1\"\n",
            "[dev-dependencies.very-helpful]\nversion = \"1\"\n",
            "[target.'cfg(unix)'.dev-dependencies]\nvery-helpful = \"1\"\n",
        ] {
            let text = format!("{PACKAGE}{text}");
            let manifest = Manifest::read(&text).unwrap();
            assert_eq!(manifest.needs_for_tests, ["very_helpful"], "{text}");
            assert!(!manifest.needs_others, "{text}");
        }
    }

    #[test]
    fn a_library_may_be_said_to_be_tested_in_a_way_of_its_own() {
        let is_plain = |text: &str| Manifest::read(text).unwrap().has_plain_library;
        let package = |text: &str| format!("{PACKAGE}{text}");
        assert!(is_plain(PACKAGE));
        assert!(is_plain(&package(
            "[lib]\nname = \"store\"\nbench = false\n"
        )));
        assert!(!is_plain("[workspace]\nmembers = [\"a\"]\n"));
        for text in [
            "test = false",
            "doctest = false",
            "proc-macro = true",
            "harness = false",
        ] {
            assert!(!is_plain(&package(&format!("[lib]\n{text}\n"))), "{text}");
        }
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
