//! What has changed between two looks at the state, as events for a page that shows it live.

use std::collections::BTreeMap;

use mad_core::{HealthSnapshot, SelfTestRun, Snapshot};
use serde_json::{Value, json};

use super::maintenance_json::maintenance;
use super::reason::reason;
use super::self_test_json;

/// The version of the shapes; it changes when a reader of the old ones would be misled.
const VERSION: u32 = 1;

/// An event: its kind, and what there is to say.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) kind: &'static str,
    pub(crate) data: Value,
}

/// What was told before. At first it is nothing, so that everything is news.
#[derive(Debug, Default)]
pub(crate) struct Told {
    lifecycle: Value,
    checks: BTreeMap<String, Value>,
    run: Value,
}

impl Told {
    /// Returns what is new since it was last told, and keeps it in mind. `run` is the newest run of
    /// self-tests.
    pub(crate) fn news(&mut self, snapshot: &Snapshot, run: Option<&SelfTestRun>) -> Vec<Event> {
        let mut news = Vec::new();
        let lifecycle = json!({ "lifecycle": snapshot.lifecycle.as_str() });
        tell(&mut news, "lifecycle", &mut self.lifecycle, lifecycle);

        let checks = snapshot.health_checks.iter().map(check);
        let self_tests = snapshot.self_tests.iter().map(|test| {
            let maintenance = test.maintenance.as_ref().map(maintenance);
            let name = test.check.name().to_owned();
            let state = json!({ "self_test": name, "maintenance": maintenance });
            (name, ("self_test", state))
        });
        let mut now: BTreeMap<_, _> = checks.chain(self_tests).collect();
        let mut gone = std::mem::take(&mut self.checks);
        for (name, (kind, state)) in std::mem::take(&mut now) {
            let mut told = gone.remove(&name).unwrap_or_default();
            tell(&mut news, kind, &mut told, state);
            self.checks.insert(name, told);
        }
        news.extend(gone.into_keys().map(|name| Event {
            kind: "removed",
            data: json!({ "check": name, "version": VERSION, "kind": "removed" }),
        }));

        if let Some(run) = run {
            tell(&mut news, "run", &mut self.run, brief(run));
        }
        news
    }
}

/// Adds an event if this is not what was told.
fn tell(news: &mut Vec<Event>, kind: &'static str, told: &mut Value, state: Value) {
    if *told == state {
        return;
    }
    let mut data = state.clone();
    data["version"] = json!(VERSION);
    data["kind"] = json!(kind);
    news.push(Event { kind, data });
    *told = state;
}

fn check(snapshot: &HealthSnapshot) -> (String, (&'static str, Value)) {
    let name = snapshot.check.name().to_owned();
    let state = json!({
        "check": name,
        "health": snapshot.health.as_str(),
        "reason": reason(snapshot),
        "is_stuck": snapshot.stuck_since.is_some(),
        "maintenance": snapshot.maintenance.as_ref().map(maintenance),
    });
    (name, ("health", state))
}

fn brief(run: &SelfTestRun) -> Value {
    let mut brief = json!(self_test_json::brief(run));
    brief["links"] = json!({ "self": format!("selftest/runs/{}", run.id) });
    brief
}
