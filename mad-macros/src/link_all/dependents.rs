//! Who depends on mad-core, near or far: Cargo is asked.
//!
//! `Cargo.lock` would not do. It does not tell dependencies of the program from those that only its tests
//! or its build script have, and lists what no feature has switched on.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use super::rustc_arguments::RustcArguments;

/// The crates that depend on mad-core, and which of them depends on which.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Dependents {
    direct: BTreeMap<String, BTreeSet<String>>,
}

impl Dependents {
    /// Asks Cargo, which has just resolved the same graph and needs neither a lock nor the network.
    ///
    /// # Errors
    ///
    /// If this is no build of Cargo's, or it does not answer.
    pub(super) fn ask_cargo(arguments: &RustcArguments) -> Result<Self, String> {
        let no_cargo = || "this is no build of Cargo's".to_owned();
        let cargo = variable("CARGO").ok_or_else(no_cargo)?;
        let folder = variable("CARGO_MANIFEST_DIR").ok_or_else(no_cargo)?;
        let mut package = variable("CARGO_PKG_NAME").ok_or_else(no_cargo)?;
        package.push("@");
        package.push(variable("CARGO_PKG_VERSION").ok_or_else(no_cargo)?);
        let mut tree = Command::new(cargo);
        tree.args([
            "tree",
            "--frozen",
            "--quiet",
            "--color=never",
            "--charset=ascii",
        ])
        .args([
            "--invert",
            "mad-core",
            "--edges",
            "no-dev,no-build,no-proc-macro",
        ])
        .args(["--prefix", "depth", "--format", " {lib}"])
        .args(["--no-default-features", "--features"])
        .arg(arguments.features.join(","))
        // In the root of a workspace Cargo would take all of its `default-members`.
        .arg("--package")
        .arg(package)
        .arg("--manifest-path")
        .arg(PathBuf::from(folder).join("Cargo.toml"));
        if let Some(target) = &arguments.target {
            tree.args(["--target", target]);
        }
        let output = tree
            .output()
            .map_err(|error| format!("`cargo tree` cannot be started: {error}"))?;
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr);
            return Err(format!("`cargo tree` failed: {}", message.trim()));
        }
        Ok(Self::read(&String::from_utf8_lossy(&output.stdout)))
    }

    /// Reads a tree, in which a crate stands below what it depends on.
    fn read(tree: &str) -> Self {
        let mut dependents = Self::default();
        // The crates from the root of the tree to the line that is read.
        let mut path: Vec<&str> = Vec::new();
        for line in tree.lines() {
            let mut words = line.split_whitespace();
            let depth = words.next().and_then(|depth| depth.parse().ok());
            let (Some(depth), Some(name)) = (depth, words.next()) else {
                continue;
            };
            path.truncate(depth);
            if let [_, .., dependency] = path[..] {
                let of = dependents.direct.entry(dependency.to_owned()).or_default();
                of.insert(name.to_owned());
            }
            if depth > 0 {
                dependents.direct.entry(name.to_owned()).or_default();
            }
            path.push(name);
        }
        dependents
    }

    /// Returns every crate that depends on mad-core.
    pub(super) fn crates(&self) -> impl Iterator<Item = &str> {
        self.direct.keys().map(String::as_str)
    }

    /// Returns the crates that depend on this one.
    pub(super) fn direct(&self, crate_name: &str) -> impl Iterator<Item = &str> {
        let of = self.direct.get(crate_name);
        of.into_iter().flatten().map(String::as_str)
    }

    /// Returns the crates that depend on this one or on one that does.
    pub(super) fn transitive(&self, crate_name: &str) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        let mut next: Vec<_> = self.direct(crate_name).collect();
        while let Some(name) = next.pop() {
            if found.insert(name) {
                next.extend(self.direct(name));
            }
        }
        found
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "Cargo tells where it is by the environment alone"
)]
fn variable(name: &str) -> Option<OsString> {
    env::var_os(name)
}

#[cfg(test)]
mod tests {
    use super::Dependents;

    const TREE: &str = "0 mad_core\n1 app\n1 dep_c\n2 mid\n3 app\n3 top\n4 app\n1 mid (*)\n";

    #[test]
    fn a_tree_tells_who_depends_on_whom() {
        let dependents = Dependents::read(TREE);
        let crates: Vec<_> = dependents.crates().collect();
        assert_eq!(crates, ["app", "dep_c", "mid", "top"]);
        assert_eq!(dependents.direct("dep_c").collect::<Vec<_>>(), ["mid"]);
        assert_eq!(dependents.direct("mid").collect::<Vec<_>>(), ["app", "top"]);
        let all: Vec<_> = dependents.transitive("dep_c").into_iter().collect();
        assert_eq!(all, ["app", "mid", "top"]);
    }

    #[test]
    fn nobody_depends_on_what_is_not_in_the_tree() {
        assert_eq!(Dependents::read("").crates().count(), 0);
        assert_eq!(Dependents::read(TREE).direct("app").count(), 0);
    }
}
