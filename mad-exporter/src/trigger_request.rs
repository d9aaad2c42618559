//! Reads what somebody asks for who triggers self-tests.

use std::time::Duration;

use mad_core::{Effects, MAX_RUN_DEADLINE, Selection};
use serde_json::{Map, Value};

use crate::duration::duration;
use crate::render::problem::{Problem, excerpt};

/// How long a trigger waits for the run to end unless it says otherwise.
pub(crate) const DEFAULT_WAIT: Duration = Duration::from_secs(30);

/// How long a trigger may wait at most.
pub(crate) const MAX_WAIT: Duration = Duration::from_mins(5);

/// The fields of the JSON object.
const FIELDS: [&str; 4] = ["select", "effects", "wait", "deadline"];

/// What somebody asks for: which self-tests, how harmful ones, how long the answer may take, and how
/// long the run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct TriggerRequest {
    /// The words as they were written.
    pub(crate) words: Vec<String>,
    pub(crate) selection: Selection,
    /// `None` is whatever the program allows short of what is destructive.
    pub(crate) effects: Option<Effects>,
    /// `None` is what the header `Prefer` says, or else [`DEFAULT_WAIT`].
    pub(crate) wait: Option<Duration>,
    /// `None` is what the engine thinks right.
    pub(crate) deadline: Option<Duration>,
}

impl Default for TriggerRequest {
    fn default() -> Self {
        Self {
            words: Vec::new(),
            selection: Selection::all(),
            effects: None,
            wait: None,
            deadline: None,
        }
    }
}

