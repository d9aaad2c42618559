//! Incidents and deployments out of what others keep: tables, JSON, Alertmanager, tags.

use std::collections::HashMap;
use std::io;
use std::string::FromUtf8Error;

use serde::de::DeserializeOwned;

use super::file::{EntryError, WrittenDeployment, WrittenIncident};
use super::names::is_made;
use super::{Deployment, Incident, Incidents, Live, alertmanager, short_name, table};
use crate::git::Tag;
use crate::moment::{InvalidMoment, Moment};

/// In which form somebody else keeps them.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum Source {
    /// A table with a line of names: id, title, began, ended, severity, commit, tag, link; between commas, semicolons or tabs
    Csv,
    /// A list of objects with these names
    Json,
    /// What the API of Alertmanager answers at /api/v2/alerts and /api/v2/alerts/groups, or what it sends to a webhook, also several one
    /// after another
    Alertmanager,
}

impl Source {
    /// Reads incidents.
    pub(crate) fn incidents(self, text: &str) -> Result<Incidents, ImportError> {
        if self == Self::Alertmanager {
            return alertmanager::incidents(text);
        }
        let mut by_name: HashMap<String, Incident> = HashMap::new();
        let incident = |written: WrittenIncident| {
            let incident = written.into_incident()?;
            let before = by_name.entry(incident.id.clone());
            // A name that was made may have been made twice, and is given a number.
            if *before.or_insert_with(|| incident.clone()) != incident && !is_made(&incident) {
                return Err(EntryError::name_twice(&incident));
            }
            Ok(incident)
        };
        Ok(Incidents {
            incidents: self.entries(text, &WrittenIncident::NAMES, incident)?,
            deployments: Vec::new(),
        })
    }

    /// Reads deployments: the columns at and commit, or at and tag.
    pub(crate) fn deployments(self, text: &str) -> Result<Incidents, ImportError> {
        if self == Self::Alertmanager {
            return Err(ImportError::NoDeployments);
        }
        Ok(Incidents {
            incidents: Vec::new(),
            deployments: self.entries(
                text,
                &WrittenDeployment::NAMES,
                WrittenDeployment::into_deployment,
            )?,
        })
    }

    fn entries<W: DeserializeOwned, E>(
        self,
        text: &str,
        names: &[&'static str],
        mut into_entry: impl FnMut(W) -> Result<E, EntryError>,
    ) -> Result<Vec<E>, ImportError> {
        let entry = |(place, written)| {
            into_entry(written).map_err(|error| ImportError::Entry(place, error))
        };
        let written = match self {
            Self::Csv => table::read(text, names)?,
            Self::Json | Self::Alertmanager => list(text)?,
        };
        written.into_iter().map(entry).collect()
    }
}

/// Reads a list of objects, each with where it stands, in words.
fn list<W: DeserializeOwned>(text: &str) -> Result<Vec<(String, W)>, ImportError> {
    let written: Vec<W> = serde_json::from_str(text).map_err(ImportError::Json)?;
    let with_place = |(number, written)| (format!("object {number}"), written);
    Ok((1..).zip(written).map(with_place).collect())
}

/// Each tag is an incident of the commit that it is at, from when the tag was made.
pub(crate) fn incidents_of_tags(tags: &[Tag]) -> Incidents {
    let incident = |tag: &Tag| Incident {
        id: short_name(&tag.name),
        title: tag.name.clone(),
        began: Moment::of_seconds(tag.created_at),
        ended: None,
        severity: None,
        live: Live::Tag(tag.name.clone()),
        link: None,
    };
    Incidents {
        incidents: tags.iter().map(incident).collect(),
        deployments: Vec::new(),
    }
}

/// Each tag is a release that went live when the tag was made.
pub(crate) fn deployments_of_tags(tags: &[Tag]) -> Incidents {
    let deployment = |tag: &Tag| Deployment {
        at: Moment::of_seconds(tag.created_at),
        revision: tag.name.clone(),
    };
    Incidents {
        incidents: Vec::new(),
        deployments: tags.iter().map(deployment).collect(),
    }
}

/// Why nothing could be imported.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImportError {
    #[error("the text cannot be read")]
    Text(#[source] io::Error),
    #[error("the text cannot be read; save it as UTF-8")]
    Encoding(#[source] FromUtf8Error),
    #[error("the table cannot be read")]
    Csv(#[source] Box<csv::Error>),
    #[error("the JSON cannot be read")]
    Json(#[source] serde_json::Error),
    #[error("{0} cannot be read")]
    Row(String, #[source] serde_json::Error),
    #[error("{0} makes no sense")]
    Entry(String, #[source] EntryError),
    #[error("the table is empty; its first line has the names of the columns")]
    NoColumns,
    #[error("line {line}: there is no column `{name}`; the columns are `{known}`")]
    Column {
        line: usize,
        name: String,
        known: String,
    },
    #[error("{0} has not as many cells as there are columns: {1}, not {2}")]
    Cells(String, usize, usize),
    #[error("the column `{0}` is there twice")]
    ColumnTwice(String),
    #[error(
        "there are no alerts in it; take what /api/v2/alerts or /api/v2/alerts/groups answers, or what was sent to a webhook"
    )]
    NoAlerts,
    #[error("{0} makes no sense")]
    Moment(String, #[source] InvalidMoment),
    #[error("Alertmanager knows no deployments; take `csv` or `json`")]
    NoDeployments,
}
