//! What Cargo knows of a project, once its tests are built.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use mad_store::{Sample, Subject, SubjectKind};
use serde::Deserialize;

use crate::metric;
use crate::test_run::{Metadata, Plan, Runner};

/// Counts the dependencies and weighs the programs of a project. What Cargo does not tell is left out.
///
/// It is meant for after [`run`](crate::test_run::run): it builds what is not built, and asks no registry.
pub fn measure(plan: &Plan) -> Vec<Sample> {
    let mut samples = dependencies(plan).unwrap_or_default();
    for built in executables(plan) {
        if !built.is_test
            && let Ok(data) = fs::metadata(&built.path)
        {
            let subject = Subject::new(
                SubjectKind::Suite,
                built.package,
                built.target.unwrap_or_default(),
            );
            samples.push(metric::PROGRAM_BYTES.count(&subject, data.len()));
        }
    }
    samples
}

/// Something that Cargo built and that can be run.
#[derive(Debug)]
pub(crate) struct Executable {
    pub(crate) path: PathBuf,
    pub(crate) package: String,
    /// As nextest calls it; nothing for the tests of a library.
    pub(crate) target: Option<String>,
    pub(crate) is_test: bool,
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
    target: crate::test_run::Target,
}

#[derive(Deserialize)]
struct ArtifactProfile {
    test: bool,
}

#[derive(Deserialize)]
struct Resolved {
    packages: Vec<Named>,
    workspace_members: BTreeSet<String>,
    resolve: Graph,
}

#[derive(Deserialize)]
struct Named {
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

/// Those that are compiled for this machine with the plan's features, those of tests and build scripts among them.
fn dependencies(plan: &Plan) -> Option<Vec<Sample>> {
    let mut command = plan.cargo(&["metadata", "--format-version", "1", "--offline"]);
    let target = crate::test_run::target_triple(plan);
    command
        .args(["--filter-platform", &target])
        .args(plan.features.words());
    let told = command.output().ok().filter(|told| told.status.success())?;
    let resolved: Resolved = serde_json::from_slice(&told.stdout).ok()?;
    let used: BTreeSet<_> = resolved.resolve.nodes.iter().map(|node| &node.id).collect();
    let mut versions = BTreeMap::<&str, BTreeSet<&str>>::new();
    for package in &resolved.packages {
        if used.contains(&package.id) && !resolved.workspace_members.contains(&package.id) {
            versions
                .entry(&package.name)
                .or_default()
                .insert(&package.version);
        }
    }
    let count = versions.values().map(BTreeSet::len).sum::<usize>();
    let duplicates = versions
        .values()
        .filter(|versions| versions.len() > 1)
        .count();
    let run = Subject::run();
    Some(vec![
        metric::DEPENDENCIES.count(&run, count as u64),
        metric::DUPLICATE_DEPENDENCIES.count(&run, duplicates as u64),
    ])
}
