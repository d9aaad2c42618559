//! What happens in a run, one thing at a time.

use std::time::Duration;

use mad_core::{RunEvent, RunEventKind};
use serde_json::{Value, json};

use super::VERSION;
use super::report::{note, observation, report};
use crate::render::timestamp::rfc3339;

/// An event: its kind, and what there is to say.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) kind: &'static str,
    pub(crate) data: Value,
}

/// Makes the JSON of an event; `None` for one that this crate is older than.
pub(crate) fn event(event: &RunEvent) -> Option<Event> {
    let (kind, mut data) = content(&event.kind)?;
    data["version"] = json!(VERSION);
    data["kind"] = json!(kind);
    Some(Event { kind, data })
}

fn content(kind: &RunEventKind) -> Option<(&'static str, Value)> {
    Some(match kind {
        RunEventKind::RunStarted {
            id,
            requested_by,
            started_at,
            tests,
        } => (
            "run_started",
            json!({
                "id": id.as_str(),
                "requested_by": requested_by,
                "started_at": rfc3339(*started_at),
                "tests": tests,
            }),
        ),
        RunEventKind::TestStarted { test, attempt } => (
            "test_started",
            json!({ "test": **test, "attempt": attempt }),
        ),
        RunEventKind::StepBegan {
            test,
            step,
            inside,
            name,
            offset,
        } => (
            "step_began",
            json!({
                "test": **test,
                "step": step,
                "inside": inside,
                "name": name,
                "offset_seconds": seconds(*offset),
            }),
        ),
        RunEventKind::StepFinished {
            test,
            step,
            duration,
        } => (
            "step_finished",
            json!({ "test": **test, "step": step, "duration_seconds": seconds(*duration) }),
        ),
        RunEventKind::Observed {
            test,
            observation: observed,
        } => (
            "observed",
            json!({ "test": **test, "observation": observation(observed) }),
        ),
        RunEventKind::Noted { test, note: noted } => {
            ("noted", json!({ "test": **test, "note": note(noted) }))
        }
        RunEventKind::LeftOut { test } => ("left_out", json!({ "test": **test })),
        RunEventKind::TestFinished {
            test,
            is_blocked,
            report: finished,
        } => (
            "test_finished",
            json!({
                "test": **test,
                "progress": if *is_blocked { "blocked" } else { "done" },
                "report": report(finished),
            }),
        ),
        RunEventKind::RunFinished { outcome, duration } => (
            "run_finished",
            json!({ "outcome": outcome.as_str(), "duration_seconds": seconds(*duration) }),
        ),
        RunEventKind::Missed { events } => ("missed", json!({ "events": events })),
        _ => return None,
    })
}

fn seconds(time: Duration) -> f64 {
    time.as_secs_f64()
}
