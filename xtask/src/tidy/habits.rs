//! Rules for every Rust file by itself.

use super::finding::Finding;
use super::source::{Source, find_word, line_of};

/// How long a file may be.
const MAX_LINES: usize = 600;

/// The crates that may name `__private`: those that have one, and the one that writes it.
const MAY_NAME_PRIVATE: &[&str] = &["mad-core/", "mad-macros/", "mad-metrics/"];

/// The packages that see the others as users do.
const OUTSIDERS: &[&str] = &["examples/", "tests/"];

/// Applies the rules to one file.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(length(source));
    findings.extend(silenced_lints(source));
    findings.extend(unfinished(source));
    findings.extend(private_names(source));
    findings.extend(borrowed_files(source));
    findings
}

fn length(source: &Source) -> Option<Finding> {
    (source.n_lines > MAX_LINES).then(|| {
        let what = format!("{} lines, more than {MAX_LINES}", source.n_lines);
        Finding::error(
            &source.file,
            1,
            what,
            "a file is one noun: find the second one",
        )
    })
}

fn silenced_lints(source: &Source) -> Vec<Finding> {
    let without_reason = |attribute| {
        let starts = source.code.match_indices(attribute).map(|(at, _)| at);
        let bare = starts.filter(|&start| !has_reason(&source.code[start..]));
        bare.map(move |at| finding_at(source, at, attribute, "say `reason = \"..\"`"))
    };
    let attributes = ["#[allow(", "#![allow(", "#[expect(", "#![expect("];
    attributes.into_iter().flat_map(without_reason).collect()
}

fn has_reason(attribute: &str) -> bool {
    let end = attribute.find(")]").unwrap_or(attribute.len());
    find_word(&attribute[..end], "reason").next().is_some()
}

fn unfinished(source: &Source) -> Vec<Finding> {
    let why = "finish it, or write down where it will be";
    let marks = ["TODO", "FIXME"]
        .into_iter()
        .flat_map(|mark| find_word(&source.comments, mark).map(move |at| (at, mark)));
    let stubs = ["todo!", "unimplemented!"]
        .into_iter()
        .flat_map(|stub| find_word(&source.code, stub).map(move |at| (at, stub)));
    let all = marks.chain(stubs);
    all.map(|(at, mark)| finding_at(source, at, mark, why))
        .collect()
}

fn private_names(source: &Source) -> Vec<Finding> {
    let name = "__private";
    if begins_with_any(&source.file, MAY_NAME_PRIVATE) {
        return Vec::new();
    }
    let why = "it is for generated code and changes in any release";
    let uses = find_word(&source.code, name);
    uses.map(|at| finding_at(source, at, name, why)).collect()
}

fn borrowed_files(source: &Source) -> Vec<Finding> {
    let attribute = "#[path";
    if !begins_with_any(&source.file, OUTSIDERS) {
        return Vec::new();
    }
    let why = "examples and end-to-end tests see only what is public";
    let uses = find_word(&source.code, attribute);
    uses.map(|at| finding_at(source, at, attribute, why))
        .collect()
}

fn begins_with_any(file: &str, folders: &[&str]) -> bool {
    folders.iter().any(|folder| file.starts_with(folder))
}

fn finding_at(source: &Source, at: usize, what: &str, why: &'static str) -> Finding {
    // The views have the shape of the file, so an offset means the same line in each.
    Finding::error(
        &source.file,
        line_of(&source.code, at),
        format!("`{what}`"),
        why,
    )
}

#[cfg(test)]
mod tests {
    use super::{MAX_LINES, check};
    use crate::tidy::source::Source;

    #[track_caller]
    fn check_found(file: &str, text: &str, expected: &[&str]) {
        let findings = check(&Source::new(file, text));
        let shown: Vec<_> = findings.iter().map(ToString::to_string).collect();
        assert_eq!(shown.len(), expected.len(), "{shown:#?}");
        for (shown, expected) in shown.iter().zip(expected) {
            assert!(shown.starts_with(expected), "{shown}");
        }
    }

    #[test]
    fn a_file_is_not_long() {
        check_found("a.rs", &"x\n".repeat(MAX_LINES), &[]);
        check_found("a.rs", &"x\n".repeat(MAX_LINES + 1), &["a.rs:1: 601 lines"]);
    }

    #[test]
    fn a_lint_is_silenced_with_a_reason() {
        check_found("a.rs", "#[allow(x, reason = \"y\")]", &[]);
        check_found("a.rs", "#[expect(\n    x,\n    reason = \"y\"\n)]", &[]);
        check_found("a.rs", "\n#[allow(reason_x)]", &["a.rs:2: `#[allow(`"]);
        check_found("a.rs", "#![expect(x)]\nreason", &["a.rs:1: `#![expect(`"]);
    }

    #[test]
    fn nothing_is_left_unfinished() {
        check_found("a.rs", "// TODO: more\n", &["a.rs:1: `TODO`"]);
        check_found("a.rs", "fn f() {\n    todo!()\n}", &["a.rs:2: `todo!`"]);
        check_found("a.rs", "let text = \"TODO\"; // the word TODOS", &[]);
    }

    #[test]
    fn generated_code_alone_names_the_private_module() {
        let text = "use mad_core::__private::borrow;";
        check_found(
            "mad-exporter/src/lib.rs",
            text,
            &["mad-exporter/src/lib.rs:1: `__private`"],
        );
        check_found("mad-core/tests/hidden.rs", text, &[]);
        check_found("mad-macros/src/expand.rs", text, &[]);
    }

    #[test]
    fn outsiders_include_no_files_of_the_crates() {
        let text = "#[path = \"../../mad-core/src/state.rs\"]\nmod state;";
        check_found(
            "tests/tests/state.rs",
            text,
            &["tests/tests/state.rs:1: `#[path`"],
        );
        check_found("mad-core/src/lib.rs", text, &[]);
    }
}
