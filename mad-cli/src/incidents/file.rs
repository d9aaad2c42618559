//! `incidents.toml`: read whole, and only ever added to.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};

use super::{Deployment, Incident, Incidents, Live, short_name};
use crate::moment::{InvalidMoment, Moment};

/// The file as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    incident: Vec<WrittenIncident>,
    #[serde(default)]
    deployment: Vec<WrittenDeployment>,
}

/// An incident as somebody writes it down, here or in an export.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenIncident {
    #[serde(default, deserialize_with = "filled")]
    pub(super) id: Option<String>,
    pub(super) title: String,
    #[serde(deserialize_with = "moment")]
    pub(super) began: String,
    #[serde(default, deserialize_with = "filled")]
    pub(super) ended: Option<String>,
    #[serde(default, deserialize_with = "filled")]
    pub(super) severity: Option<String>,
    #[serde(default, deserialize_with = "filled")]
    pub(super) commit: Option<String>,
    #[serde(default, deserialize_with = "filled")]
    pub(super) tag: Option<String>,
    #[serde(default, deserialize_with = "filled")]
    pub(super) link: Option<String>,
}

/// A deployment as somebody writes it down.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenDeployment {
    #[serde(deserialize_with = "moment")]
    pub(super) at: String,
    #[serde(default, deserialize_with = "filled")]
    pub(super) commit: Option<String>,
    #[serde(default, deserialize_with = "filled")]
    pub(super) tag: Option<String>,
}

/// A text, a number that stands for one, or a moment of TOML, as text.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text, a whole number or a moment")]
enum Written {
    Text(String),
    Number(i64),
    Moment(toml::value::Datetime),
}

impl Written {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
            Self::Moment(moment) => moment.to_string(),
        }
    }
}

fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Written::deserialize(deserializer).map(Written::into_text)
}

/// What is empty, as in a table of which not every row has every column, is not there.
fn filled<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<Written>::deserialize(deserializer)?.map(Written::into_text);
    Ok(text.filter(|text| !text.is_empty()))
}

impl WrittenIncident {
    /// What there may be of one.
    pub(super) const NAMES: [&str; 8] = [
        "id", "title", "began", "ended", "severity", "commit", "tag", "link",
    ];

    pub(super) fn into_incident(self) -> Result<Incident, EntryError> {
        let wrong = |title: &str, problem| EntryError {
            title: title.to_owned(),
            problem,
        };
        let read = |text: &str| {
            text.parse()
                .map_err(|error| wrong(&self.title, Problem::Moment(error)))
        };
        let began: Moment = read(&self.began)?;
        let ended = self.ended.as_deref().map(read).transpose()?;
        if ended.is_some_and(|ended| ended < began) {
            return Err(wrong(&self.title, Problem::EndsBeforeItBegins));
        }
        let live = match (self.commit, self.tag) {
            (Some(_), Some(_)) => return Err(wrong(&self.title, Problem::CommitAndTag)),
            (Some(commit), None) => Live::Commit(commit),
            (None, Some(tag)) => Live::Tag(tag),
            (None, None) => Live::Deployed,
        };
        let id = self.id.unwrap_or_else(|| short_name(&self.title));
        if id.is_empty() {
            return Err(wrong(&self.title, Problem::NoName));
        }
        Ok(Incident {
            id,
            title: self.title,
            began,
            ended,
            severity: self.severity,
            live,
            link: self.link,
        })
    }
}

impl WrittenDeployment {
    /// What there may be of one.
    pub(super) const NAMES: [&str; 3] = ["at", "commit", "tag"];

    pub(super) fn into_deployment(self) -> Result<Deployment, EntryError> {
        let wrong = |problem| EntryError {
            title: format!("the deployment at {}", self.at),
            problem,
        };
        let at = self
            .at
            .parse()
            .map_err(|error| wrong(Problem::Moment(error)))?;
        let revision = match (&self.commit, &self.tag) {
            (Some(commit), None) => commit.clone(),
            (None, Some(tag)) => tag.clone(),
            (Some(_), Some(_)) => return Err(wrong(Problem::CommitAndTag)),
            (None, None) => return Err(wrong(Problem::NoCommit)),
        };
        Ok(Deployment { at, revision })
    }
}

