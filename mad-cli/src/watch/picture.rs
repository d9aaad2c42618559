//! What is known of an instance.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::address::Address;
use crate::run::Run;

/// What is known of an instance.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) address: Address,
    pub(super) connection: Connection,
    pub(super) lifecycle: String,
    pub(super) checks: BTreeMap<String, Check>,
    pub(super) self_tests: Vec<SelfTest>,
    pub(super) run: Option<Run>,
    /// What came of the last wish.
    pub(super) said: String,
    /// Says that the next event begins to tell everything again.
    is_old: bool,
}

/// How it is known.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Connection {
    Connecting,
    /// Changes are told as they happen.
    Live,
    /// It is asked now and then.
    Polled,
    /// It does not answer; what is known is old.
    Away(String),
}

/// How a health check is.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Check {
    pub(super) health: String,
    #[serde(default)]
    pub(super) reason: Option<String>,
    #[serde(default)]
    pub(super) is_stuck: bool,
    #[serde(default)]
    pub(super) maintenance: Option<Value>,
}

/// A self-test, as the catalogue has it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct SelfTest {
    pub(super) name: String,
    pub(super) effects: String,
    pub(super) why_not: Option<String>,
    pub(super) last: Option<Last>,
}

/// What its last run came to.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Last {
    pub(super) outcome: String,
}

/// Something new about an instance.
#[derive(Debug)]
pub(super) enum News {
    Connection(Connection),
    /// The state is told from the beginning.
    Anew,
    /// An event of `GET /events`.
    Event(Value),
    /// The answer of `GET /health`.
    Health(Value),
    SelfTests(Vec<SelfTest>),
    Run(Run),
    Said(String),
}

impl Picture {
    pub(super) fn new(address: Address) -> Self {
        Self {
            address,
            connection: Connection::Connecting,
            lifecycle: String::new(),
            checks: BTreeMap::new(),
            self_tests: Vec::new(),
            run: None,
            said: String::new(),
            is_old: false,
        }
    }

    pub(super) fn learn(&mut self, news: News) {
        match news {
            News::Connection(connection) => self.connection = connection,
            News::Anew => self.is_old = true,
            News::Event(event) => self.learn_event(&event),
            News::Health(document) => self.learn_health(&document),
            News::SelfTests(self_tests) => self.self_tests = self_tests,
            News::Run(run) => self.run = Some(run),
            News::Said(said) => self.said = said,
        }
    }

    /// Learns of a change. What is unknown is passed over.
    fn learn_event(&mut self, event: &Value) {
        // What is old is seen until there is something new, so that nothing flickers.
        if std::mem::take(&mut self.is_old) {
            self.checks.clear();
        }
        let text = |member: &str| event[member].as_str().map(str::to_owned);
        match event["kind"].as_str() {
            Some("lifecycle") => self.lifecycle = text("lifecycle").unwrap_or_default(),
            Some("health") => {
                if let (Some(name), Ok(check)) = (text("check"), Check::deserialize(event)) {
                    self.checks.insert(name, check);
                }
            }
            Some("removed") => {
                self.checks.remove(&text("check").unwrap_or_default());
            }
            Some("run") => self.run = Run::deserialize(event).ok().or(self.run.take()),
            _ => {}
        }
    }

    /// Learns from a document how everything is: health+json, which everybody may see.
    fn learn_health(&mut self, document: &Value) {
        self.checks.clear();
        let Some(components) = document["checks"].as_object() else {
            return;
        };
        for (key, entries) in components {
            let entry = &entries[0];
            if key == "lifecycle" {
                let word = entry["observedValue"].as_str();
                word.unwrap_or_default().clone_into(&mut self.lifecycle);
            } else if let Some(name) = key.strip_suffix(":responseTime") {
                self.checks.insert(name.to_owned(), Check::of_entry(entry));
            }
        }
    }

    /// Returns the checks, the worst first.
    pub(super) fn checks_by_health(&self) -> Vec<(&String, &Check)> {
        let mut checks: Vec<_> = self.checks.iter().collect();
        checks.sort_by_key(|(_, check)| check.rank());
        checks
    }
}

impl Check {
    fn of_entry(entry: &Value) -> Self {
        let health = match entry["status"].as_str() {
            Some("pass") => "up",
            Some("warn") => "degraded",
            _ => "down",
        };
        Self {
            health: health.to_owned(),
            reason: entry["output"].as_str().map(str::to_owned),
            ..Self::default()
        }
    }

    /// Returns how far up it stands: what does not work comes first.
    fn rank(&self) -> u8 {
        match self.health.as_str() {
            "down" => 0,
            "unknown" => 1,
            "degraded" => 2,
            _ => 3,
        }
    }

    /// Says what there is to say beside its health.
    pub(super) fn remark(&self) -> String {
        let mut remarks = Vec::new();
        if self.is_stuck {
            remarks.push("stuck".to_owned());
        }
        if let Some(maintenance) = &self.maintenance {
            let reason = maintenance["reason"].as_str().unwrap_or_default();
            remarks.push(format!("in maintenance: {reason}"));
        }
        remarks.extend(self.reason.clone());
        remarks.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn picture() -> Picture {
        Picture::new("shop".parse().expect("an address"))
    }

    #[test]
    fn what_is_polled_is_the_same_as_what_is_told() {
        let mut told = picture();
        told.learn(News::Event(
            json!({"kind": "lifecycle", "lifecycle": "serving"}),
        ));
        told.learn(News::Event(
            json!({"kind": "health", "check": "db", "health": "down", "reason": "refused"}),
        ));
        let mut polled = picture();
        polled.learn(News::Health(json!({"checks": {
            "lifecycle": [{"status": "pass", "observedValue": "serving"}],
            "db:responseTime": [{"status": "fail", "output": "refused"}],
            "db:rows": [{"observedValue": 3}],
        }})));
        for picture in [told, polled] {
            assert_eq!(picture.lifecycle, "serving");
            assert_eq!(picture.checks.len(), 1);
            assert_eq!(picture.checks["db"].health, "down");
            assert_eq!(picture.checks["db"].remark(), "refused");
        }
    }

    #[test]
    fn what_is_unknown_or_broken_changes_nothing() {
        let mut picture = picture();
        for event in [
            json!(1),
            json!({"kind": "new"}),
            json!({"kind": "health"}),
            json!({"kind": "run"}),
        ] {
            picture.learn(News::Event(event));
        }
        picture.learn(News::Health(json!([])));
        assert!(picture.checks.is_empty() && picture.run.is_none());
    }

    #[test]
    fn what_is_told_anew_replaces_what_was_told_before() {
        let mut picture = picture();
        let health =
            |check: &str| News::Event(json!({"kind": "health", "check": check, "health": "up"}));
        picture.learn(health("old"));
        picture.learn(News::Anew);
        assert_eq!(picture.checks.len(), 1);
        picture.learn(health("new"));
        picture.learn(health("newer"));
        let names: Vec<_> = picture.checks.keys().collect();
        assert_eq!(names, ["new", "newer"]);
    }

    #[test]
    fn a_check_that_is_gone_is_not_shown() {
        let mut picture = picture();
        picture.learn(News::Event(
            json!({"kind": "health", "check": "db", "health": "up"}),
        ));
        picture.learn(News::Event(json!({"kind": "removed", "check": "db"})));
        assert!(picture.checks.is_empty());
    }
}
