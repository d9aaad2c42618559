//! What a Rust file says to those who ask what it is to tests: judged by its words.

use mad_measure::source;

use super::words::Words;
use crate::fingerprint;

/// Who names one of these may ask for anything: for what a manifest says, or for whatever is in a folder.
const ASKING: [&str; 18] = [
    "\"CARGO\"",
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
pub(super) const NOT_BUILT: [&str; 9] = [
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

/// Who writes one of these takes in other files, whatever they are, as code; documents may have documentation tests.
const INCLUDING: [&str; 3] = ["include!", "include_str!", ".md"];

/// Where a package has benchmarks, which `cargo test` does not build, and another package that is for fuzzers.
pub(super) const BENCHES: &str = "benches/";
pub(super) const FUZZ: &str = "fuzz/";

/// Code with one of these words may have tests, in a file of any name, or is another thing when it is built for tests.
const SHOWING_TESTS: [&str; 4] = ["test", "path", "panic_handler", "no_main"];

/// What documentation tests are told has such a word, too.
const OF_DOCUMENTATION_TESTS: &str = "#![doc(test(";

/// A Rust file.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Source {
    /// Whether it may ask for anything.
    pub(super) asks: bool,
    /// Whether it may take in other files as code.
    pub(super) includes: bool,
    /// Whether it may have tests, or be another thing when it is built for tests.
    pub(super) has_tests: bool,
    /// Whether it may bring an allocator in place of the usual one.
    pub(super) allocates: bool,
    pub(super) words: Words,
    /// The kinds of [`NOT_BUILT`] that it names, and the folders.
    pub(super) names: Vec<&'static str>,
    /// A word for what it is but for the address of its documentation.
    pub(super) word: String,
}

impl Source {
    pub(super) fn read(text: &str) -> Self {
        let is_address = |line: &&str| {
            line.starts_with("#![doc(html_root_url = \"") && line.trim_end().ends_with("\")]")
        };
        let code = source::without_comments(text).replace(OF_DOCUMENTATION_TESTS, "");
        let words_of_code = Words::of(&code);
        let words = Words::of(text);
        // A kind may be named without its dot, and a folder between any signs.
        let names_kind = |kind: &&str| {
            text.contains(*kind)
                || kind
                    .strip_prefix('.')
                    .is_some_and(|kind| words.may_have(kind))
        };
        let names_folder = |folder: &&str| {
            text.contains(*folder) || words_of_code.may_have(folder.trim_end_matches('/'))
        };
        let asks_elsewhere = |line: &str| line.contains("html_root_url") && !is_address(&line);
        Self {
            asks: ASKING.iter().any(|word| text.contains(word)) || text.lines().any(asks_elsewhere),
            includes: INCLUDING.iter().any(|word| text.contains(word)),
            has_tests: SHOWING_TESTS
                .iter()
                .any(|word| words_of_code.may_have(word)),
            allocates: text.contains("global_allocator"),
            names: NOT_BUILT
                .into_iter()
                .filter(names_kind)
                .chain([BENCHES, FUZZ].into_iter().filter(names_folder))
                .collect(),
            // The line stays: failures tell where they are.
            word: fingerprint::of(
                text.lines()
                    .map(|line| if is_address(&line) { "" } else { line }),
            ),
            words,
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
    fn tests_are_where_code_has_the_word() {
        for text in [
            "#[test]\nfn f() {}\n",
            "#[cfg(test)]\nmod tests;\n",
            "#![cfg_attr(not(any(test, feature = \"std\")), no_std)]\n",
            "each! { test }\n",
            "#[path = \"../checks/unit.rs.in\"]\nmod unit;\n",
        ] {
            assert!(Source::read(text).has_tests, "{text}");
        }
        let without = "#![doc(test(attr(deny(warnings))))]\n//! A test.\nfn latest() {}\n";
        assert!(!Source::read(without).has_tests);
    }

    #[test]
    fn a_kind_of_files_is_named_without_its_dot_and_a_folder_in_parts() {
        let text = "let file = Path::new(concat!(env!(\"DIR\"), \"/benches\")).with_extension(\"yaml\");\n";
        let names = Source::read(text).names;
        assert!(
            names.contains(&".yaml") && names.contains(&BENCHES),
            "{names:?}"
        );
        assert!(
            Source::read("//! It has benches, in two of them.\n")
                .names
                .is_empty()
        );
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
