//! Cucumber's JSON: features with scenarios.

use serde::Deserialize;

use super::error::IngestError;
use super::{TestReport, json};
use crate::case::{Outcome, TestCase};

#[derive(Deserialize)]
struct Feature {
    name: String,
    #[serde(default)]
    elements: Vec<Scenario>,
}

#[derive(Deserialize)]
struct Scenario {
    name: String,
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    steps: Vec<Step>,
    #[serde(default)]
    before: Vec<Step>,
    #[serde(default)]
    after: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    #[serde(default)]
    name: String,
    #[serde(default)]
    keyword: String,
    result: StepResult,
}

#[derive(Deserialize)]
struct StepResult {
    status: String,
    /// In nanoseconds.
    duration: Option<u64>,
    error_message: Option<String>,
}

/// Reads a report: a scenario is a test. What is in common to scenarios, which is called a background, is none.
pub(super) fn read(text: &str) -> Result<TestReport, IngestError> {
    let features: Vec<Feature> = json::document(text, "report of Cucumber")?;
    let mut cases = Vec::new();
    for feature in &features {
        let scenarios = feature
            .elements
            .iter()
            .filter(|element| element.kind != "background");
        cases.extend(scenarios.map(|scenario| scenario.case(&feature.name)));
    }
    Ok(TestReport {
        runner: "cucumber",
        cases,
        ..TestReport::default()
    })
}

impl Scenario {
    fn case(&self, feature: &str) -> TestCase {
        let steps: Vec<_> = [&self.before, &self.steps, &self.after]
            .into_iter()
            .flatten()
            .collect();
        let is = |words: &[&str]| {
            let mut steps = steps.iter();
            steps.find(|step| words.contains(&step.result.status.to_ascii_lowercase().as_str()))
        };
        let failed = is(&["failed", "ambiguous"]);
        let unknown = is(&["undefined", "pending", "skipped"]);
        let mut case = TestCase::new(
            feature,
            &self.name,
            match (failed, unknown) {
                (Some(_), _) => Outcome::Failed,
                (None, Some(_)) => Outcome::Skipped,
                (None, None) => Outcome::Passed,
            },
        );
        case.reason = failed.or(unknown).map(|step| step.reason());
        let durations: Option<Vec<u64>> = steps.iter().map(|step| step.result.duration).collect();
        if let Some(durations) = durations.filter(|durations| !durations.is_empty()) {
            let sum = durations.into_iter().fold(0, u64::saturating_add);
            case.seconds
                .push(std::time::Duration::from_nanos(sum).as_secs_f64());
        }
        case
    }
}

impl Step {
    fn reason(&self) -> String {
        let step = format!("{} {}", self.keyword.trim(), self.name);
        match &self.result.error_message {
            Some(message) => format!("{}: {message}", step.trim()),
            None => format!("{}: {}", step.trim(), self.result.status),
        }
    }
}
