//! What modules must not use: the arrows between modules, as a table.

use super::finding::Finding;
use super::source::{Source, find_word, is_word_character, line_of};

/// Modules of a crate, with all that is below them, and what they know nothing of.
struct Rule {
    package: &'static str,
    modules: &'static [&'static str],
    /// `crate::x` is a module of the same crate; all else is a word in the code.
    must_not_use: &'static [&'static str],
    why: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        package: "mad-core",
        modules: &["context", "descriptor", "name", "outcome", "report"],
        must_not_use: &[
            "crate::engine",
            "crate::health",
            "crate::record",
            "crate::registry",
            "crate::run",
            "crate::snapshot",
        ],
        why: "the words of the model come before what runs and what remembers",
    },
    Rule {
        package: "mad-core",
        modules: &["registry"],
        must_not_use: &["crate::engine", "crate::health", "crate::run"],
        why: "a registry is complete before the first run",
    },
    Rule {
        package: "mad-core",
        modules: &["cancellation", "run"],
        must_not_use: &[
            "crate::engine",
            "crate::health",
            "crate::record",
            "crate::snapshot",
        ],
        why: "a run hands its report to whoever asked; it knows nothing of what is remembered",
    },
    Rule {
        package: "mad-core",
        modules: &["event", "isolation", "journal"],
        must_not_use: &[
            "crate::engine",
            "crate::health",
            "crate::record",
            "crate::snapshot",
        ],
        why: "a run leaves what it leaves, wherever it runs and whoever remembers it",
    },
    Rule {
        package: "mad-core",
        modules: &["event", "journal"],
        must_not_use: &["crate::isolation"],
        why: "a journal does not know from which process it is written",
    },
    Rule {
        package: "mad-core",
        modules: &[
            "health",
            "heartbeat",
            "lifecycle",
            "maintenance",
            "record",
            "snapshot",
        ],
        must_not_use: &["crate::engine", "crate::run"],
        why: "state is told what happened; it makes nothing happen",
    },
    Rule {
        package: "mad-core",
        modules: &[
            "descriptor",
            "engine/board",
            "engine/control",
            "engine/cool_down",
            "engine/schedule",
            "engine/timers",
            "health",
            "heartbeat/check",
            "heartbeat/limit",
            "heartbeat/pulse",
            "lifecycle",
            "maintenance",
            "record",
            "registry",
            "self_test",
            "snapshot",
        ],
        must_not_use: &["Instant::now", "SystemTime::now"],
        why: "time is passed in, so that a test can say what time it is",
    },
    Rule {
        package: "mad-core",
        modules: &["snapshot"],
        must_not_use: &["Mutex", "RwLock", "parking_lot"],
        why: "a snapshot is plain data, which a test can write by hand",
    },
    Rule {
        package: "mad-checks",
        modules: &[
            "certificate_expiry",
            "clock_skew",
            "dns_lookup",
            "http_get",
            "tcp_connect",
        ],
        must_not_use: &["TcpStream", "ToSocketAddrs", "rustls_native_certs"],
        why: "all waiting is in `network`, where the deadline is",
    },
    Rule {
        package: "mad-exporter",
        modules: &["exposition", "render"],
        must_not_use: &["axum", "http", "hyper"],
        why: "rendering turns a snapshot into text; only the server knows HTTP",
    },
];

/// Applies the table to the sources of the workspace.
pub(crate) fn check(sources: &[Source]) -> Vec<Finding> {
    RULES.iter().flat_map(|rule| rule.check(sources)).collect()
}

impl Rule {
    fn check(&self, sources: &[Source]) -> Vec<Finding> {
        let per_module = self.modules.iter().flat_map(|module| {
            let files: Vec<_> = self.files(module, sources).collect();
            if files.is_empty() {
                vec![self.nothing_to_check(module)]
            } else {
                files
                    .into_iter()
                    .flat_map(|file| self.check_file(file))
                    .collect()
            }
        });
        per_module.collect()
    }

