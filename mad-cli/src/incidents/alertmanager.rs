//! What Alertmanager tells of alerts: by its API, or message by message.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::import::ImportError;
use super::{Incident, Incidents, Live, named_with_moment};
use crate::moment::{InvalidMoment, Moment};

/// What Alertmanager writes for the end of an alert that has none.
const NO_END: &str = "0001-01-01";

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

/// The labels of an alert, and when it began.
type Firing = (BTreeMap<String, String>, Moment);

/// An alert, by the incident that it is.
struct Told {
    name: String,
    incident: Incident,
    /// What begins until then, of the same name, is the same incident; without it, whatever comes.
    until: Option<Moment>,
}

/// Reads incidents. An alert fires for each instance: those of one name at one time are one incident.
pub(super) fn incidents(text: &str) -> Result<Incidents, ImportError> {
    let now = Moment::now();
    let mut told: BTreeMap<Firing, (String, Incident)> = BTreeMap::new();
    let mut number = 0;
    // What asked for it may have failed. A list without an alert is an answer.
    if text.trim().is_empty() {
        return Err(ImportError::NoAlerts);
    }
    // Messages that were kept stand one after another.
    for document in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        for alert in alerts(document.map_err(ImportError::Json)?)? {
            number += 1;
            let place = || format!("alert {number}");
            let alert: Alert =
                serde_json::from_value(alert).map_err(|error| ImportError::Row(place(), error))?;
            let labels = alert.labels.clone();
            let (name, incident) = alert
                .into_incident(now)
                .map_err(|error| ImportError::Moment(place(), error))?;
            let (_, known) = told
                .entry((labels, incident.began))
                .or_insert_with(|| (name, incident.clone()));
            // Told when it began, and again when it was over.
            known.ended = known.ended.max(incident.ended);
        }
    }
    let mut found = Incidents {
        incidents: joined(with_ends(&told)),
        deployments: Vec::new(),
    };
    found.sort();
    Ok(found)
}

/// The alerts of an answer of the API, which is a list of alerts or of groups of them, or of a message to a webhook, which is such
/// a group.
fn alerts(document: Value) -> Result<Vec<Value>, ImportError> {
    match document {
        Value::Array(items) => {
            let alerts: Result<Vec<_>, _> = items.into_iter().map(alerts).collect();
            Ok(alerts?.into_iter().flatten().collect())
        }
        Value::Object(mut object) => match object.remove("alerts") {
            Some(within) => alerts(within),
            None if object.contains_key("startsAt") => Ok(vec![Value::Object(object)]),
            None => Err(ImportError::NoAlerts),
        },
        _ => Err(ImportError::NoAlerts),
    }
}

/// An alert whose end nobody told was over before the same labels began anew.
fn with_ends(told: &BTreeMap<Firing, (String, Incident)>) -> Vec<Told> {
    let with_end = |(key, (name, incident)): (&Firing, &(String, Incident))| {
        let later = told.range((Bound::Excluded(key), Bound::Unbounded)).next();
        let anew = later.filter(|((labels, _), _)| *labels == key.0);
        let before = anew.map(|((_, began), _)| began.before(Duration::from_secs(1)));
        Told {
            name: name.clone(),
            incident: incident.clone(),
            until: incident.ended.or(before),
        }
    };
    told.iter().map(with_end).collect()
}

/// Joins what overlaps.
fn joined(mut told: Vec<Told>) -> Vec<Incident> {
    told.sort_by(|one, other| {
        (&one.name, one.incident.began).cmp(&(&other.name, other.incident.began))
    });
    let later = |one: Option<Moment>, other: Option<Moment>| {
        let both = one.zip(other);
        both.map(|(one, other)| one.max(other))
    };
    let mut joined: Vec<Told> = Vec::new();
    for one in told {
        match joined.last_mut() {
            Some(last)
                if last.name == one.name
                    && last.until.is_none_or(|until| one.incident.began <= until) =>
            {
                last.incident.ended = later(last.incident.ended, one.incident.ended);
                last.until = later(last.until, one.until);
            }
            _ => joined.push(one),
        }
    }
    joined.into_iter().map(|one| one.incident).collect()
}

impl Alert {
    /// The incident, and the name of the alert.
    fn into_incident(mut self, now: Moment) -> Result<(String, Incident), InvalidMoment> {
        let began: Moment = self.starts_at.parse()?;
        let has_end = !self.ends_at.is_empty() && !self.ends_at.starts_with(NO_END);
        let ended: Option<Moment> = has_end.then(|| self.ends_at.parse()).transpose()?;
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
            id: named_with_moment(&name, began),
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