impl TriggerRequest {
    /// Reads the body of a request; nothing at all asks for everything.
    pub(crate) fn from_json(body: &[u8]) -> Result<Self, Problem> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::default());
        }
        match serde_json::from_slice(body).map_err(|error| malformed(&error))? {
            Value::Object(fields) => Self::from_fields(fields),
            _ => Err(unprocessable(vec![format!(
                "the body is no object: {}",
                accepted()
            )])),
        }
    }

    /// Reads each field, and says everything that is wrong at once.
    fn from_fields(mut fields: Map<String, Value>) -> Result<Self, Problem> {
        let mut request = Self::default();
        let mut wrong = Vec::new();
        request.read(&mut fields, "select", &mut wrong, Self::set_selection);
        request.read(&mut fields, "effects", &mut wrong, Self::set_effects);
        request.read(&mut fields, "wait", &mut wrong, Self::set_wait);
        request.read(&mut fields, "deadline", &mut wrong, Self::set_deadline);
        wrong.extend(unknown_fields(&fields));
        if wrong.is_empty() {
            Ok(request)
        } else {
            Err(unprocessable(wrong))
        }
    }

    fn read(
        &mut self,
        fields: &mut Map<String, Value>,
        field: &str,
        wrong: &mut Vec<String>,
        set: impl FnOnce(&mut Self, &Value) -> Result<(), String>,
    ) {
        let value = fields.remove(field).unwrap_or(Value::Null);
        if value.is_null() {
            return;
        }
        if let Err(what) = set(self, &value) {
            wrong.push(format!("`{field}`: {what}"));
        }
    }

    fn set_selection(&mut self, value: &Value) -> Result<(), String> {
        let words: Option<Vec<String>> = value
            .as_array()
            .and_then(|words| words.iter().map(text).collect());
        self.words =
            words.ok_or(r#"write an array of texts, such as ["orders/*", "tag:smoke"]"#)?;
        self.selection = Selection::parse(&self.words).map_err(|error| error.to_string())?;
        Ok(())
    }

    fn set_effects(&mut self, value: &Value) -> Result<(), String> {
        let classes = Effects::ALL.map(Effects::as_str).join(", ");
        let effects = value.as_str().and_then(Effects::from_word);
        self.effects = Some(effects.ok_or_else(|| format!("write one of {classes}"))?);
        Ok(())
    }

    fn set_wait(&mut self, value: &Value) -> Result<(), String> {
        let wait = value.as_str().and_then(duration);
        let wait = wait.filter(|wait| *wait <= MAX_WAIT);
        let accepted = r#"write a time of at most "5m", such as "30s" or "1m30s""#;
        self.wait = Some(wait.ok_or(accepted)?);
        Ok(())
    }

    fn set_deadline(&mut self, value: &Value) -> Result<(), String> {
        let deadline = value.as_str().and_then(duration);
        let deadline = deadline.filter(|time| !time.is_zero() && *time <= MAX_RUN_DEADLINE);
        let deadline = deadline.ok_or(r#"write a time of at most "24h", such as "2m""#)?;
        self.deadline = Some(deadline);
        Ok(())
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

pub(crate) fn malformed(error: &serde_json::Error) -> Problem {
    let (line, column) = (error.line(), error.column());
    let detail = format!("the body is no JSON: stopped at line {line}, column {column}");
    Problem::new(400, detail)
        .with_member("line", line)
        .with_member("column", column)
}

fn unknown_fields(fields: &Map<String, Value>) -> Option<String> {
    let names: Vec<_> = fields.keys().map(String::as_str).collect();
    let names = excerpt(&names.join(", "));
    (!fields.is_empty()).then(|| format!("nothing is called {names}: {}", accepted()))
}

fn accepted() -> String {
    format!("accepted are {}, all optional", FIELDS.join(", "))
}

fn unprocessable(wrong: Vec<String>) -> Problem {
    Problem::new(422, wrong.join("; "))
        .with_member("wrong", wrong)
        .with_member("accepted", Vec::from(FIELDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, expected: &TriggerRequest) {
        assert_eq!(
            TriggerRequest::from_json(body.as_bytes()).unwrap(),
            *expected
        );
    }

    #[track_caller]
    fn check_refused(body: &str, status: u16, parts: &[&str]) {
        let problem = TriggerRequest::from_json(body.as_bytes()).unwrap_err();
        let json = String::from_utf8(problem.to_json()).unwrap();
        assert_eq!(problem.status(), status, "{json}");
        for part in parts {
            assert!(json.contains(part), "{part} is not in {json}");
        }
    }

    #[test]
    fn every_field_may_be_left_out() {
        check("", &TriggerRequest::default());
        check(" \n", &TriggerRequest::default());
        check("{}", &TriggerRequest::default());
        check(
            r#"{"select":null,"effects":null,"wait":null,"deadline":null}"#,
            &TriggerRequest::default(),
        );
        let request = TriggerRequest {
            words: vec!["orders/*".to_owned()],
            selection: Selection::parse(["orders/*"]).unwrap(),
            effects: Some(Effects::Scratch),
            wait: Some(Duration::from_secs(90)),
            deadline: Some(Duration::from_mins(2)),
        };
        let body = r#"{"select":["orders/*"],"effects":"scratch","wait":"1m30s","deadline":"2m"}"#;
        check(body, &request);
    }

    #[test]
    fn what_is_no_json_is_refused_with_the_place() {
        check_refused("{\n  \"wait\": }", 400, &[r#""line": 2"#, r#""column": "#]);
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let body = r#"{"selekt":[],"select":"all","effects":"wild","wait":"30","deadline":"0s"}"#;
        let parts = [
            "selekt",
            "`select`",
            "pure, read, scratch, destructive",
            "`wait`",
            "`deadline`",
        ];
        check_refused(body, 422, &parts);
        check_refused("[]", 422, &["no object"]);
        check_refused(r#"{"select":["What?"]}"#, 422, &["What?"]);
    }

    #[test]
    fn no_more_than_a_little_of_the_input_comes_back() {
        let name = "x".repeat(5_000);
        let problem =
            TriggerRequest::from_json(format!("{{\"{name}\":1}}").as_bytes()).unwrap_err();
        assert!(problem.to_json().len() < 1_000);
    }
}
