//! The repository, asked by way of git's own program. Nothing here writes to the user's checkout.

mod blobs;
mod work_tree;

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use mad_store::Commit;

pub(crate) use blobs::Blobs;
pub(crate) use work_tree::remove_folder;

/// What a line of `rev-list` says of a commit, with a separator that no summary has.
const COMMIT_FORMAT: &str = "--format=%H%x1f%P%x1f%ct%x1f%s";
const SEPARATOR: char = '\u{1f}';

/// Variables by which git is told of another repository or index: of the one in whose hook we may run.
const VARIABLES: [&str; 7] = [
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_WORK_TREE",
];

/// A repository, or a work tree of it.
#[derive(Clone, Debug)]
pub(crate) struct Repository {
    root: PathBuf,
}

/// A tag, and the commit that it is at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) commit: String,
    /// When it was made, or for a tag that is only a name its commit, in seconds since 1970.
    pub(crate) created_at: i64,
    /// When its commit was made.
    pub(crate) committed_at: i64,
}

/// What is to be said of a work tree.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct WorkTreeStatus {
    pub(crate) branch: Option<String>,
    /// Whether it is not what the commit is, files that nobody has added among it.
    pub(crate) is_dirty: bool,
}

/// A file, link or submodule of a commit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Entry {
    pub(crate) path: String,
    /// What it is, and the hash of its contents: mode, kind and object.
    pub(crate) content: String,
}

impl Entry {
    /// Whether it is a symbolic link.
    pub(crate) fn is_link(&self) -> bool {
        self.content.starts_with("120000 ")
    }

    /// The hash of its contents, if it is a file.
    pub(crate) fn blob(&self) -> Option<&str> {
        self.content
            .strip_prefix("100")?
            .split_once(" blob ")
            .map(|(_, blob)| blob)
    }
}

impl Repository {
    /// The repository that a folder is in.
    pub(crate) fn containing(folder: &Path) -> Result<Self, GitError> {
        let outside = Self::at(folder);
        let root = outside.ask(["rev-parse", "--show-toplevel"]);
        let root = root.map_err(|error| {
            let bare = outside.ask(["rev-parse", "--is-bare-repository"]);
            match bare.as_deref().map(str::trim_end) {
                Ok("true") => GitError::Bare,
                _ => error,
            }
        })?;
        Ok(Self::at(Path::new(root.trim_end_matches('\n'))))
    }

    /// A work tree that is known to be one.
    pub(crate) fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// The top folder of the work tree.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The commit that a revision names.
    pub(crate) fn commit(&self, revision: &str) -> Result<Commit, GitError> {
        let id = self.ask([
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &format!("{revision}^{{commit}}"),
        ]);
        let id = id.map_err(|_| GitError::NoSuchCommit(revision.to_owned()))?;
        let said = self.ask(["rev-list", "--max-count=1", COMMIT_FORMAT, id.trim(), "--"])?;
        commits(&said)
            .next()
            .ok_or_else(|| GitError::NoSuchCommit(revision.to_owned()))
    }

    /// The commit that is checked out, if there is one already.
    pub(crate) fn head(&self) -> Option<Commit> {
        let said = self.ask(["rev-list", "--max-count=1", COMMIT_FORMAT, "HEAD", "--"]);
        commits(&said.ok()?).next()
    }

    /// What is checked out, and what was changed since.
    pub(crate) fn status(&self) -> Result<WorkTreeStatus, GitError> {
        let said = self.ask([
            "status",
            "--porcelain=v2",
            "--branch",
            "--no-ahead-behind",
            "--untracked-files=normal",
        ])?;
        let branch = said
            .lines()
            .find_map(|line| line.strip_prefix("# branch.head "));
        let branch = branch.filter(|branch| *branch != "(detached)");
        Ok(WorkTreeStatus {
            branch: branch.map(str::to_owned),
            is_dirty: said.lines().any(|line| !line.starts_with("# ")),
        })
    }

