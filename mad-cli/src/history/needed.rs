//! What has to be built for the tests of a commit, and how Cargo is told to build no more.

use toml::{Table, Value};

use super::manifest::FOR_TESTS;

/// What has to be built for the tests of a commit, beside what is tested.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Needed {
    /// Dependencies.
    pub(super) others: bool,
    /// A program with the tests that stand in the library: there may be some.
    pub(super) unit_tests: bool,
    /// Documentation tests with the standard library in them: what they bring in its place is not used otherwise.
    pub(super) whole_documentation_tests: bool,
}

impl Default for Needed {
    fn default() -> Self {
        Self::ALL
    }
}

impl Needed {
    /// All that Cargo builds by itself.
    pub(super) const ALL: Self = Self {
        others: true,
        unit_tests: true,
        whole_documentation_tests: true,
    };

    /// A manifest without what is not needed; nothing, if it asks for no more.
    pub(super) fn trimmed(self, manifest: &str) -> Option<String> {
        let mut table: Table = manifest.parse().ok()?;
        let mut is_trimmed = !self.others && remove_those_for_tests(&mut table);
        if !self.unit_tests {
            let library = table
                .entry("lib")
                .or_insert_with(|| Value::Table(Table::new()));
            library
                .as_table_mut()?
                .insert("test".to_owned(), false.into());
            is_trimmed = true;
        }
        is_trimmed.then(|| table.to_string())
    }
}

/// Takes out what only tests, examples and benchmarks depend on: whether there was anything is the answer.
fn remove_those_for_tests(table: &mut Table) -> bool {
    let n_before = table.len();
    table.retain(|name, _| !FOR_TESTS.contains(&name));
    let mut is_any = table.len() < n_before;
    if let Some(Value::Table(platforms)) = table.get_mut("target") {
        for (_, platform) in platforms.iter_mut() {
            is_any |= platform.as_table_mut().is_some_and(remove_those_for_tests);
        }
    }
    is_any
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::manifest::Manifest;

    const PACKAGE: &str = "[package]\nname = \"shop\"\nversion = \"1.0.0\"\n";
    const ALONE: Needed = Needed {
        others: false,
        ..Needed::ALL
    };

    #[test]
    fn what_only_tests_depend_on_is_left_out() {
        for text in [
            "[dev-dependencies]\nhelp = \"1\"\n",
            "[dev_dependencies]\nhelp = \"1\"\n",
            "[dev-dependencies.help]\nversion = \"1\"\n",
            "[target.'cfg(unix)'.dev-dependencies]\nhelp = \"1\"\n",
        ] {
            let text = format!("{PACKAGE}{text}");
            let trimmed = ALONE.trimmed(&text).unwrap();
            assert!(!trimmed.contains("help"), "{trimmed}");
            let read = |text: &str| Manifest::read(text).unwrap();
            assert!(read(&trimmed).needs_for_tests.is_empty(), "{trimmed}");
            assert_eq!(Needed::ALL.trimmed(&text), None);
        }
        let needed = format!("{PACKAGE}[dependencies]\nhelp = \"1\"\n");
        assert_eq!(ALONE.trimmed(&needed), None);
    }

    #[test]
    fn a_library_without_tests_is_not_built_for_them() {
        let needed = Needed {
            unit_tests: false,
            ..Needed::ALL
        };
        for library in ["", "[lib]\nname = \"store\"\n"] {
            let trimmed = needed.trimmed(&format!("{PACKAGE}{library}")).unwrap();
            let table: Table = trimmed.parse().unwrap();
            assert_eq!(table["lib"]["test"], Value::Boolean(false));
            assert_eq!(table["lib"].get("name").is_some(), !library.is_empty());
        }
    }
}
