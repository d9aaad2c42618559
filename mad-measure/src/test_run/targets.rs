//! What Cargo knows of the project: its packages, what is built of them, and where.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde::Deserialize;

use super::Plan;

/// What `cargo metadata` tells, as far as it is of use here.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    pub(crate) workspace_root: PathBuf,
    pub(crate) target_directory: PathBuf,
    /// Where Cargo keeps what only it reads; nothing said by those that have no such place.
    pub(crate) build_directory: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest_path: PathBuf,
    pub(crate) targets: Vec<Target>,
    #[serde(default)]
    pub(crate) features: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) kind: Vec<String>,
    pub(crate) src_path: PathBuf,
}

/// What Cargo knows, asked once: by whoever wants it first.
#[derive(Debug)]
pub(super) struct Asked<'plan> {
    plan: &'plan Plan,
    told: OnceLock<Option<Metadata>>,
}

impl<'plan> Asked<'plan> {
    pub(super) fn of(plan: &'plan Plan) -> Self {
        Self {
            plan,
            told: OnceLock::new(),
        }
    }

    /// What it told; waits for it, if somebody asks already.
    pub(super) fn told(&self) -> Option<&Metadata> {
        let told = self.told.get_or_init(|| Metadata::of(self.plan));
        told.as_ref()
    }

    pub(super) fn into_told(self) -> Option<Metadata> {
        self.told.into_inner().flatten()
    }
}

impl Metadata {
    /// That of the project, without its dependencies.
    pub(crate) fn of(plan: &Plan) -> Option<Self> {
        let mut command = plan.cargo(&["metadata", "--format-version", "1", "--no-deps"]);
        let told = command.output().ok().filter(|told| told.status.success())?;
        serde_json::from_slice(&told.stdout).ok()
    }

    /// The package and the target whose tests run as this: `unittests src/lib.rs` or `tests/orders.rs`, in an
    /// executable called `shop-0123456789abcdef`.
    pub(crate) fn find(&self, source: &str, executable: &Path) -> Option<(&Package, &Target)> {
        let stem = executable.file_stem()?.to_str()?;
        let crate_name = stem.rsplit_once('-').map_or(stem, |(name, _)| name);
        let source = source.trim_start_matches("unittests ");
        let is_it = |package: &Package, target: &Target| {
            let folder = package.manifest_path.parent();
            let path = folder.and_then(|folder| target.src_path.strip_prefix(folder).ok());
            let root = target.src_path.strip_prefix(&self.workspace_root).ok();
            let is_source = [path, root].contains(&Some(Path::new(source)));
            is_source && target.name.replace('-', "_") == crate_name
        };
        let mut all = self
            .packages
            .iter()
            .flat_map(|package| package.targets.iter().map(move |target| (package, target)));
        all.find(|(package, target)| is_it(package, target))
    }

    /// The package whose library is this crate.
    pub(crate) fn library(&self, crate_name: &str) -> Option<&Package> {
        let is_it =
            |target: &Target| !target.is("test") && target.name.replace('-', "_") == crate_name;
        self.packages
            .iter()
            .find(|package| package.targets.iter().any(is_it))
    }
}

impl Package {
    /// Whether its tests are run by libtest, as far as the manifest says otherwise.
    pub(crate) fn has_harness(&self, target: &Target) -> bool {
        let manifest = fs::read_to_string(&self.manifest_path).ok();
        let manifest = manifest.and_then(|text| text.parse::<toml::Table>().ok());
        let Some(section) = target
            .kind
            .first()
            .and_then(|kind| manifest?.remove(kind.as_str()))
        else {
            return true;
        };
        let mut targets = section.as_array().into_iter().flatten();
        let own = targets
            .find(|other| other.get("name").and_then(toml::Value::as_str) == Some(&target.name));
        own.and_then(|own| own.get("harness")?.as_bool())
            .unwrap_or(true)
    }
}

impl Target {
    pub(crate) fn is(&self, kind: &str) -> bool {
        self.kind.iter().any(|other| other == kind)
    }

    /// What nextest calls it: nothing for a library, `bin/shop` for a program, `orders` for a file in `tests`.
    pub(crate) fn nextest_name(&self) -> Option<String> {
        match self.kind.first().map(String::as_str) {
            Some("test") => Some(self.name.clone()),
            Some(kind @ ("bin" | "example" | "bench")) => Some(format!("{kind}/{}", self.name)),
            _ => None,
        }
    }
}