    fn files<'a>(
        &self,
        module: &str,
        sources: &'a [Source],
    ) -> impl Iterator<Item = &'a Source> + use<'a> {
        let stem = format!("{}/src/{module}", self.package);
        let is_of_module = move |source: &&Source| {
            let rest = source.file.strip_prefix(&stem);
            rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        };
        sources.iter().filter(is_of_module)
    }

    fn nothing_to_check(&self, module: &str) -> Finding {
        let file = format!("{}/src/{module}", self.package);
        Finding::warning(
            file,
            "there is no such module",
            "a rule of `tidy` is about it",
        )
    }

    fn check_file(&self, source: &Source) -> Vec<Finding> {
        let code = source.code_without_tests();
        let uses = self.must_not_use.iter().flat_map(|used| {
            let at = match used.strip_prefix("crate::") {
                Some(module) => uses_of_module(&code, module),
                None => find_word(&code, used).collect(),
            };
            at.into_iter().map(move |at| (at, used))
        });
        let finding = |(at, used)| {
            let line = line_of(&code, at);
            Finding::error(&source.file, line, format!("uses `{used}`"), self.why)
        };
        uses.map(finding).collect()
    }
}

/// Returns where the code names a module of its crate, or a type of the same name that the crate
/// re-exports at its root.
fn uses_of_module(code: &str, module: &str) -> Vec<usize> {
    let mut uses = Vec::new();
    for root in ["crate::", "super::"] {
        for (at, _) in code.match_indices(root) {
            let start = at + root.len();
            let names = first_names(&code[start..]).into_iter();
            let of_module = names.filter(|(_, name)| name.eq_ignore_ascii_case(module));
            uses.extend(of_module.map(|(offset, _)| start + offset));
        }
    }
    uses.sort_unstable();
    uses
}

/// Returns the first name of each path that `code` begins with: one, or in braces several.
fn first_names(code: &str) -> Vec<(usize, &str)> {
    if !code.starts_with('{') {
        return vec![(0, leading_word(code))];
    }
    let mut names = Vec::new();
    let mut depth = 0_usize;
    for (at, character) in code.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 1 => break,
            '}' => depth -= 1,
            ',' => {}
            _ => continue,
        }
        if depth == 1 {
            let rest = code[at + 1..].trim_start();
            names.push((code.len() - rest.len(), leading_word(rest)));
        }
    }
    names
}

fn leading_word(code: &str) -> &str {
    let end = code.find(|character| !is_word_character(character));
    &code[..end.unwrap_or(code.len())]
}

#[cfg(test)]
mod tests {
    use super::{RULES, Rule, check};
    use crate::tidy::finding::{Finding, Severity};
    use crate::tidy::source::Source;

    const RULE: Rule = Rule {
        package: "core",
        modules: &["state"],
        must_not_use: &["crate::engine", "Instant::now", "http"],
        why: "a reason",
    };

    #[track_caller]
    fn check_found(file: &str, text: &str, expected: &[&str]) {
        let findings = RULE.check(&[Source::new(file, text)]);
        let shown: Vec<_> = findings.iter().map(ToString::to_string).collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_module_is_found_in_every_form_of_a_path() {
        let expected = ["core/src/state.rs:1: uses `crate::engine` (a reason)"];
        for text in [
            "use crate::engine::Engine;",
            "use crate::{name, engine::{Engine, Run}};",
            "use crate::{name::{Name, engine}, engine};",
            "fn f() { crate::engine::start() }",
            "use super::engine;",
            "use crate::Engine;",
        ] {
            check_found("core/src/state.rs", text, &expected);
        }
    }

    #[test]
    fn what_only_looks_like_it_is_not_found() {
        for text in [
            "use crate::engineering::Plan;",
            "use crate::name::engine;",
            "//! See crate::engine.",
            "let text = \"crate::engine\";",
            "#[cfg(test)]\nmod tests { use crate::engine::Engine; }",
        ] {
            check_found("core/src/state.rs", text, &[]);
        }
    }

    #[test]
    fn a_word_is_found_with_its_line() {
        let text = "fn f() {\n    std::time::Instant::now();\n}\nuse http::Method;";
        let expected = [
            "core/src/state/fold.rs:2: uses `Instant::now` (a reason)",
            "core/src/state/fold.rs:4: uses `http` (a reason)",
        ];
        check_found("core/src/state/fold.rs", text, &expected);
    }

    #[test]
    fn a_rule_about_nothing_is_shown() {
        let expected =
            ["warning: core/src/state: there is no such module (a rule of `tidy` is about it)"];
        check_found("core/src/statement.rs", "use crate::engine;", &expected);
    }

    #[test]
    fn every_line_of_the_table_can_fail() {
        for rule in RULES {
            for used in rule.must_not_use {
                let file = format!("{}/src/{}.rs", rule.package, rule.modules[0]);
                let findings = check(&[Source::new(file, format!("use {used}::x;"))]);
                let is_found = |it: &Finding| it.severity == Severity::Error;
                assert!(findings.iter().any(is_found), "{used}");
            }
        }
    }
}
