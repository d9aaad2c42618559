//! What Alertmanager tells of alerts: by its API, or message by message.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::import::ImportError;
use super::{Incident, Incidents, Live, named_with_moment};
use crate::moment::Moment;

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

/// Reads incidents. An alert fires for each instance: those of one name at one time are one incident.
pub(super) fn incidents(text: &str) -> Result<Incidents, ImportError> {
    let now = Moment::now();
    let mut told: BTreeMap<_, (String, Incident)> = BTreeMap::new();
    // What asked for it may have failed. A list without an alert is an answer.
    if text.trim().is_empty() {
        return Err(ImportError::NoAlerts);
    }
    // Messages that were kept stand one after another.
    for document in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        for alert in alerts(document.map_err(ImportError::Json)?)? {
            let key = (alert.labels.clone(), alert.starts_at.clone());
            let (name, incident) = alert.into_incident(now)?;
            let (_, known) = told.entry(key).or_insert_with(|| (name, incident.clone()));
            // Told when it began, and again when it was over.
            known.ended = known.ended.max(incident.ended);
        }
    }
    let mut told: Vec<(String, Incident)> = told.into_values().collect();
    told.sort_by(|one, other| (&one.0, one.1.began).cmp(&(&other.0, other.1.began)));
    let mut found = Incidents {
        incidents: joined(told),
        deployments: Vec::new(),
    };
    found.sort();
    Ok(found)
}

/// The alerts of an answer of the API, which is a list of alerts or of groups of them, or of a message to a webhook, which is such
/// a group.
fn alerts(document: Value) -> Result<Vec<Alert>, ImportError> {
    match document {
        Value::Array(items) => {
            let alerts: Result<Vec<_>, _> = items.into_iter().map(alerts).collect();
            Ok(alerts?.into_iter().flatten().collect())
        }
        Value::Object(mut object) => match object.remove("alerts") {
            Some(within) => alerts(within),
            None if object.contains_key("startsAt") => {
                let alert = serde_json::from_value(Value::Object(object));
                Ok(vec![alert.map_err(ImportError::Json)?])
            }
            None => Err(ImportError::NoAlerts),
        },
        _ => Err(ImportError::NoAlerts),
    }
}

/// Joins what overlaps, of alerts by their names and then by when they began.
fn joined(told: Vec<(String, Incident)>) -> Vec<Incident> {
    let mut joined: Vec<(String, Incident)> = Vec::new();
    for (name, incident) in told {
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
    joined.into_iter().map(|(_, incident)| incident).collect()
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
