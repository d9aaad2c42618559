//! What the rules are tried with: a world in which all is well, and one thing after the other that is not.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::catalogue::{Catalogue, seconds};

use super::Alert;
use super::expression::{of_check, select};
use super::objectives;
use super::of_checks::shown;
use super::of_self_tests::passed;

/// How often rules are evaluated, in seconds. What is to be seen takes days of it, and many rules.
pub(super) const STEP: f64 = 600.0;

/// How often series are sampled, in seconds; some samples are in the shortest window.
const SAMPLE: f64 = 60.0;

/// The instance that the series are of.
const INSTANCE: &str = "one";

/// What a series does.
#[derive(Clone, Copy)]
enum Values {
    /// It stays at this number.
    Constant(f64),
    /// It counts one a step.
    Growing,
}

/// What all series do while all is well.
pub(super) struct World {
    job: String,
    series: BTreeMap<String, Values>,
}

/// One thing that is wrong, and the alerts that are to say so.
pub(super) struct Trial {
    alert: &'static str,
    /// After so many seconds they fire.
    after: f64,
    expected: Vec<Fired>,
    changed: Vec<(String, Option<Values>)>,
}

/// An alert that fires.
#[derive(Clone, Serialize)]
struct Fired {
    exp_labels: BTreeMap<&'static str, String>,
    exp_annotations: BTreeMap<&'static str, String>,
}

impl World {
    pub(super) fn new(catalogue: &Catalogue, job: &str) -> Self {
        let mut series = BTreeMap::from([
            (select("up", job, &[]), Values::Constant(1.0)),
            (
                select(
                    "mad_runtime_lag_seconds",
                    job,
                    &[("runtime", "application")],
                ),
                Values::Constant(0.0),
            ),
        ]);
        for check in &catalogue.health_checks {
            let of_check = |metric| of_check(metric, job, &check.about.name);
            series.insert(shown(check, job), Values::Constant(1.0));
            series.insert(of_check("mad_check_age_seconds"), Values::Constant(0.0));
            series.insert(of_check("mad_check_stuck"), Values::Constant(0.0));
            series.insert(of_check("mad_check_maintenance"), Values::Constant(0.0));
            series.insert(
                of_check("mad_check_transitions_total"),
                Values::Constant(1.0),
            );
        }
        for test in &catalogue.self_tests {
            let of_check = |metric| of_check(metric, job, &test.about.name);
            series.insert(of_check("mad_selftest_health"), Values::Constant(1.0));
            series.insert(of_check("mad_selftest_stuck"), Values::Constant(0.0));
            series.insert(of_check("mad_selftest_maintenance"), Values::Constant(0.0));
            series.insert(passed(&test.about.name, job), Values::Growing);
        }
        for (name, is_good) in objectives::calls(job) {
            series.insert(
                name,
                if is_good {
                    Values::Growing
                } else {
                    Values::Constant(0.0)
                },
            );
        }
        Self {
            job: job.to_owned(),
            series,
        }
    }
}

impl Trial {
    /// Begins one in which an alert fires for an instance, after so many seconds of what is said next.
    pub(super) fn of_instance(alert: &Alert, after: f64) -> Self {
        Self::of_job(alert, after).expecting("instance", INSTANCE)
    }

    /// Begins one in which an alert fires for all instances together.
    pub(super) fn of_job(alert: &Alert, after: f64) -> Self {
        let shown = |(name, text): (&&'static str, &String)| (*name, expanded(text));
        let fired = Fired {
            exp_labels: alert.labels.iter().map(shown).collect(),
            exp_annotations: alert.annotations.iter().map(shown).collect(),
        };
        Self {
            alert: alert.name,
            after,
            expected: vec![fired],
            changed: Vec::new(),
        }
    }

    /// Expects another label in all that fire.
    pub(super) fn expecting(mut self, label: &'static str, value: &str) -> Self {
        for fired in &mut self.expected {
            fired.exp_labels.insert(label, value.to_owned());
        }
        self
    }

    /// Expects what another trial expects as well.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.expected.extend(other.expected);
        self
    }

