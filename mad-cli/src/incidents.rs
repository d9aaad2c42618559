//! Incidents: when a service was broken, and which commit was live.
//!
//! They are kept in a file of the repository, `incidents.toml`, that people write and review. [`Incidents::read`] gives
//! them, and [`placing`] finds their commits.

mod advisory;
mod alertmanager;
mod file;
mod import;
pub(crate) mod placing;
mod table;

use std::collections::HashMap;
use std::path::Path;

pub(crate) use advisory::{incident_of_advisory, incident_of_version};
pub(crate) use file::IncidentsError;
pub(crate) use import::{ImportError, Source, deployments_of_tags, incidents_of_tags};

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

impl Incidents {
    /// Reads a file of incidents.
    pub(crate) fn read(path: &Path) -> Result<Self, IncidentsError> {
        file::read(path)
    }

    /// Adds to the end of a file, and leaves what is in it as it is. What the file knows already is not added;
    /// returns how many incidents and deployments were.
    pub(crate) fn append(&self, path: &Path) -> Result<usize, IncidentsError> {
        let known = if path.exists() {
            Self::read(path)?
        } else {
            Self::default()
        };
        let new = self.without(&known);
        file::append(path, &new)?;
        Ok(new.incidents.len() + new.deployments.len())
    }

    fn without(&self, known: &Self) -> Self {
        let known_incidents = known.incidents.iter();
        let mut known_ids: HashMap<String, Moment> = known_incidents
            .map(|incident| (incident.id.clone(), incident.began))
            .collect();
        let mut incidents = Vec::new();
        for incident in &self.incidents {
            let mut incident = incident.clone();
            let began = known_ids.get(&incident.id);
            // One title may have happened more than once.
            if incident.is_named_by_title() && began.is_some_and(|began| *began != incident.began) {
                incident.id = named_with_moment(&incident.title, incident.began);
            }
            if !known_ids.contains_key(&incident.id) {
                known_ids.insert(incident.id.clone(), incident.began);
                incidents.push(incident);
            }
        }
        let deployments = self
            .deployments
            .iter()
            .filter(|deployment| !known.deployments.contains(deployment));
        Self {
            incidents,
            deployments: deployments.cloned().collect(),
        }
    }

    fn sort(&mut self) {
        self.incidents.sort_by_key(|incident| incident.began);
        self.deployments.sort_by_key(|deployment| deployment.at);
    }
}

impl Incident {
    fn is_named_by_title(&self) -> bool {
        self.id == short_name(&self.title)
    }
}

/// A short name for what may happen again.
fn named_with_moment(title: &str, began: Moment) -> String {
    format!("{}-{}", short_name(title), short_name(&began.to_string()))
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
