//! What Cargo knows of a project: its packages and programs, and what they depend on.

mod members;

pub use members::Members;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use mad_store::{Sample, Subject, SubjectKind};
use serde::Deserialize;

use crate::metric;
use crate::test_run::{Metadata, Plan, Runner, Target};

/// Counts the dependencies of a project. What Cargo does not tell is left out.
///
/// It asks no registry, but waits for any other Cargo that does; `target` is what was compiled for, as the run's
/// environment has it. As long as [`Members::basis`] is the same, so are these numbers.
pub fn dependencies(plan: &Plan, target: &str) -> Vec<Sample> {
    let mut command = plan.cargo(&["metadata", "--format-version", "1", "--offline"]);
    command
        .args(["--filter-platform", target])
        .args(plan.features.words());
    let told = command.output().ok().filter(|told| told.status.success());
    let resolved = told.and_then(|told| serde_json::from_slice::<Resolved>(&told.stdout).ok());
    resolved.map_or_else(Vec::new, |resolved| resolved.dependencies())
}

/// Something that Cargo built and that can be run.
#[derive(Debug)]
pub(crate) struct Executable {
    pub(crate) path: PathBuf,
    pub(crate) package: String,
    /// That of the package, in which Cargo runs tests.
    pub(crate) folder: PathBuf,
    /// As nextest calls it; nothing for the tests of a library.
    pub(crate) target: Option<String>,
    pub(crate) is_test: bool,
}

impl Executable {
    /// A test that is in it, by the name that nextest gives it.
    pub(crate) fn test(&self, name: &str) -> Subject {
        let name = match &self.target {
            Some(target) => format!("{target}::{name}"),
            None => name.to_owned(),
        };
        Subject::new(SubjectKind::Test, &self.package, name)
    }

    /// The name of the crate that it is compiled from: what stands before the hash.
    pub(crate) fn crate_name(&self) -> String {
        let stem = self.path.file_stem().unwrap_or_default().to_string_lossy();
        stem.rsplit_once('-')
            .map_or(&*stem, |(name, _)| name)
            .to_owned()
    }
}

/// What the tests of a plan are in, and the programs that they need: built, if they are not.
pub(crate) fn executables(plan: &Plan) -> Vec<Executable> {
    let mut command = plan.cargo(&["test", "--no-run", "--quiet", "--message-format=json"]);
    command.args(plan.selection());
    command.args(plan.profile_words(Runner::Libtest));
    let (Ok(told), Some(metadata)) = (command.output(), Metadata::of(plan)) else {
        return Vec::new();
    };
    let lines = told.stdout.split(|byte| *byte == b'\n');
    let artifacts = lines.filter_map(|line| serde_json::from_slice::<Artifact>(line).ok());
    artifacts
        .filter_map(|artifact| {
            let package = metadata.packages.iter();
            let package = package
                .clone()
                .find(|package| package.manifest_path == artifact.manifest_path)?;
            Some(Executable {
                path: artifact.executable?,
                package: package.name.clone(),
                folder: package.manifest_path.parent()?.to_owned(),
                target: artifact.target.nextest_name(),
                is_test: artifact.profile.test,
            })
        })
        .collect()
}

#[derive(Deserialize)]
struct Artifact {
    executable: Option<PathBuf>,
    manifest_path: PathBuf,
    profile: ArtifactProfile,
    target: Target,
}

#[derive(Deserialize)]
struct ArtifactProfile {
    test: bool,
}

#[derive(Deserialize)]
struct Resolved {
    packages: Vec<ResolvedPackage>,
    workspace_members: BTreeSet<String>,
    resolve: Graph,
}

#[derive(Deserialize)]
struct ResolvedPackage {
    id: String,
    name: String,
    version: String,
}

#[derive(Deserialize)]
struct Graph {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
}

impl Resolved {
    /// Those that are compiled for this machine with the plan's features, those of tests and build scripts among them.
    fn dependencies(&self) -> Vec<Sample> {
        let used: BTreeSet<_> = self.resolve.nodes.iter().map(|node| &node.id).collect();
        let mut versions = BTreeMap::<&str, BTreeSet<&str>>::new();
        for package in &self.packages {
            if used.contains(&package.id) && !self.workspace_members.contains(&package.id) {
                versions
                    .entry(&package.name)
                    .or_default()
                    .insert(&package.version);
            }
        }
        let count = versions.values().map(BTreeSet::len).sum::<usize>();
        let several = versions.values().filter(|versions| versions.len() > 1);
        let run = Subject::run();
        vec![
            metric::DEPENDENCIES.count(&run, count as u64),
            metric::DUPLICATE_DEPENDENCIES.count(&run, several.count() as u64),
        ]
    }
}
