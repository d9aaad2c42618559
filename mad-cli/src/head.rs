//! What was checked out when tests ran.

use std::path::{Path, PathBuf};

use mad_store::{Commit, Recording};

use crate::git::Repository;

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
pub(super) struct Head {
    /// The top of the work tree, or the folder.
    pub(super) root: PathBuf,
    commit: Option<Commit>,
    branch: Option<String>,
    is_dirty: bool,
}

impl Head {
    pub(super) fn of(folder: &Path) -> Self {
        let Ok(repository) = Repository::containing(folder) else {
            return Self {
                root: folder.to_owned(),
                commit: None,
                branch: None,
                is_dirty: false,
            };
        };
        let branch = repository.ask(["symbolic-ref", "--quiet", "--short", "HEAD"]);
        let branch = branch.ok().map(|branch| branch.trim().to_owned());
        let changes = repository.ask(["status", "--porcelain", "--untracked-files=normal"]);
        Self {
            commit: repository.commit("HEAD").ok(),
            branch: branch.or_else(branch_of_server),
            is_dirty: changes.is_ok_and(|changes| !changes.is_empty()),
            root: repository.root().to_owned(),
        }
    }

    pub(super) fn describe(&self, recording: &mut Recording) {
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