    /// The commits of a branch up to one, the oldest first: its first parents, in their own order and not in that of
    /// dates, without what another commit and its ancestors already had.
    pub(crate) fn line(
        &self,
        newest: &str,
        without: Option<&str>,
    ) -> Result<Vec<Commit>, GitError> {
        let without = without.map(|without| format!("^{without}"));
        let mut arguments = vec![
            "rev-list",
            "--first-parent",
            "--topo-order",
            "--reverse",
            COMMIT_FORMAT,
            newest,
        ];
        arguments.extend(without.as_deref());
        arguments.push("--");
        Ok(commits(&self.ask(arguments)?).collect())
    }

    /// All tags of commits, by name.
    pub(crate) fn tags(&self) -> Result<Vec<Tag>, GitError> {
        let said = self.ask([
            "for-each-ref",
            "--format=%(refname:strip=2)%1f%(objecttype)%1f%(objectname)%1f%(*objecttype)%1f%(*objectname)%1f%(creatordate:unix)%1f%(committerdate:unix)%(*committerdate:unix)",
            "refs/tags",
        ])?;
        Ok(said.lines().filter_map(tag).collect())
    }

    /// All that is in a commit.
    pub(crate) fn entries(&self, commit: &str) -> Result<Vec<Entry>, GitError> {
        let said = self.ask(["ls-tree", "-r", "-z", "--end-of-options", commit])?;
        Ok(said.split('\0').filter_map(entry).collect())
    }

    /// What git says to these arguments.
    pub(crate) fn ask<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Result<String, GitError> {
        let mut command = self.command();
        command.args(arguments).stdin(Stdio::null());
        let output = command.output().map_err(GitError::NotThere)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(GitError::Refused(said.trim().to_owned()))
    }

    /// Git, in this work tree, as it is when nobody has configured it to do more than it is asked for.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.root).arg("--no-pager");
        for setting in [
            // A hook of the user's is not for work trees of ours.
            "core.hooksPath=/dev/null",
            "core.fsmonitor=false",
            "core.quotePath=false",
            "gc.auto=0",
            "maintenance.auto=false",
            "advice.detachedHead=false",
        ] {
            command.args(["-c", setting]);
        }
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        // Not even a refreshed index is written to a checkout that was only looked at.
        command
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C");
        command
    }
}

fn commits(said: &str) -> impl Iterator<Item = Commit> + '_ {
    said.lines().filter_map(|line| {
        let mut parts = line.splitn(4, SEPARATOR);
        let id = parts.next()?.to_owned();
        let parent = parts
            .next()?
            .split(' ')
            .next()
            .filter(|parent| !parent.is_empty());
        Some(Commit {
            id,
            parent: parent.map(str::to_owned),
            committed_at: parts.next()?.parse().ok()?,
            summary: parts.next()?.to_owned(),
        })
    })
}

fn tag(line: &str) -> Option<Tag> {
    let parts: Vec<_> = line.split(SEPARATOR).collect();
    let &[
        name,
        kind,
        object,
        peeled_kind,
        peeled,
        created_at,
        committed_at,
    ] = parts.as_slice()
    else {
        return None;
    };
    let commit = match (kind, peeled_kind) {
        ("commit", _) => object,
        (_, "commit") => peeled,
        _ => return None,
    };
    Some(Tag {
        name: name.to_owned(),
        commit: commit.to_owned(),
        created_at: created_at.parse().ok()?,
        committed_at: committed_at.parse().ok()?,
    })
}

fn entry(said: &str) -> Option<Entry> {
    let (content, path) = said.split_once('\t')?;
    Some(Entry {
        path: path.to_owned(),
        content: content.to_owned(),
    })
}

/// Why git could not say what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GitError {
    #[error("git cannot be run; install it")]
    NotThere(#[source] io::Error),
    #[error(
        "there is no commit `{0}` in this repository; `git fetch --tags` may bring it, or `git fetch --unshallow` into a clone without its past"
    )]
    NoSuchCommit(String),
    #[error(
        "this repository is bare: there is nowhere to work; clone it, or `git worktree add` a folder, and go there"
    )]
    Bare,
    #[error(
        "git has no object {0}; `git fsck` tells what is missing, and a partial clone needs the remote it is of"
    )]
    Unread(String, #[source] io::Error),
    #[error("{} is no work tree any more", .0.display())]
    NoWorkTree(PathBuf),
    #[error("git: {0}")]
    Refused(String),
}
