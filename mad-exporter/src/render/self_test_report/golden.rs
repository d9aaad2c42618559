//! Whole reports, side by side with files that are read in review.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use mad_core::{
    Cause, Check, Failure, Note, Observation, Outcome, Progress, Report, RunId, SelfTestOptions,
    SelfTestResult, SelfTestRun, Step, Unit,
};

use proptest::prelude::*;

use super::{Format, report};
use crate::render::golden_file;

/// What breaks formats that are made of lines, of tags, of bars and of hashes.
const HOSTILE: &str =
    "no\nnot ok 9 - x\r\n]]></failure> & \"'|'a'=1 # TODO \\ \u{1b}[31m\u{0}\u{2028}---{";

const FORMATS: [(Format, &str); 5] = [
    (Format::Junit, "junit.xml"),
    (Format::Tap, "tap"),
    (Format::Ktap, "ktap"),
    (Format::Nagios, "nagios.txt"),
    (Format::Text, "text.txt"),
];

fn result(name: &'static str, progress: Progress) -> SelfTestResult {
    SelfTestResult {
        check: Arc::new(Check::self_test(name, SelfTestOptions::DEFAULT, |_| true)),
        progress,
    }
}

fn done(outcome: Outcome) -> Report {
    let mut report = Report::without_run(outcome, UNIX_EPOCH);
    report.duration = Duration::from_micros(12_345);
    report
}

fn step(name: &str, is_finished: bool, steps: Vec<Step>) -> Step {
    Step {
        name: name.to_owned(),
        offset: Duration::from_millis(1),
        duration: Duration::from_millis(2),
        is_finished,
        steps,
    }
}

fn finished(report: Report) -> Progress {
    Progress::Done(Arc::new(report))
}

/// A run with everything that a run can have in it.
fn run() -> SelfTestRun {
    let fail = |cause, message: &str| Outcome::Fail(Failure::new(cause, message));
    let place = Report {
        steps: vec![
            step(
                "given a customer",
                true,
                vec![step("who is known", true, vec![])],
            ),
            step("when a slower one is given up", false, vec![]),
            step(HOSTILE, true, vec![step("", true, vec![])]),
        ],
        observations: vec![
            observation("rows", 42.0, Unit::Count),
            observation("size", 1e21, Unit::Bytes),
            observation("lag", 0.25, Unit::Seconds),
            observation("used", 0.5, Unit::Ratio),
        ],
        notes: vec![note("customer 7", false), note(HOSTILE, true)],
        ..done(Outcome::Pass)
    };
    let panics = Report {
        steps: vec![step("index", false, vec![])],
        ..done(Outcome::Fail(
            Failure::new(Cause::Panicked, "index out of range").at("src/orders.rs:40:9"),
        ))
    };
    let flaky = Report {
        attempts: 2,
        ..done(Outcome::warn("flaky: passed at attempt 2, after fail: no"))
    };
    let blocked = Report::without_run(Outcome::skip("`database` is Down"), UNIX_EPOCH);
    SelfTestRun {
        id: RunId::from_text("19a8f0c2b1e-3"),
        requested_by: "10.0.0.7:50712".to_owned(),
        started_at: UNIX_EPOCH + Duration::from_millis(1_795_374_120_123),
        duration: Some(Duration::from_millis(1_250)),
        deadline: Duration::from_mins(10),
        is_overdue: false,
        is_cancelled: false,
        results: vec![
            result(
                "orders/cancel",
                finished(done(fail(Cause::Failed, HOSTILE))),
            ),
            result("orders/place", finished(place)),
            result("panics", finished(panics)),
            result(
                "slow",
                finished(done(fail(Cause::TimedOut, "had not ended after 1s"))),
            ),
            result("aborts", finished(done(fail(Cause::Aborted, "signal 6")))),
            result("flaky", finished(flaky)),
            result("skipped", finished(done(Outcome::skip("not here # TODO")))),
            result("blocked", Progress::Blocked(Arc::new(blocked))),
        ],
    }
}

fn observation(name: &str, value: f64, unit: Unit) -> Observation {
    let name = name.to_owned();
    Observation { name, value, unit }
}

