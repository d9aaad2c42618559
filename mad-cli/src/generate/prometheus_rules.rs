//! Alerts and recording rules for Prometheus, and the file that `promtool test rules` tries them with.

mod expression;
mod instance;
mod objectives;
mod of_checks;
mod of_self_tests;
mod trials;

use std::collections::BTreeMap;

use clap::Args;
use serde::Serialize;

use super::common::{Made, Service};

use crate::catalogue::{About, Catalogue, seconds};
use expression::literal;
use trials::{Trial, World};

/// How the rules are written.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// Writes the unit tests of the rules instead
    #[arg(long, conflicts_with = "output")]
    tests: bool,
}

pub(super) fn make(service: &Service<'_>, options: &Options) -> Vec<Made> {
    let rules = Rules::new(service.checks, service.name);
    let file = format!("{}.rules.yml", service.name);
    let tests = Made {
        file: format!("{}.rules.test.yml", service.name),
        text: rules.tests(&file),
    };
    if options.tests {
        return vec![tests];
    }
    let text = rules.text();
    vec![Made { file, text }, tests]
}

/// The rules for a service, and what each is tried with.
struct Rules {
    groups: Vec<Group>,
    world: World,
    trials: Vec<Trial>,
}

/// The file.
#[derive(Serialize)]
struct File<'a> {
    groups: &'a [Group],
}

/// Rules that are evaluated one after the other.
#[derive(Serialize)]
struct Group {
    name: String,
    rules: Vec<Rule>,
}

/// A rule: what is alerted about, or what is written down.
#[derive(Serialize)]
#[serde(untagged)]
enum Rule {
    Recording { record: String, expr: String },
    Alert(Alert),
}

/// A rule that alerts.
#[derive(Clone, Serialize)]
struct Alert {
    #[serde(rename = "alert")]
    name: &'static str,
    expr: String,
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    lasting: Option<String>,
    labels: BTreeMap<&'static str, String>,
    annotations: BTreeMap<&'static str, String>,
}

/// How soon somebody has to look.
#[derive(Clone, Copy)]
enum Severity {
    /// Now: customers notice.
    Critical,
    /// When people work.
    Warning,
}

impl Rules {
    /// Makes the rules for what a service says of its checks; its targets have this job.
    fn new(catalogue: &Catalogue, job: &str) -> Self {
        let mut rules = Self {
            groups: Vec::new(),
            world: World::new(catalogue, job),
            trials: Vec::new(),
        };
        rules.add(job, "instance", instance::rules(job));
        rules.add(job, "checks", of_checks::rules(catalogue, job));
        rules.add(job, "self-tests", of_self_tests::rules(catalogue, job));
        rules.add(job, "objectives", objectives::rules(job));
        rules
    }

    fn add(&mut self, job: &str, what: &str, (rules, trials): (Vec<Rule>, Vec<Trial>)) {
        if !rules.is_empty() {
            let name = format!("{job}-{what}");
            self.groups.push(Group { name, rules });
        }
        self.trials.extend(trials);
    }

    /// Returns the file.
    fn text(&self) -> String {
        yaml(&File {
            groups: &self.groups,
        })
    }

    /// Returns the file with the tests of the rules, which are in a file of this name beside it.
    fn tests(&self, rules: &str) -> String {
        yaml(&trials::file(rules, &self.world, &self.trials))
    }
}

fn yaml(document: &impl Serialize) -> String {
    serde_saphyr::to_string(document).expect("texts and lists of them can be written")
}

impl Alert {
    fn new(name: &'static str, expr: String, severity: Severity, summary: &str) -> Self {
        let severity = match severity {
            Severity::Critical => "critical",
            Severity::Warning => "warning",
        };
        Self {
            name,
            expr,
            lasting: None,
            labels: BTreeMap::from([("severity", severity.to_owned())]),
            annotations: BTreeMap::from([("summary", summary.to_owned())]),
        }
    }

    /// Waits with it until it has held for so many seconds.
    fn lasting(self, length: f64) -> Self {
        let lasting = Some(seconds(length));
        Self { lasting, ..self }
    }

    /// Says which check it is about, what that is for, whose it is and what to do.
    fn about(mut self, check: &About) -> Self {
        self.labels.insert("check", literal(&check.name));
        if let Some(owner) = &check.owner {
            self.labels.insert("owner", literal(owner));
        }
        let annotations = [
            ("description", Some(check.summary.as_str())),
            ("runbook_url", check.runbook.as_deref()),
        ];
        for (name, text) in annotations {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                self.annotations.insert(name, literal(text));
            }
        }
        self
    }
}
