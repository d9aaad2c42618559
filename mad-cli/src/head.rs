//! What was checked out when something was measured.

use std::path::{Path, PathBuf};
use std::thread;

use mad_store::{Commit, Recording};

use crate::git::{GitError, Repository};

/// Where servers that build things say which branch it is: they check out a commit, and git knows no branch then.
const BRANCH_VARIABLES: [&str; 6] = [
    // GitHub, of a pull request and otherwise.
    "GITHUB_HEAD_REF",
    "GITHUB_REF_NAME",
    // GitLab.
    "CI_COMMIT_REF_NAME",
    // Jenkins, with and without a pipeline of many branches.
    "CHANGE_BRANCH",
    "BRANCH_NAME",
    "GIT_BRANCH",
];

/// What is checked out. Outside of a repository, and before the first commit, there is no more than a folder.
#[derive(Debug)]
pub(crate) struct Head {
    /// The top of the work tree, or the folder.
    pub(crate) root: PathBuf,
    commit: Option<Commit>,
    pub(crate) branch: Option<String>,
    is_dirty: bool,
}

impl Head {
    /// What is checked out in a folder; or a revision, which has to be there then.
    pub(crate) fn of(folder: &Path, revision: Option<&str>) -> Result<Self, GitError> {
        let Some(revision) = revision else {
            return Ok(Self::checked_out(folder));
        };
        let repository = Repository::containing(folder)?;
        Ok(Self {
            root: repository.root().to_owned(),
            commit: Some(repository.commit(revision)?),
            branch: branch_of_server(),
            is_dirty: false,
        })
    }

    fn checked_out(folder: &Path) -> Self {
        let here = Repository::at(folder);
        // Somebody waits for the answers: all are asked for at the same time.
        let (repository, commit, status) = thread::scope(|scope| {
            let commit = scope.spawn(|| here.head());
            let status = scope.spawn(|| here.status());
            let repository = Repository::containing(folder);
            (repository, commit.join(), status.join())
        });
        let Ok(repository) = repository else {
            return Self {
                root: folder.to_owned(),
                commit: None,
                branch: None,
                is_dirty: false,
            };
        };
        let status = status.ok().and_then(Result::ok).unwrap_or_default();
        Self {
            commit: commit.ok().flatten(),
            branch: status.branch.or_else(branch_of_server),
            is_dirty: status.is_dirty,
            root: repository.root().to_owned(),
        }
    }

    /// The commit in words, the same ones for the same, and whether there is more than that.
    pub(crate) fn words(&self) -> [String; 2] {
        let commit = self.commit.as_ref().map(|commit| commit.id.clone());
        let dirty = self.is_dirty.then(|| "dirty".to_owned());
        [commit, dirty].map(Option::unwrap_or_default)
    }

    pub(crate) fn describe(&self, recording: &mut Recording) {
        recording.commit.clone_from(&self.commit);
        recording.branch.clone_from(&self.branch);
        recording.dirty = self.is_dirty;
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "that is where those servers tell it"
)]
fn branch_of_server() -> Option<String> {
    let told = BRANCH_VARIABLES
        .iter()
        .filter_map(|name| std::env::var(name).ok());
    let mut told = told.filter(|branch| !branch.is_empty());
    told.next()
        .map(|branch| branch.trim_start_matches("origin/").to_owned())
}