pub(super) fn read(path: &Path) -> Result<Incidents, IncidentsError> {
    let text =
        fs::read_to_string(path).map_err(|error| IncidentsError::File(path.to_owned(), error))?;
    let document: Document = toml::from_str(&text).map_err(|error| IncidentsError::Syntax {
        path: path.to_owned(),
        problem: Box::new(error),
    })?;
    let entry = |error| IncidentsError::Entry(path.to_owned(), error);
    let incidents = document
        .incident
        .into_iter()
        .map(WrittenIncident::into_incident);
    let deployments = document
        .deployment
        .into_iter()
        .map(WrittenDeployment::into_deployment);
    let mut incidents = Incidents {
        incidents: incidents.collect::<Result<_, _>>().map_err(entry)?,
        deployments: deployments.collect::<Result<_, _>>().map_err(entry)?,
    };
    let mut ids = HashSet::new();
    for incident in &incidents.incidents {
        if !ids.insert(incident.id.as_str()) {
            return Err(entry(EntryError::name_twice(incident)));
        }
    }
    incidents.sort();
    Ok(incidents)
}

/// Adds entries at the end, and leaves all else as people wrote it.
pub(super) fn append(path: &Path, new: &Incidents) -> Result<(), IncidentsError> {
    let mut text = String::new();
    for incident in &new.incidents {
        write_incident(&mut text, incident);
    }
    for deployment in &new.deployments {
        _ = write!(
            text,
            "\n[[deployment]]\nat = {}\ncommit = {}\n",
            deployment.at,
            quoted(&deployment.revision)
        );
    }
    let write = || {
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        file.write_all(text.as_bytes())
    };
    write().map_err(|error: io::Error| IncidentsError::File(path.to_owned(), error))
}

fn write_incident(text: &mut String, incident: &Incident) {
    let live = match &incident.live {
        Live::Commit(commit) => Some(("commit", commit)),
        Live::Tag(tag) => Some(("tag", tag)),
        Live::Deployed => None,
    };
    _ = write!(
        text,
        "\n[[incident]]\nid = {}\ntitle = {}\n",
        quoted(&incident.id),
        quoted(&incident.title)
    );
    _ = writeln!(text, "began = {}", incident.began);
    if let Some(ended) = incident.ended {
        _ = writeln!(text, "ended = {ended}");
    }
    let severity = incident
        .severity
        .as_ref()
        .map(|severity| ("severity", severity));
    let link = incident.link.as_ref().map(|link| ("link", link));
    for (name, value) in [severity, live, link].into_iter().flatten() {
        _ = writeln!(text, "{name} = {}", quoted(value));
    }
}

fn quoted(text: &str) -> toml::Value {
    toml::Value::String(text.to_owned())
}

impl EntryError {
    /// Another incident has the name.
    pub(super) fn name_twice(incident: &Incident) -> Self {
        Self {
            title: incident.title.clone(),
            problem: Problem::NameTwice(incident.id.clone()),
        }
    }
}

/// Why a file of incidents cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IncidentsError {
    #[error("{} cannot be used", .0.display())]
    File(PathBuf, #[source] io::Error),
    #[error("{} cannot be read", path.display())]
    Syntax {
        path: PathBuf,
        #[source]
        problem: Box<toml::de::Error>,
    },
    #[error("{} cannot be read", .0.display())]
    Entry(PathBuf, #[source] EntryError),
}

/// What is wrong with one entry.
#[derive(Debug, thiserror::Error)]
#[error("of {title:?}")]
pub(crate) struct EntryError {
    title: String,
    #[source]
    problem: Problem,
}

#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error(transparent)]
    Moment(InvalidMoment),
    #[error("it ends before it begins")]
    EndsBeforeItBegins,
    #[error("a commit and a tag are named; leave one out")]
    CommitAndTag,
    #[error("neither a commit nor a tag is named")]
    NoCommit,
    #[error("a title without a letter makes no name; give it an `id`")]
    NoName,
    #[error("another incident is called `{0}` as well; give one of them another `id`")]
    NameTwice(String),
}
