//! Incidents and deployments out of what others keep: tables, JSON, Alertmanager, tags.

use std::collections::BTreeMap;
use std::io;

use serde::Deserialize;

use super::file::{EntryError, WrittenDeployment, WrittenIncident};
use super::{Deployment, Incident, Incidents, Live, short_name};
use crate::git::Tag;
use crate::moment::{InvalidMoment, Moment};

/// What Alertmanager writes for the end of an alert that has none.
const NO_END: &str = "0001-01-01";

/// In which form somebody else keeps them.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum Source {
    /// A table with a line of names: id, title, began, ended, severity, commit, tag, link
    Csv,
    /// A list of objects with these names
    Json,
    /// What the API of Alertmanager answers at /api/v2/alerts, or what it sends to a webhook
    Alertmanager,
}

impl Source {
    /// Reads incidents.
    pub(crate) fn incidents(self, text: &str) -> Result<Incidents, ImportError> {
        let written: Vec<WrittenIncident> = match self {
            Self::Csv => table(text)?,
            Self::Json => serde_json::from_str(text).map_err(ImportError::Json)?,
            Self::Alertmanager => return alerts(text),
        };
        let incidents = written.into_iter().map(WrittenIncident::into_incident);
        Ok(Incidents {
            incidents: incidents
                .collect::<Result<_, _>>()
                .map_err(ImportError::Entry)?,
            deployments: Vec::new(),
        })
    }

    /// Reads deployments: the columns at and commit, or at and tag.
    pub(crate) fn deployments(self, text: &str) -> Result<Incidents, ImportError> {
        let written: Vec<WrittenDeployment> = match self {
            Self::Csv => table(text)?,
            Self::Json => serde_json::from_str(text).map_err(ImportError::Json)?,
            Self::Alertmanager => return Err(ImportError::NoDeployments),
        };
        let deployments = written.into_iter().map(WrittenDeployment::into_deployment);
        Ok(Incidents {
            incidents: Vec::new(),
            deployments: deployments
                .collect::<Result<_, _>>()
                .map_err(ImportError::Entry)?,
        })
    }
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

fn table<T: for<'row> Deserialize<'row>>(text: &str) -> Result<Vec<T>, ImportError> {
    csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes())
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|error| ImportError::Csv(Box::new(error)))
}

/// An answer of the API is a list; what is sent to a webhook has it inside.
#[derive(Deserialize)]
#[serde(untagged)]
enum Alerts {
    List(Vec<Alert>),
    Message { alerts: Vec<Alert> },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Alert {
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    starts_at: String,
    #[serde(default)]
    ends_at: String,
    #[serde(rename = "generatorURL", default)]
    generator: String,
}

/// An alert fires for each instance: those of one name at one time are one incident.
fn alerts(text: &str) -> Result<Incidents, ImportError> {
    let alerts: Alerts = serde_json::from_str(text).map_err(ImportError::Json)?;
    let (Alerts::List(alerts) | Alerts::Message { alerts }) = alerts;
    let now = Moment::now();
    let mut incidents = alerts
        .into_iter()
        .map(|alert| alert.into_incident(now))
        .collect::<Result<Vec<_>, _>>()?;
    incidents.sort_by(|one, other| (&one.0, one.1.began).cmp(&(&other.0, other.1.began)));
    let mut joined: Vec<(String, Incident)> = Vec::new();
    for (name, incident) in incidents {
        match joined.last_mut() {
            Some((last_name, last))
                if *last_name == name && last.ended.is_none_or(|end| incident.began <= end) =>
            {
                last.ended = last
                    .ended
                    .zip(incident.ended)
                    .map(|(one, other)| one.max(other));
            }
            _ => joined.push((name, incident)),
        }
    }
    let mut found = Incidents {
        incidents: joined.into_iter().map(|(_, incident)| incident).collect(),
        deployments: Vec::new(),
    };
    found.sort();
    Ok(found)
}

impl Alert {
    /// The incident, and the name of the alert.
    fn into_incident(mut self, now: Moment) -> Result<(String, Incident), ImportError> {
        let began: Moment = self.starts_at.parse().map_err(ImportError::Moment)?;
        let has_end = !self.ends_at.is_empty() && !self.ends_at.starts_with(NO_END);
        let ended: Option<Moment> = has_end
            .then(|| self.ends_at.parse())
            .transpose()
            .map_err(ImportError::Moment)?;
        let name = self
            .labels
            .remove("alertname")
            .unwrap_or_else(|| "alert".to_owned());
        let title = self
            .annotations
            .remove("summary")
            .unwrap_or_else(|| name.clone());
        let commit = ["commit", "revision"]
            .into_iter()
            .find_map(|label| self.labels.remove(label));
        let link = self
            .annotations
            .remove("runbook_url")
            .unwrap_or(self.generator);
        let incident = Incident {
            id: short_name(&format!("{name} {began}")),
            title,
            began,
            // While it fires, the end is when it would be given up.
            ended: ended.filter(|end| (began..=now).contains(end)),
            severity: self.labels.remove("severity"),
            live: commit.map_or(Live::Deployed, Live::Commit),
            link: Some(link).filter(|link| !link.is_empty()),
        };
        Ok((name, incident))
    }
}

/// Why nothing could be imported.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImportError {
    #[error("the text cannot be read")]
    Text(#[source] io::Error),
    #[error("the table cannot be read")]
    Csv(#[source] Box<csv::Error>),
    #[error("the JSON cannot be read")]
    Json(#[source] serde_json::Error),
    #[error("an entry makes no sense")]
    Entry(#[source] EntryError),
    #[error("an alert makes no sense")]
    Moment(#[source] InvalidMoment),
    #[error("Alertmanager knows no deployments; take `csv` or `json`")]
    NoDeployments,
}
