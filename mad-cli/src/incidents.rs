//! Incidents: when a service was broken, and which commit was live.
//!
//! They are kept in a file of the repository, `incidents.toml`, that people write and review. [`Incidents::read`] gives
//! them, and [`placing`] finds their commits.

mod advisory;
mod alertmanager;
mod file;
mod import;
mod names;
pub(crate) mod placing;
mod table;

use std::path::Path;

pub(crate) use advisory::{incident_of_advisory, incident_of_version};
pub(crate) use file::IncidentsError;
pub(crate) use import::{ImportError, Source, deployments_of_tags, incidents_of_tags};

pub(crate) use names::Otherwise;
use names::{Given, Names, named_with_moment};

use crate::moment::Moment;

/// What the file is called that is looked for at the root of a repository.
pub(crate) const FILE: &str = "incidents.toml";

/// A moment, or a span, when a service was broken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Incident {
    /// A short name, which no other incident has.
    pub(crate) id: String,
    /// What was broken, in a line.
    pub(crate) title: String,
    pub(crate) began: Moment,
    pub(crate) ended: Option<Moment>,
    /// How bad it was, in the words of whoever keeps the file.
    pub(crate) severity: Option<String>,
    pub(crate) live: Live,
    /// Where more is written about it.
    pub(crate) link: Option<String>,
}

/// How it is known which commit was live.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Live {
    /// The commit, or any other revision.
    Commit(String),
    /// The tag of the release.
    Tag(String),
    /// The deployments say it.
    Deployed,
}

/// A commit that went live.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Deployment {
    pub(crate) at: Moment,
    /// The commit, tag or other revision.
    pub(crate) revision: String,
}

/// All that is known of what went wrong, and of what was live when.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Incidents {
    /// By the time when they began.
    pub(crate) incidents: Vec<Incident>,
    /// By their time.
    pub(crate) deployments: Vec<Deployment>,
}

/// What became of incidents and deployments that were to be added.
#[derive(Debug)]
pub(crate) struct Appended {
    pub(crate) n_new: usize,
    /// So many are in the file, equal in everything.
    pub(crate) n_known: usize,
    /// These are not added either.
    pub(crate) other: Vec<Otherwise>,
}

impl Incidents {
    /// Reads a file of incidents.
    pub(crate) fn read(path: &Path) -> Result<Self, IncidentsError> {
        file::read(path)
    }

    /// Adds to the end of a file what it does not know, and leaves what is in it as it is.
    pub(crate) fn append(&self, path: &Path) -> Result<Appended, IncidentsError> {
        let known = if path.exists() {
            Self::read(path)?
        } else {
            Self::default()
        };
        let (new, other) = self.without(&known);
        file::append(path, &new)?;
        let n_new = new.incidents.len() + new.deployments.len();
        Ok(Appended {
            n_new,
            n_known: self.incidents.len() + self.deployments.len() - n_new - other.len(),
            other,
        })
    }

    /// Returns what is not known, and what is known otherwise.
    fn without(&self, known: &Self) -> (Self, Vec<Otherwise>) {
        let mut names = Names::of(known, self);
        let mut incidents = Vec::new();
        let mut other = Vec::new();
        for incident in &self.incidents {
            match names.given_to(incident) {
                Given::New(incident) => incidents.push(incident),
                Given::Known => {}
                Given::Otherwise(otherwise) => other.push(otherwise),
            }
        }
        let deployments = self
            .deployments
            .iter()
            .filter(|deployment| !known.deployments.contains(deployment));
        let new = Self {
            incidents,
            deployments: deployments.cloned().collect(),
        };
        (new, other)
    }

    fn sort(&mut self) {
        self.incidents.sort_by_key(|incident| incident.began);
        self.deployments.sort_by_key(|deployment| deployment.at);
    }
}

/// A short name for something with a title: small letters and digits, with `-` between the words.
pub(crate) fn short_name(title: &str) -> String {
    let letters: String = title
        .to_lowercase()
        .chars()
        .map(|letter| {
            if letter.is_alphanumeric() {
                letter
            } else {
                ' '
            }
        })
        .collect();
    letters
        .split_whitespace()
        .take(8)
        .collect::<Vec<_>>()
        .join("-")
}
