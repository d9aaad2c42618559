//! The packages of the project itself.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use mad_store::{Sample, Subject, SubjectKind};
use serde::Deserialize;

use crate::metric;
use crate::test_run::{Metadata, Plan};

/// The packages of the project itself, as Cargo knows them.
///
/// To ask for them takes none of the locks that a Cargo that builds would have to wait for, so that it can be done while
/// the tests run, as [`run`](crate::test_run::run) does; what they come to is told afterwards.
///
/// ```
/// use mad_measure::project::Members;
/// use mad_measure::test_run::Plan;
///
/// let plan = Plan::new(".");
/// let members = Members::of(&plan).expect("this is a Cargo project");
/// assert_eq!(members.basis(&plan), members.basis(&plan));
/// ```
#[derive(Debug)]
pub struct Members(Metadata);

impl Members {
    pub(crate) fn told(metadata: Metadata) -> Self {
        Self(metadata)
    }

    /// Asks Cargo; nothing, where there is no project.
    pub fn of(plan: &Plan) -> Option<Self> {
        Metadata::of(plan).map(Self::told)
    }

    /// Weighs the programs of packages that have tests in `tests`: for those Cargo builds them, and of others there may
    /// be one that is older than the sources.
    pub fn programs(&self, plan: &Plan) -> Vec<Sample> {
        let folder = self.0.target_directory.join(plan.profile_folder());
        let all = self.0.packages.iter();
        let tested = all.filter(|package| package.targets.iter().any(|target| target.is("test")));
        let programs = tested.flat_map(|package| {
            let programs = package.targets.iter().filter(|target| target.is("bin"));
            programs.map(move |program| (package, program))
        });
        let weighed = programs.filter_map(|(package, program)| {
            let file = format!("{}{}", program.name, env::consts::EXE_SUFFIX);
            let bytes = fs::metadata(folder.join(file)).ok()?.len();
            let name = program.nextest_name().unwrap_or_default();
            let subject = Subject::new(SubjectKind::Suite, &package.name, name);
            Some(metric::PROGRAM_BYTES.count(&subject, bytes))
        });
        weighed.collect()
    }

    /// All that [`dependencies`](super::dependencies) depend on, beside what was asked for and by which Cargo: the lock
    /// file, the manifests, Cargo's settings. Nothing, if there is more to it: a package that is neither one of these nor
    /// kept by a registry or git, whose manifest may change unseen.
    pub fn basis(&self, plan: &Plan) -> Option<Vec<Vec<u8>>> {
        let lock = fs::read(self.0.workspace_root.join("Cargo.lock")).ok()?;
        if !self.has_all_that_changes(&lock) {
            return None;
        }
        let mut basis = vec![lock];
        let root = self.0.workspace_root.join("Cargo.toml");
        let manifests = self.0.packages.iter().map(|package| &package.manifest_path);
        for manifest in [&root].into_iter().chain(manifests) {
            basis.push(manifest.as_os_str().as_encoded_bytes().to_vec());
            basis.push(fs::read(manifest).ok()?);
        }
        basis.extend(settings(&plan.folder));
        Some(basis)
    }

    fn has_all_that_changes(&self, lock: &[u8]) -> bool {
        let lock = str::from_utf8(lock).ok();
        let Some(lock) = lock.and_then(|text| toml::from_str::<Lock>(text).ok()) else {
            return false;
        };
        let members = self.0.packages.iter().map(|package| &package.name);
        let members: BTreeSet<_> = members.collect();
        let local = lock
            .package
            .iter()
            .filter(|package| package.source.is_none());
        let local: Vec<_> = local.map(|package| &package.name).collect();
        local.len() == members.len() && local.iter().all(|name| members.contains(name))
    }
}

/// What is used here of `Cargo.lock`.
#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    /// Where it is kept; nothing for one in a folder.
    source: Option<String>,
}

/// Cargo's settings: those of the folder and all above, the user's, and those of the environment.
fn settings(folder: &Path) -> Vec<Vec<u8>> {
    let folder = fs::canonicalize(folder).unwrap_or_default();
    let homes = folder.ancestors().map(|folder| folder.join(".cargo"));
    let files = homes.chain(cargo_home()).flat_map(|home| {
        let names = ["config", "config.toml"];
        names.map(|name| home.join(name))
    });
    let files = files.filter_map(|file| fs::read(file).ok());
    let mut variables: Vec<_> = variables().collect();
    variables.sort();
    files.chain(variables).collect()
}

fn cargo_home() -> Option<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "that is where Cargo is told, and it has no way to ask"
    )]
    let told = env::var_os("CARGO_HOME").map(PathBuf::from);
    told.or_else(|| Some(env::home_dir()?.join(".cargo")))
}

fn variables() -> impl Iterator<Item = Vec<u8>> {
    let of_cargo = env::vars_os().filter(|(name, _)| {
        let name = name.to_string_lossy();
        // What Cargo tells those that it starts is no setting.
        let is_told = name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
        name == "RUSTFLAGS" || (name.starts_with("CARGO_") && !is_told)
    });
    of_cargo.map(|(name, value)| {
        let parts = [name.as_encoded_bytes(), b"=", value.as_encoded_bytes()];
        parts.concat()
    })
}
