//! Reads what an operator asks for who puts something in maintenance.

use std::time::Duration;

use serde_json::Value;

use crate::duration::duration;
use crate::render::problem::{Problem, excerpt};
use crate::trigger_request::malformed;

const FIELDS: [&str; 2] = ["reason", "for"];

/// Why, and for how long. What is too long is the engine's to say.
#[derive(Debug)]
pub(crate) struct MaintenanceRequest {
    pub(crate) reason: String,
    pub(crate) time: Duration,
}

impl MaintenanceRequest {
    /// Reads the body of a request; both fields must be there.
    pub(crate) fn from_json(body: &[u8]) -> Result<Self, Problem> {
        // No body at all lacks both fields, and is told so.
        let body = if body.is_empty() { b"{}" } else { body };
        let body: Value = serde_json::from_slice(body).map_err(|error| malformed(&error))?;
        let field = |name| body.get(name).and_then(Value::as_str);
        let (reason, time) = (field("reason"), field("for").and_then(duration));
        let mut wrong = Vec::new();
        if reason.is_none() {
            wrong.push("`reason`: say why, as a text".to_owned());
        }
        if time.is_none() {
            wrong.push(r#"`for`: write a time of at most seven days, such as "30m""#.to_owned());
        }
        let names = body
            .as_object()
            .into_iter()
            .flat_map(|fields| fields.keys());
        let unknown = names.filter(|name| !FIELDS.contains(&name.as_str()));
        wrong.extend(unknown.map(|name| format!("nothing is called {}", excerpt(name))));
        match (reason, time) {
            (Some(reason), Some(time)) if wrong.is_empty() => Ok(Self {
                reason: reason.to_owned(),
                time,
            }),
            _ => Err(Problem::new(422, wrong.join("; "))
                .with_member("wrong", wrong)
                .with_member("accepted", Vec::from(FIELDS))),
        }
    }
}
