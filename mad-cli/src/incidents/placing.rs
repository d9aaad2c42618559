//! Which commit was live when an incident began, and what speaks against it.

use std::fmt;
use std::time::Duration;

use mad_store::Commit;

use super::{Deployment, Incident, Incidents, Live};
use crate::git::{GitError, Repository};
use crate::moment::Moment;

/// So long after a deployment what went live before may still be to blame: caches, queues, instances that take turns.
const SETTLING: Duration = Duration::from_hours(1);

/// An incident and the commit that was live when it began.
#[derive(Debug)]
pub(crate) struct Placed<'file> {
    pub(crate) incident: &'file Incident,
    /// The commit, unless nobody knows.
    pub(crate) commit: Option<Commit>,
    /// What a reader has to know before believing it.
    pub(crate) doubts: Vec<Doubt>,
}

/// What speaks against the place of an incident.
#[derive(Debug)]
pub(crate) enum Doubt {
    /// The repository does not know the commit.
    Unknown(GitError),
    /// Neither a commit nor a tag is named, and nothing was deployed before.
    NothingDeployed,
    /// The commit is younger than the incident: a clock is wrong, or the commit is another one.
    NotYetCommitted(Moment),
    /// Another commit had been live until shortly before, or went live while it lasted.
    SeveralDeployments(Vec<Deployment>),
    /// It begins in the future.
    InTheFuture,
}

impl Doubt {
    /// Whether there is no commit to speak of.
    pub(crate) fn is_error(&self) -> bool {
        matches!(self, Self::Unknown(_) | Self::NothingDeployed)
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(error) => error.fmt(formatter),
            Self::NothingDeployed => formatter.write_str(
                "no commit and no tag is named, and no deployment is known from before it began",
            ),
            Self::NotYetCommitted(at) => write!(
                formatter,
                "the commit was made only at {at}, after it began"
            ),
            Self::SeveralDeployments(others) => {
                formatter.write_str("other commits went live about then:")?;
                others
                    .iter()
                    .try_for_each(|other| write!(formatter, " {} at {}", other.revision, other.at))
            }
            Self::InTheFuture => formatter.write_str("it begins in the future"),
        }
    }
}

impl Incidents {
    /// Finds the commit of each incident.
    pub(crate) fn place(&self, repository: &Repository) -> Vec<Placed<'_>> {
        self.incidents
            .iter()
            .map(|incident| self.place_one(incident, repository))
            .collect()
    }

    fn place_one<'file>(
        &self,
        incident: &'file Incident,
        repository: &Repository,
    ) -> Placed<'file> {
        let mut doubts = Vec::new();
        if incident.began > Moment::now() {
            doubts.push(Doubt::InTheFuture);
        }
        let commit = match self.live_revision(incident) {
            None => {
                doubts.push(Doubt::NothingDeployed);
                None
            }
            Some(revision) => repository
                .commit(&revision)
                .map_err(|error| doubts.push(Doubt::Unknown(error)))
                .ok(),
        };
        if let Some(commit) = &commit {
            let committed_at = Moment::of_seconds(commit.committed_at);
            if committed_at > incident.began {
                doubts.push(Doubt::NotYetCommitted(committed_at));
            }
        }
        if incident.live == Live::Deployed && commit.is_some() {
            let others = self.other_deployments(incident);
            if !others.is_empty() {
                doubts.push(Doubt::SeveralDeployments(others));
            }
        }
        Placed {
            incident,
            commit,
            doubts,
        }
    }

    fn live_revision(&self, incident: &Incident) -> Option<String> {
        match &incident.live {
            Live::Commit(commit) => Some(commit.clone()),
            // A branch may have the same name.
            Live::Tag(tag) => Some(format!("refs/tags/{tag}")),
            Live::Deployed => self
                .live_at(incident.began)
                .map(|deployment| deployment.revision.clone()),
        }
    }

    fn live_at(&self, moment: Moment) -> Option<&Deployment> {
        self.deployments
            .iter()
            .rev()
            .find(|deployment| deployment.at <= moment)
    }

    /// What else was live within the time that decides: from shortly before it began until it ended.
    fn other_deployments(&self, incident: &Incident) -> Vec<Deployment> {
        let Some(live) = self.live_at(incident.began) else {
            return Vec::new();
        };
        let just_before = incident.began.before(SETTLING);
        let until = incident.ended.unwrap_or(incident.began);
        // What was live when the deciding time began went live before it.
        let before = self.live_at(just_before);
        let within = self
            .deployments
            .iter()
            .filter(|deployment| deployment.at > just_before && deployment.at <= until);
        before
            .into_iter()
            .chain(within)
            .filter(|other| other.revision != live.revision)
            .cloned()
            .collect()
    }
}
