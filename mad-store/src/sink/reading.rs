//! A number as sinks get it.

use std::collections::BTreeMap;

use super::push::{Extra, PushOptions, Time};
use super::spelling::legal_name;
use crate::{Environment, Recording};

/// The metrics of a store that others use too are told apart by it.
const PREFIX: &str = "mad_";

/// A number as sinks get it: a name, labels, a time and a value.
///
/// ```
/// use mad_store::sink::{PushOptions, readings};
/// use mad_store::{Direction, Environment, Metric, MetricKind, Recording, Sample, Subject, SubjectKind};
///
/// let environment = Environment { host: "ci-3".to_owned(), ..Environment::default() };
/// let mut recording = Recording::new(environment, 1_790_000_000_000);
/// let duration = Metric::new("test_duration_seconds", "seconds", MetricKind::Noisy, Direction::Lower);
/// recording.samples.push(Sample::new(Subject::new(SubjectKind::Test, "shop", "orders"), duration, 0.25));
///
/// let readings = readings(&recording, &PushOptions::default());
/// assert_eq!(readings[0].series(), r#"mad_run_info{host="ci-3",status="complete"}"#);
/// let series = r#"mad_test_duration_seconds{host="ci-3",kind="test",package="shop",subject="orders"}"#;
/// assert_eq!(readings[1].series(), series);
/// assert_eq!((readings[1].at, readings[1].value), (1_790_000_000_000, 0.25));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The name of the metric, legal in Prometheus.
    pub name: String,
    /// The labels by name; none of them is empty, and no name comes twice.
    pub labels: Vec<(String, String)>,
    /// The unit of the value, in the plural; empty for plain numbers.
    pub unit: String,
    /// Milliseconds since 1970.
    pub at: i64,
    /// The number.
    pub value: f64,
}

impl Reading {
    /// The series that it belongs to, as Prometheus writes it.
    pub fn series(&self) -> String {
        let labels: Vec<_> = self
            .labels
            .iter()
            .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
            .collect();
        format!("{}{{{}}}", self.name, labels.join(","))
    }

    /// A label's value, empty if there is none of that name.
    pub(super) fn label(&self, name: &str) -> &str {
        let label = self.labels.iter().find(|(label, _)| label == name);
        label.map_or("", |(_, value)| value)
    }
}

/// Escapes a label's value, as Prometheus' text formats want it.
pub(super) fn escaped(value: &str) -> String {
    value
        .replace('\\', r"\\")
        .replace('\n', r"\n")
        .replace('"', "\\\"")
}

/// What a recording is to a sink: a series that says which commit was measured, and its numbers.
pub fn readings(recording: &Recording, options: &PushOptions) -> Vec<Reading> {
    let at = match (&options.time, &recording.commit) {
        (Time::Commit, Some(commit)) => commit.committed_at.saturating_mul(1000),
        _ => recording.started_at,
    };
    let mut common = environment(&recording.environment);
    for extra in &options.with {
        match extra {
            Extra::Commit => common.insert("commit".to_owned(), commit(recording)),
            Extra::Branch => common.insert("branch".to_owned(), branch(recording)),
        };
    }
    common.extend(
        options
            .labels
            .iter()
            .map(|(name, value)| (label_name(name), value.clone())),
    );
    let info = Reading {
        name: format!("{PREFIX}run_info"),
        labels: labels(&common, &run_info(recording)),
        unit: String::new(),
        at,
        value: 1.0,
    };
    let numbers = recording.samples.iter().map(|sample| Reading {
        name: format!("{PREFIX}{}", legal_name(&sample.metric.name)),
        labels: labels(
            &common,
            &[
                ("kind", sample.subject.kind.word()),
                ("package", &sample.subject.package),
                ("subject", &sample.subject.name),
            ],
        ),
        unit: sample.metric.unit.clone(),
        at,
        value: sample.value,
    });
    std::iter::once(info).chain(numbers).collect()
}

/// A label that is called like the one that Prometheus has for the name of the metric would be a second one of it.
fn label_name(name: &str) -> String {
    match legal_name(name).as_str() {
        "__name__" => "name".to_owned(),
        legal => legal.to_owned(),
    }
}

fn environment(environment: &Environment) -> BTreeMap<String, String> {
    let cell: Vec<_> = environment
        .cell
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let cell = cell.join(",");
    let facts = [
        ("host", &environment.host),
        ("toolchain", &environment.toolchain),
        ("target", &environment.target),
        ("runner", &environment.runner),
        ("profile", &environment.profile),
        ("features", &environment.features),
        ("cell", &cell),
    ];
    facts
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect()
}

/// What changes from run to run, and would make a new series of everything each time.
fn run_info(recording: &Recording) -> [(&'static str, String); 4] {
    let dirty = if recording.dirty { "true" } else { "" };
    [
        ("commit", commit(recording)),
        ("branch", branch(recording)),
        ("dirty", dirty.to_owned()),
        ("status", recording.status.word().to_owned()),
    ]
}

fn commit(recording: &Recording) -> String {
    let commit = recording.commit.as_ref();
    commit.map(|commit| commit.id.clone()).unwrap_or_default()
}

fn branch(recording: &Recording) -> String {
    recording.branch.clone().unwrap_or_default()
}

/// All labels that are not empty, by name. Those of the environment and of the sink give way to the others.
fn labels(
    common: &BTreeMap<String, String>,
    own: &[(&str, impl AsRef<str>)],
) -> Vec<(String, String)> {
    let mut all = common.clone();
    all.extend(
        own.iter()
            .map(|(name, value)| ((*name).to_owned(), value.as_ref().to_owned())),
    );
    all.retain(|_, value| !value.is_empty());
    all.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn labels_are_sorted_and_none_comes_twice_whatever_is_asked_for(
            given in proptest::collection::btree_map("__name__|host|kind|[ -~]{0,8}", ".*", 0..6),
            host in ".*",
        ) {
            let recording = Recording::new(Environment { host, ..Environment::default() }, 0);
            let options = PushOptions { labels: given, with: vec![Extra::Branch], ..PushOptions::default() };
            let labels = readings(&recording, &options).remove(0).labels;
            prop_assert!(labels.is_sorted_by(|(one, _), (other, _)| one < other), "{labels:?}");
            prop_assert!(labels.iter().all(|(name, value)| name != "__name__" && !value.is_empty()));
        }
    }
}
