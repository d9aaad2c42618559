//! What crates must not depend on, near or far: the arrows between crates, as a table.

use std::collections::BTreeSet;
use std::fs;

use super::finding::Finding;
use crate::command;
use crate::workspace::{Package, Workspace};

/// A crate and what must not be in its tree of dependencies.
struct Rule {
    from: &'static str,
    must_not_reach: &'static [&'static str],
    why: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        from: "mad-core",
        must_not_reach: &["mad-checks", "mad-exporter", "mad-store", "mad-cli"],
        why: "mad-core is below all but mad-macros",
    },
    Rule {
        from: "mad-core",
        must_not_reach: &[
            "axum",
            "env_logger",
            "http",
            "hyper",
            "log",
            "serde_json",
            "tower",
            "tracing",
            "tracing-subscriber",
        ],
        why: "who embeds the checks chooses the server, the logger and the format",
    },
    Rule {
        from: "mad-checks",
        must_not_reach: &["mad-exporter", "mad-store", "mad-cli"],
        why: "a check does not know who shows what it found",
    },
    Rule {
        from: "mad-checks",
        must_not_reach: &["hyper", "ring", "rustls"],
        why: "TLS is a feature that adds, and one GET request needs no HTTP stack",
    },
    Rule {
        from: "mad-exporter",
        must_not_reach: &["mad-checks"],
        why: "it takes any check, and needs none of these",
    },
    Rule {
        from: "mad-metrics",
        must_not_reach: &[
            "axum",
            "http",
            "hyper",
            "mad-core",
            "mad-exporter",
            "tokio",
            "tracing",
        ],
        why: "numbers are counted and written, and who sends them chooses how",
    },
    Rule {
        from: "mad-macros",
        must_not_reach: &["mad-core", "mad-exporter", "mad-store", "mad-cli"],
        why: "the macros write names of mad-core, they need none of it",
    },
    Rule {
        from: "mad-exporter",
        must_not_reach: &["mad-store", "mad-cli"],
        why: "the history is not the service's business",
    },
    Rule {
        from: "mad-sources",
        must_not_reach: &["mad-cli", "mad-core", "mad-exporter", "serde", "tokio"],
        why: "mad-core's tests and `mad` stand on it",
    },
    Rule {
        from: "mad-measure",
        must_not_reach: &["mad-cli", "mad-core", "mad-exporter", "tokio", "ureq"],
        why: "it measures, and others keep and send",
    },
    Rule {
        from: "mad-analysis",
        must_not_reach: &[
            "mad-cli",
            "mad-core",
            "mad-measure",
            "mad-store",
            "rusqlite",
            "tokio",
        ],
        why: "numbers go in, and what they say comes out",
    },
    Rule {
        from: "mad-store",
        must_not_reach: &["mad-core", "mad-exporter", "mad-cli"],
        why: "the store knows samples, not what made them",
    },
    Rule {
        from: "mad-cli",
        must_not_reach: &["mad-core", "mad-exporter"],
        why: "it speaks to a service over HTTP and JSON",
    },
];

/// Applies the table to the members that exist.
///
/// # Errors
///
/// If Cargo does not tell the dependencies, or a manifest cannot be read.
pub(crate) fn check(workspace: &Workspace) -> crate::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for package in &workspace.packages {
        let rules: Vec<_> = RULES
            .iter()
            .filter(|rule| rule.from == package.name)
            .collect();
        if rules.is_empty() {
            continue;
        }
        let reached = dependencies(package)?;
        let manifest = fs::read_to_string(&package.manifest)?;
        let file = workspace.relative(&package.manifest);
        findings.extend(
            rules
                .iter()
                .flat_map(|rule| rule.check(&file, &manifest, &reached)),
        );
    }
    Ok(findings)
}

impl Rule {
    fn check(&self, file: &str, manifest: &str, reached: &BTreeSet<String>) -> Vec<Finding> {
        let forbidden = self.must_not_reach.iter();
        let forbidden = forbidden.filter(|&&name| reached.contains(name));
        let finding = |name: &&str| {
            let (line, what) = match declaring_line(manifest, name) {
                Some(line) => (line, format!("depends on `{name}`")),
                None => (1, format!("a dependency of it depends on `{name}`")),
            };
            Finding::error(file, line, what, self.why)
        };
        forbidden.map(finding).collect()
    }
}

/// Returns the names of all packages that a user of this one builds too.
///
/// `cargo tree` and not the graph of `cargo metadata`, which mixes in the features that other
/// members ask for.
fn dependencies(package: &Package) -> crate::Result<BTreeSet<String>> {
    let mut tree = command::cargo(&["tree", "--locked", "--edges", "normal,build"]);
    tree.args(["--prefix", "none", "--format", "{p}", "--manifest-path"]);
    let lines = command::output(tree.arg(&package.manifest))?;
    let names = lines.lines().filter_map(|line| line.split(' ').next());
    Ok(names.map(str::to_owned).collect())
}

fn declaring_line(manifest: &str, dependency: &str) -> Option<usize> {
    let declares = |line: &str| {
        let rest = line.strip_prefix(dependency);
        rest.is_some_and(|rest| rest.starts_with([' ', '.', '=']))
    };
    manifest.lines().position(declares).map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{RULES, Rule, dependencies};
    use crate::workspace::Workspace;

    const RULE: Rule = Rule {
        from: "core",
        must_not_reach: &["log"],
        why: "a reason",
    };

    #[track_caller]
    fn check_found(manifest: &str, reached: &[&str], expected: &[&str]) {
        let reached: BTreeSet<_> = reached.iter().map(|name| (*name).to_owned()).collect();
        let findings = RULE.check("core/Cargo.toml", manifest, &reached);
        let shown: Vec<_> = findings.iter().map(ToString::to_string).collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_direct_dependency_is_found_where_it_is_declared() {
        check_found(
            "[dependencies]\nlog-once = \"1\"\nlog.workspace = true\n",
            &["core", "log-once", "log"],
            &["core/Cargo.toml:3: depends on `log` (a reason)"],
        );
    }

    #[test]
    fn an_indirect_dependency_is_found_too() {
        check_found(
            "[dependencies]\nlog-once = \"1\"\n",
            &["core", "log-once", "log"],
            &["core/Cargo.toml:1: a dependency of it depends on `log` (a reason)"],
        );
    }

    #[test]
    fn what_is_not_reached_is_not_found() {
        check_found("log = \"1\" # for tests only", &["core", "log-once"], &[]);
    }

    #[test]
    fn cargo_tells_near_and_far_dependencies() {
        let workspace = Workspace::load().unwrap();
        let names = dependencies(workspace.package("xtask").unwrap()).unwrap();
        for name in ["xtask", "serde_json", "memchr"] {
            assert!(names.contains(name), "{name} in {names:?}");
        }
    }

    #[test]
    fn no_crate_is_told_to_avoid_itself() {
        assert!(
            RULES
                .iter()
                .all(|rule| !rule.must_not_reach.contains(&rule.from))
        );
    }
}
