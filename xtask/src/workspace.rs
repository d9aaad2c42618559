//! What Cargo knows about this workspace.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command;

/// The workspace's folders and packages.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    target: PathBuf,
    pub(crate) packages: Vec<Package>,
}

/// One member of the workspace.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest: PathBuf,
    targets: Vec<Target>,
}

#[derive(Debug)]
struct Target {
    kind: String,
    name: String,
}

impl Workspace {
    /// Asks `cargo metadata`.
    ///
    /// # Errors
    ///
    /// If Cargo fails, for example because `Cargo.lock` is out of date.
    pub(crate) fn load() -> crate::Result<Self> {
        let arguments = [
            "metadata",
            "--locked",
            "--no-deps",
            "--format-version",
            "1",
            "--manifest-path",
            // Where this very file was compiled: the verbs mean this workspace from any folder.
            concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
        ];
        let json = command::output(&mut command::cargo(&arguments))?;
        Self::from_json(&serde_json::from_str(&json)?)
            .ok_or_else(|| "`cargo metadata` has a form that is not known here".into())
    }

    fn from_json(metadata: &Value) -> Option<Self> {
        let packages = metadata["packages"].as_array()?;
        Some(Self {
            root: metadata["workspace_root"].as_str()?.into(),
            target: metadata["target_directory"].as_str()?.into(),
            packages: packages
                .iter()
                .map(Package::from_json)
                .collect::<Option<_>>()?,
        })
    }

    /// Returns the member of this name, unless it does not exist (yet).
    pub(crate) fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name == name)
    }

    /// Returns the folder for what a verb makes; it is thrown away with the target folder.
    pub(crate) fn scratch(&self, verb: &str) -> PathBuf {
        self.target.join("xtask").join(verb)
    }

    /// Returns where a program is once it is built with the profile `release`.
    pub(crate) fn release(&self, program: &str) -> PathBuf {
        let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
        self.target.join("release").join(file)
    }

    /// Shortens a path to one from the root, with `/` on every system.
    pub(crate) fn relative(&self, path: &Path) -> String {
        let path = path.strip_prefix(&self.root).unwrap_or(path);
        path.to_string_lossy().replace('\\', "/")
    }
}

impl Package {
    fn from_json(package: &Value) -> Option<Self> {
        let targets = package["targets"].as_array()?;
        Some(Self {
            name: package["name"].as_str()?.to_owned(),
            manifest: package["manifest_path"].as_str()?.into(),
            targets: targets
                .iter()
                .map(Target::from_json)
                .collect::<Option<_>>()?,
        })
    }

    /// Returns the names of the package's targets of one kind: `test`, `example`, ...
    pub(crate) fn targets(&self, kind: &str) -> impl Iterator<Item = &str> {
        let of_kind = self
            .targets
            .iter()
            .filter(move |target| target.kind == kind);
        of_kind.map(|target| target.name.as_str())
    }
}

impl Target {
    fn from_json(target: &Value) -> Option<Self> {
        Some(Self {
            kind: target["kind"][0].as_str()?.to_owned(),
            name: target["name"].as_str()?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Workspace;

    #[test]
    fn this_workspace_knows_its_members_and_their_targets() {
        let workspace = Workspace::load().unwrap();
        let xtask = workspace.package("xtask").unwrap();
        assert_eq!(xtask.targets("bin").collect::<Vec<_>>(), ["xtask"]);
        assert_eq!(xtask.targets("test").count(), 0);
        assert_eq!(workspace.relative(&xtask.manifest), "xtask/Cargo.toml");
        assert!(workspace.package("no-such-package").is_none());
    }
}