fn note(text: &str, is_warning: bool) -> Note {
    Note {
        offset: Duration::from_millis(3),
        text: text.to_owned(),
        is_warning,
    }
}

fn check(text: &str, file: &str) {
    golden_file::check(text, &format!("self_test_report/golden/{file}"));
}

proptest! {
    #[test]
    fn no_text_of_a_check_changes_what_is_read(
        message in any::<String>(),
        reason in any::<String>(),
        name in any::<String>(),
    ) {
        let mut run = run();
        let steps = vec![step(&name, true, vec![step(&name, false, vec![])])];
        run.results = vec![
            result("fails", finished(Report { steps, ..done(Outcome::fail(message.as_str())) })),
            result("passes", finished(Report {
                notes: vec![note(&message, false), note(&reason, true)],
                ..done(Outcome::Pass)
            })),
            result("skips", finished(done(Outcome::skip(reason)))),
        ];

        for format in [Format::Tap, Format::Ktap] {
            let tap = report(&run, format, "host-1");
            let is_test = |line: &&str| line.starts_with("ok") || line.starts_with("not ok");
            let tests: Vec<_> = tap.split('\n').filter(is_test).collect();
            prop_assert_eq!(&tests[..2], ["not ok 1 - fails", "ok 2 - passes"]);
            prop_assert!(tests.len() == 3 && tests[2].starts_with("ok 3 - skips # SKIP"));
            prop_assert!(!tap.contains("\nBail out!"));
        }

        let nagios = report(&run, Format::Nagios, "host-1");
        let mut lines = nagios.split('\n');
        let first = lines.next().unwrap_or_default();
        prop_assert!(first.starts_with("SELFTEST CRITICAL - fails has not passed | pass=1;;;0 "));
        prop_assert_eq!(nagios.matches('|').count(), 1);
        prop_assert_eq!(lines.count(), 3);

        let text = report(&run, Format::Text, "host-1");
        let heads = text.lines().filter(|line| line.starts_with(|letter: char| letter.is_uppercase()));
        prop_assert_eq!(heads.count(), 4);

        let junit = report(&run, Format::Junit, "host-1");
        let junit = roxmltree::Document::parse(&junit).unwrap();
        let count = |name| junit.descendants().filter(|node| node.has_tag_name(name)).count();
        prop_assert_eq!((count("testcase"), count("failure"), count("error"), count("skipped")), (3, 1, 0, 1));
    }
}

#[test]
fn what_a_monitoring_plugin_prints_is_bounded() {
    let mut run = run();
    let long = "|".repeat(4_000);
    let fails = || result("fails", finished(done(Outcome::fail(long.as_str()))));
    run.results = (0..2_000).map(|_| fails()).collect();
    let output = report(&run, Format::Nagios, "host-1");
    assert!(output.len() < 8 * 1024, "{}", output.len());
    assert_eq!(output.matches('|').count(), 1);
    assert!(output.ends_with("\n...\n"));
}

#[test]
fn a_run_reads_as_its_golden_files_do() {
    for (format, file) in FORMATS {
        check(&report(&run(), format, "host-1"), file);
    }
}

#[test]
fn a_run_that_goes_on_is_green_in_no_format() {
    let mut open = run();
    open.duration = None;
    open.results = vec![
        result("first", finished(done(Outcome::Pass))),
        result("second", Progress::Running),
        result("third", Progress::Waiting),
    ];
    for (format, file) in FORMATS {
        check(&report(&open, format, "host-1"), &format!("open.{file}"));
    }
}

#[test]
fn a_run_that_was_cancelled_is_green_in_no_format() {
    let mut cancelled = run();
    cancelled.is_cancelled = true;
    cancelled.results = vec![
        result("first", finished(done(Outcome::Pass))),
        result(
            "second",
            finished(done(Outcome::skip("the run was cancelled"))),
        ),
    ];
    for (format, file) in FORMATS {
        check(
            &report(&cancelled, format, "host-1"),
            &format!("cancelled.{file}"),
        );
    }
}
