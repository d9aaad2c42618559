//! How fast the error budgets of measured functions burn, by several windows.
//!
//! Which objectives there are stands in the labels of the metrics, not in the catalogue; the rules are for all of
//! them. A goal is one of four percentages, as annotations have it, since `PromQL` makes no number of a label.

use std::collections::BTreeMap;

use super::expression::select;
use super::trials::Trial;
use super::{Alert, Rule, Severity};

/// The goals that an annotation may have, each with the share of calls that may miss it.
const GOALS: [(&str, f64); 4] = [("90", 0.1), ("95", 0.05), ("99", 0.01), ("99.9", 0.001)];

/// So many times as fast as the budget allows, over the long and the short window. The numbers are those of the
/// Site Reliability Workbook for a budget of 30 days.
const BURNS: [(f64, &str, &str, Severity); 4] = [
    (14.4, "1h", "5m", Severity::Critical),
    (6.0, "6h", "30m", Severity::Critical),
    (3.0, "1d", "2h", Severity::Warning),
    (1.0, "3d", "6h", Severity::Warning),
];

/// All windows.
const WINDOWS: [&str; 7] = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"];

/// A way to miss an objective.
struct Miss {
    /// What the share of such calls is recorded as, up to its window.
    share: &'static str,
    alert: &'static str,
    summary: &'static str,
}

const FAILED: Miss = Miss {
    share: "objective:function_calls_failed:ratio_rate",
    alert: "MadObjectiveFails",
    summary: "calls fail more often than their objective allows",
};

const SLOW: Miss = Miss {
    share: "objective:function_calls_slow:ratio_rate",
    alert: "MadObjectiveIsSlow",
    summary: "calls are slow more often than their objective allows",
};

pub(super) fn rules(job: &str) -> (Vec<Rule>, Vec<Trial>) {
    let mut rules = Vec::new();
    for window in WINDOWS {
        rules.push(recording(&FAILED, window, failed(job, window)));
        rules.push(recording(&SLOW, window, slow(job, window)));
    }
    let mut trials = Vec::new();
    for miss in [&FAILED, &SLOW] {
        let alerts: Vec<_> = GOALS
            .iter()
            .flat_map(|(goal, budget)| alerts(miss, job, goal, *budget))
            .collect();
        // The objective of the trial is the strictest.
        let strictest = alerts[alerts.len() - BURNS.len()..].iter();
        let strictest = strictest.map(|alert| trial(alert, miss, job));
        trials.extend(strictest.reduce(Trial::and));
        rules.extend(alerts.into_iter().map(Rule::Alert));
    }
    (rules, trials)
}

fn recording(miss: &Miss, window: &str, expr: String) -> Rule {
    let record = format!("{}{window}", miss.share);
    Rule::Recording { record, expr }
}

fn failed(job: &str, window: &str) -> String {
    let by = "sum by (job, objective_name, objective_percentile)";
    let all = format!("function_calls_total{{job={job:?}, objective_name!=\"\"}}");
    let errors =
        format!("function_calls_total{{job={job:?}, objective_name!=\"\", result=\"error\"}}");
    format!("{by} (rate({errors}[{window}])) / {by} (rate({all}[{window}]))")
}

/// The bucket that ends at the objective's threshold holds the calls that are quick enough. Prometheus writes `1.0`
/// where the threshold is `1`.
fn slow(job: &str, window: &str) -> String {
    let by = "sum by (job, objective_name, objective_percentile, objective_latency_threshold)";
    let of = |metric: &str| {
        format!(
            "rate(function_calls_duration_seconds_{metric}{{job={job:?}, objective_name!=\"\"}}[{window}])"
        )
    };
    let (buckets, all) = (of("bucket"), of("count"));
    format!(
        "1 - {by} ({buckets} and label_replace({buckets}, \"objective_latency_threshold\", \"$1\", \"le\", \"(.+?)([.]0)?\")) \
         / {by} ({all})"
    )
}

fn alerts(miss: &Miss, job: &str, goal: &str, budget: f64) -> Vec<Alert> {
    // Nothing burns ten times as fast as a budget of a tenth.
    let possible = BURNS.iter().filter(|(factor, ..)| factor * budget < 1.0);
    let alert = |(factor, long, short, severity): &(f64, &str, &str, Severity)| {
        let burns = |window: &str| {
            let share = format!("{}{window}", miss.share);
            let share = select(&share, job, &[("objective_percentile", goal)]);
            format!("{share} > {factor} * {budget}")
        };
        let expr = format!("{} and {}", burns(long), burns(short));
        let mut alert = Alert::new(miss.alert, expr, *severity, miss.summary);
        alert.labels.insert("window", (*long).to_owned());
        // Its series have it as well; with it no two rules are alike.
        alert.labels.insert("objective_percentile", goal.to_owned());
        alert
    };
    possible.map(alert).collect()
}

/// How long the trials go on, in seconds: the windows have something in them.
const LENGTH: f64 = 600.0;

fn trial(alert: &Alert, miss: &Miss, job: &str) -> Trial {
    let mut trial = Trial::of_job(alert, LENGTH);
    for (label, value) in objective() {
        trial = trial.expecting(label, value);
    }
    let [(ok, _), (error, _), (quick, _), ..] = calls(job);
    if miss.share == SLOW.share {
        let trial = trial.expecting("objective_latency_threshold", "1");
        return trial.with(&quick, 0.0);
    }
    trial.with(&ok, 0.0).growing(&error)
}

/// The objective that is tried.
fn objective() -> BTreeMap<&'static str, &'static str> {
    BTreeMap::from([("objective_name", "api"), ("objective_percentile", "99.9")])
}

/// The series of a function with both goals, each with whether it counts while all is well: calls that return a
/// value, those that return an error, those that are quick enough, and all by their time.
pub(super) fn calls(job: &str) -> [(String, bool); 5] {
    let series = |metric: &str, more: &[(&str, &str)]| {
        let labels: Vec<_> = objective()
            .into_iter()
            .chain(more.iter().copied())
            .collect();
        select(metric, job, &labels)
    };
    let threshold = ("objective_latency_threshold", "1");
    let bucket = "function_calls_duration_seconds_bucket";
    [
        (series("function_calls_total", &[("result", "ok")]), true),
        (
            series("function_calls_total", &[("result", "error")]),
            false,
        ),
        (series(bucket, &[threshold, ("le", "1.0")]), true),
        (series(bucket, &[threshold, ("le", "+Inf")]), true),
        (
            series("function_calls_duration_seconds_count", &[threshold]),
            true,
        ),
    ]
}
