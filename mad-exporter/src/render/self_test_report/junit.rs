//! The XML that CI servers collect, as Jenkins and Surefire have it.
//!
//! The schema has no place for what a test observed, other than text and the properties of the whole.

use std::time::Duration;

use mad_core::{Report, SelfTestResult, SelfTestRun};

use super::verdict::{Verdict, why_cut};
use super::xml::Xml;
use crate::render::timestamp::rfc3339;

/// Writes a run as one suite of one case for each test.
pub(super) fn document(run: &SelfTestRun, host: &str) -> String {
    let verdicts: Vec<_> = run.results.iter().map(Verdict::of).collect();
    let cut = why_cut(run);
    let count = |is: fn(&Verdict) -> bool| verdicts.iter().filter(|verdict| is(verdict)).count();
    let of_the_whole = usize::from(cut.is_some());
    let tests = (run.results.len() + of_the_whole).to_string();
    let failures = count(|verdict| matches!(verdict, Verdict::Failed(_))).to_string();
    let errors = count(|verdict| matches!(verdict, Verdict::Error { .. })) + of_the_whole;
    let errors = errors.to_string();
    let skipped = count(|verdict| matches!(verdict, Verdict::Skipped(_))).to_string();
    let time = seconds(run.duration.unwrap_or_else(|| so_far(run)));
    // With its zone: a reader that finds none takes it for one of its own.
    let timestamp = rfc3339(run.started_at);
    let totals = [
        ("name", "self-tests"),
        ("tests", &tests),
        ("failures", &failures),
        ("errors", &errors),
        ("time", &time),
    ];
    let suite = [
        &totals[..],
        &[
            ("skipped", &skipped),
            ("timestamp", &timestamp),
            ("hostname", host),
            ("id", run.id.as_str()),
        ],
    ]
    .concat();

    let mut xml = Xml::new();
    xml.open("testsuites", &totals);
    xml.open("testsuite", &suite);
    properties(&mut xml, run);
    for (result, verdict) in run.results.iter().zip(&verdicts) {
        case(&mut xml, result, verdict);
    }
    if let Some(why) = &cut {
        xml.open(
            "testcase",
            &[
                ("name", "the whole run"),
                ("classname", "mad"),
                ("time", &time),
            ],
        );
        xml.leaf("error", &[("type", "aborted"), ("message", why)], "");
        xml.close();
    }
    xml.finish()
}

/// What is known of the whole, and every number that was observed, as `TEST:OBSERVATION`.
fn properties(xml: &mut Xml, run: &SelfTestRun) {
    xml.open("properties", &[]);
    property(xml, "run", run.id.as_str());
    property(xml, "requested_by", &run.requested_by);
    property(xml, "outcome", run.outcome().as_str());
    property(xml, "is_finished", &run.is_finished().to_string());
    for result in &run.results {
        let observations = result.report().map(|report| &report.observations);
        for observation in observations.into_iter().flatten() {
            let name = format!("{}:{}", result.check.name(), observation.name);
            let value = format!("{} {}", observation.value, observation.unit.as_str());
            property(xml, &name, &value);
        }
    }
    xml.close();
}

fn property(xml: &mut Xml, name: &str, value: &str) {
    xml.leaf("property", &[("name", name), ("value", value)], "");
}

fn case(xml: &mut Xml, result: &SelfTestResult, verdict: &Verdict) {
    let check = &result.check;
    let class = class(check.location().module);
    let time = seconds(
        result
            .report()
            .map_or(Duration::ZERO, |report| report.duration),
    );
    let attributes = [
        ("name", check.name()),
        ("classname", &class),
        ("time", &time),
    ];
    xml.open("testcase", &attributes);
    match verdict {
        Verdict::Passed | Verdict::Warned(_) => {}
        Verdict::Skipped(reason) => xml.leaf("skipped", &[("message", reason)], ""),
        Verdict::Failed(message) => {
            xml.leaf(
                "failure",
                &[("type", "failed"), ("message", message)],
                message,
            );
        }
        Verdict::Error { kind, message } => {
            xml.leaf("error", &[("type", kind), ("message", message)], message);
        }
    }
    if let Some(report) = result.report() {
        xml.leaf("system-out", &[], &report.to_string());
    }
    xml.close();
}

/// Makes a class of a module: readers make folders of it at the points. A check that was made at run
/// time stands in none.
fn class(module: &str) -> String {
    if module.is_empty() {
        "self_tests".to_owned()
    } else {
        module.replace("::", ".")
    }
}

/// Returns how long the tests took that are over.
fn so_far(run: &SelfTestRun) -> Duration {
    let reports = run.results.iter().filter_map(SelfTestResult::report);
    reports.map(|report: &Report| report.duration).sum()
}

fn seconds(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64())
}