    /// A series stays at a number.
    pub(super) fn with(self, series: &str, value: f64) -> Self {
        self.changing(series, Some(Values::Constant(value)))
    }

    /// A series counts.
    pub(super) fn growing(self, series: &str) -> Self {
        self.changing(series, Some(Values::Growing))
    }

    /// A series is not there.
    pub(super) fn without(self, series: &str) -> Self {
        self.changing(series, None)
    }

    fn changing(mut self, series: &str, values: Option<Values>) -> Self {
        self.changed.push((series.to_owned(), values));
        self
    }

    fn steps(&self) -> f64 {
        (self.after / STEP).ceil()
    }
}

/// What is read where a text was written as a template that stands for itself.
fn expanded(text: &str) -> String {
    text.replace("{{\"{{\"}}", "{{")
}

/// The file.
#[derive(Serialize)]
pub(super) struct File {
    rule_files: Vec<String>,
    evaluation_interval: String,
    tests: Vec<Situation>,
}

#[derive(Serialize)]
struct Situation {
    name: String,
    interval: String,
    input_series: Vec<Series>,
    alert_rule_test: Vec<Expectation>,
}

#[derive(Serialize)]
struct Series {
    series: String,
    values: String,
}

#[derive(Serialize)]
struct Expectation {
    eval_time: String,
    alertname: &'static str,
    exp_alerts: Vec<Fired>,
}

/// Makes the file that tries out the rules in a file of this name.
pub(super) fn file(rules: &str, world: &World, trials: &[Trial]) -> File {
    let longest = trials.iter().map(Trial::steps).fold(0.0, f64::max);
    let names: BTreeSet<_> = trials.iter().map(|trial| trial.alert).collect();
    let silence = names
        .into_iter()
        .map(|alert| expectation(alert, longest, Vec::new()));
    let all_is_well = Situation {
        name: "nobody is told of anything while all is well".to_owned(),
        interval: seconds(SAMPLE),
        input_series: series(&world.series, longest),
        alert_rule_test: silence.collect(),
    };
    let one_is_wrong = trials.iter().map(|trial| {
        let mut changed = world.series.clone();
        for (series, values) in &trial.changed {
            match values {
                Some(values) => changed.insert(series.clone(), *values),
                None => changed.remove(series),
            };
        }
        let mut expected = trial.expected.clone();
        for fired in &mut expected {
            fired.exp_labels.insert("job", world.job.clone());
        }
        let steps = trial.steps();
        let of = trial.expected[0].exp_labels.get("check");
        Situation {
            name: of.map_or(trial.alert.to_owned(), |check| {
                format!("{} of {check}", trial.alert)
            }),
            interval: seconds(SAMPLE),
            input_series: series(&changed, steps),
            alert_rule_test: vec![expectation(trial.alert, steps, expected)],
        }
    });
    File {
        rule_files: vec![rules.to_owned()],
        evaluation_interval: seconds(STEP),
        tests: [all_is_well].into_iter().chain(one_is_wrong).collect(),
    }
}

fn expectation(alertname: &'static str, steps: f64, exp_alerts: Vec<Fired>) -> Expectation {
    Expectation {
        eval_time: seconds(steps * STEP),
        alertname,
        exp_alerts,
    }
}

fn series(world: &BTreeMap<String, Values>, steps: f64) -> Vec<Series> {
    let samples = steps * STEP / SAMPLE;
    let series = world.iter().map(|(name, values)| Series {
        series: format!("{}, instance={INSTANCE:?}}}", name.trim_end_matches('}')),
        values: match values {
            Values::Constant(value) => format!("{value}x{samples}"),
            Values::Growing => format!("0+1x{samples}"),
        },
    });
    series.collect()
}
