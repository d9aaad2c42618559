//! Reports of other tools are taken whole, or refused.

use std::time::{Duration, SystemTime};

use mad_measure::ingest::{
    Format, IngestError, Report, detect, read, read_criterion, read_criterion_since,
};
use mad_store::Subject;
use proptest::prelude::*;

const JUNIT: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest" tests="3" time="0.5" timestamp="2024-02-29T12:30:45.678000+00:00" hostname="h">
  <testcase classname="test_shop.TestOrders" name="test_placed[1]" time="0.25"/>
  <testcase classname="test_shop" name="test_stock" time="0.001"><failure message="assert 1 == 2">def test_stock():
&gt;   assert 1 == 2</failure></testcase>
  <testcase classname="test_shop" name="test_later" time="0"><skipped type="pytest.skip" message="no stock"/></testcase>
</testsuite></testsuites>"#;

const TAP: &str = "TAP version 14
1..4
ok 1 - orders are placed
  ---
  duration_ms: 12.5
  ...
not ok 2 - orders are cancelled
  ---
  message: 'the stock is empty'
  ...
ok 3 - a warehouse # SKIP there is none
# Subtest: deliveries
    ok 1 - go out
    not ok 2 - come back # TODO some day
    1..2
ok 4 - deliveries
";

const LIBTEST: &str = "     Running unittests src/lib.rs (target/debug/deps/shop-0123456789abcdef)

running 3 tests
test orders::are_placed ... ok
test orders::are_cancelled ... FAILED
test orders::are_lost ... ignored, nobody does

failures:

---- orders::are_cancelled stdout ----

thread 'orders::are_cancelled' (7) panicked at src/lib.rs:9:5:
the stock is empty
stack backtrace:
   0: begin

failures:
    orders::are_cancelled

test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
";

const LIBTEST_JSON: &str = r#"{ "type": "suite", "event": "started", "test_count": 3 }
{ "type": "test", "event": "started", "name": "shop::bin$orders::are_placed" }
{ "type": "test", "name": "shop::bin$orders::are_placed", "event": "ok", "exec_time": 0.25 }
{ "type": "test", "name": "shop::bin$orders::are_cancelled", "event": "failed", "stdout": "the stock is empty\n" }
{ "type": "test", "name": "shop::bin$orders::are_lost", "event": "ignored" }
{ "type": "suite", "event": "failed", "passed": 1, "failed": 1, "ignored": 1, "measured": 0, "filtered_out": 0, "exec_time": 0.3 }
"#;

const NEXTEST: &str = "    Finished `test` profile [unoptimized + debuginfo] target(s) in 2.35s
 Nextest run ID 6550ffd5 with nextest profile: default
    Starting 3 tests across 1 binary (1 test skipped)
  TRY 1 FAIL [   0.100s] (───) shop orders::are_late
        PASS [   0.250s] (1/3) shop::whole orders_are_placed
        FAIL [   0.010s] (2/3) shop orders::are_cancelled
  stderr ───
    thread 'main' panicked
  TRY 2 PASS [   0.036s] (3/3) shop orders::are_late
────────────
     Summary [   1.069s] 3 tests run: 2 passed (1 flaky), 1 failed, 1 skipped
        FAIL [   0.010s] (2/3) shop orders::are_cancelled
error: test run failed
";

const CARGO: &str = r#"{"reason":"compiler-artifact","package_id":"shop","fresh":false}
{"reason":"compiler-message","package_id":"shop","message":{"level":"warning","message":"this is long","code":{"code":"clippy::too_many_lines","explanation":null},"spans":[{"file_name":"src/lib.rs","line_start":3,"column_start":1,"is_primary":true}]}}
{"reason":"compiler-message","package_id":"shop","message":{"level":"warning","message":"this is long","code":{"code":"clippy::too_many_lines","explanation":null},"spans":[{"file_name":"src/lib.rs","line_start":3,"column_start":1,"is_primary":true}]}}
{"reason":"compiler-message","package_id":"shop","message":{"level":"warning","message":"unused","code":{"code":"unused_variables","explanation":null},"spans":[{"file_name":"src/lib.rs","line_start":9,"column_start":1,"is_primary":true}]}}
{"reason":"compiler-message","package_id":"shop","message":{"level":"warning","message":"2 warnings emitted","code":null,"spans":[]}}
{"reason":"build-finished","success":true}
"#;

const LCOV: &str = "TN:
SF:/home/shop/src/lib.rs
FN:1,one
FN:5,two
FNDA:3,one
FNDA:0,two
DA:1,3
DA:2,3
DA:3,0
DA:5,0
BRDA:2,0,0,3
BRDA:2,0,1,-
end_of_record
";

const COBERTURA: &str = r#"<?xml version="1.0" ?>
<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
<coverage line-rate="0.5" version="7"><packages><package name="shop"><classes>
<class name="lib.rs" filename="/home/shop/src/lib.rs" line-rate="0.5"><methods>
<method name="one" signature=""><lines><line number="1" hits="3"/></lines></method>
<method name="two" signature=""><lines><line number="5" hits="0"/></lines></method>
</methods><lines><line number="1" hits="3"/><line number="2" hits="3" branch="true" condition-coverage="50% (1/2)"/>
<line number="3" hits="0"/><line number="5" hits="0"/></lines></class></classes></package></packages></coverage>"#;

const CUCUMBER: &str = r#"[{"uri":"orders.feature","name":"Orders","elements":[
{"type":"background","name":"","steps":[{"name":"a shop","keyword":"Given ","result":{"status":"passed","duration":5}}]},
{"type":"scenario","name":"placing","steps":[{"name":"a cart","keyword":"Given ","result":{"status":"passed","duration":250000000}}]},
{"type":"scenario","name":"cancelling","steps":[{"name":"a cart","keyword":"When ","result":{"status":"failed","error_message":"the stock is empty"}}]},
{"type":"scenario","name":"losing","steps":[{"name":"a cart","keyword":"When ","result":{"status":"undefined"}}]}]}]"#;

const PYTEST: &str = r#"{"created":1709209845.5,"duration":0.5,"exitcode":1,"root":"/r","environment":{},"summary":{"passed":1,"failed":1,"skipped":1,"total":3},
"tests":[{"nodeid":"test_shop.py::TestOrders::test_placed","outcome":"passed","setup":{"duration":0.05,"outcome":"passed"},"call":{"duration":0.2,"outcome":"passed"}},
{"nodeid":"test_shop.py::test_stock","outcome":"failed","call":{"duration":0.01,"outcome":"failed","crash":{"path":"t","lineno":1,"message":"the stock is empty"}}},
{"nodeid":"test_shop.py::test_later","outcome":"skipped","setup":{"duration":0.0,"outcome":"skipped","longrepr":["t",1,"Skipped: later"]}}]}"#;

const GO_TEST: &str = r#"{"Time":"2024-02-29T12:30:45.678Z","Action":"start","Package":"shop"}
{"Time":"2024-02-29T12:30:45.7Z","Action":"run","Package":"shop","Test":"TestPlaced"}
{"Time":"2024-02-29T12:30:45.8Z","Action":"pass","Package":"shop","Test":"TestPlaced","Elapsed":0.25}
{"Time":"2024-02-29T12:30:45.8Z","Action":"run","Package":"shop","Test":"TestStock/empty"}
{"Time":"2024-02-29T12:30:45.8Z","Action":"output","Package":"shop","Test":"TestStock/empty","Output":"    shop_test.go:9: the stock is empty\n"}
{"Time":"2024-02-29T12:30:45.8Z","Action":"fail","Package":"shop","Test":"TestStock/empty","Elapsed":0}
{"Time":"2024-02-29T12:30:45.8Z","Action":"run","Package":"shop","Test":"TestLater"}
{"Time":"2024-02-29T12:30:45.8Z","Action":"skip","Package":"shop","Test":"TestLater","Elapsed":0}
{"Time":"2024-02-29T12:30:46.178Z","Action":"fail","Package":"shop","Elapsed":0.5}
"#;

const REPORTS: [(Format, &str); 11] = [
    (Format::JUnit, JUNIT),
    (Format::Tap, TAP),
    (Format::Libtest, LIBTEST),
    (Format::LibtestJson, LIBTEST_JSON),
    (Format::Nextest, NEXTEST),
    (Format::Cargo, CARGO),
    (Format::Lcov, LCOV),
    (Format::Cobertura, COBERTURA),
    (Format::Cucumber, CUCUMBER),
    (Format::Pytest, PYTEST),
    (Format::GoTest, GO_TEST),
];

fn report(format: Format, text: &str) -> Report {
    read(format, text.as_bytes()).unwrap_or_else(|error| panic!("{format:?}: {error}"))
}

fn value(report: &Report, subject: &str, metric: &str) -> Option<f64> {
    let subject: Subject = subject.parse().expect("a subject");
    let mut samples = report.measured.samples.iter();
    let sample = samples.find(|sample| sample.subject == subject && sample.metric.name == metric);
    sample.map(|sample| sample.value)
}

#[test]
fn the_format_shows() {
    for (format, text) in REPORTS {
        assert_eq!(detect(text.as_bytes()), Some(format));
    }
    for other in ["", "hello", "<html/>", "{\"a\": 1}", "\u{1}\u{2}"] {
        assert_eq!(detect(other.as_bytes()), None, "{other}");
    }
    assert_eq!(detect(b"\xff\xfe"), None);
}

/// Of each three tests one passed, one failed, one was left out.
#[test]
fn tests_are_told_by_every_format_of_tests() {
    for (format, runner, passed, failed) in [
        (
            Format::JUnit,
            "junit",
            "pytest test_shop.TestOrders::test_placed[1]",
            "pytest test_shop::test_stock",
        ),
        (
            Format::Libtest,
            "libtest",
            "shop orders::are_placed",
            "shop orders::are_cancelled",
        ),
        (
            Format::LibtestJson,
            "nextest",
            "shop bin::orders::are_placed",
            "shop bin::orders::are_cancelled",
        ),
        (
            Format::Cucumber,
            "cucumber",
            "Orders placing",
            "Orders cancelling",
        ),
        (
            Format::Pytest,
            "pytest",
            "test_shop.py TestOrders::test_placed",
            "test_shop.py test_stock",
        ),
        (
            Format::GoTest,
            "go",
            "shop TestPlaced",
            "shop TestStock/empty",
        ),
    ] {
        let text = REPORTS
            .into_iter()
            .find(|(other, _)| *other == format)
            .expect("there is one")
            .1;
        let report = report(format, text);
        assert_eq!(report.runner, runner);
        for metric in ["tests_passed", "tests_failed", "tests_skipped"] {
            assert_eq!(
                value(&report, "run", metric),
                Some(1.0),
                "{metric} of {format:?}"
            );
        }
        assert_eq!(
            value(&report, &format!("test {passed}"), "test_passed"),
            Some(1.0),
            "{format:?}"
        );
        assert_eq!(
            value(&report, &format!("test {failed}"), "test_passed"),
            Some(0.0),
            "{format:?}"
        );
        if format != Format::Libtest {
            assert_eq!(
                value(&report, &format!("test {passed}"), "test_duration_seconds"),
                Some(0.25),
                "{format:?}"
            );
        }
        let note = report
            .measured
            .notes
            .iter()
            .find(|note| failed.ends_with(&note.subject.name));
        let note = &note
            .unwrap_or_else(|| panic!("{format:?} has no reason"))
            .text;
        assert!(
            note.contains("the stock is empty") || note.contains("assert 1 == 2"),
            "{note}"
        );
        assert!(!note.contains("stack backtrace"), "{note}");
    }
}

#[test]
fn times_of_reports_are_kept() {
    let junit = report(Format::JUnit, JUNIT);
    assert_eq!(junit.started_at, Some(1_709_209_845_678));
    let go = report(Format::GoTest, GO_TEST);
    assert_eq!(
        (go.started_at, go.seconds),
        (Some(1_709_209_845_678), Some(0.5))
    );
    let pytest = report(Format::Pytest, PYTEST);
    assert_eq!(
        (pytest.started_at, pytest.seconds),
        (Some(1_709_209_845_000), Some(0.5))
    );
}

#[test]
fn tap_has_directives_details_and_subtests() {
    let tap = report(Format::Tap, TAP);
    assert_eq!(value(&tap, "run", "tests_passed"), Some(2.0));
    assert_eq!(value(&tap, "run", "tests_skipped"), Some(2.0));
    assert_eq!(
        value(&tap, "test - orders are placed", "test_duration_seconds"),
        Some(0.0125)
    );
    assert_eq!(
        value(&tap, "test - deliveries > go out", "test_passed"),
        Some(1.0)
    );
    assert_eq!(value(&tap, "test - deliveries", "test_passed"), None);
    let bailed = report(Format::Tap, "1..2\nok 1\nBail out! no network\n");
    assert_eq!(value(&bailed, "run", "tests_failed"), Some(1.0));
    assert_eq!(value(&bailed, "test - test 1", "test_passed"), Some(1.0));
    let nothing = report(Format::Tap, "1..0 # SKIP no network\n");
    assert_eq!(value(&nothing, "run", "tests"), Some(0.0));
}

#[test]
fn nextest_tells_retries() {
    let nextest = report(Format::Nextest, NEXTEST);
    assert_eq!(value(&nextest, "run", "tests_passed"), Some(2.0));
    assert_eq!(value(&nextest, "run", "tests_flaky"), Some(1.0));
    assert_eq!(
        value(&nextest, "test shop orders::are_late", "test_retries"),
        Some(1.0)
    );
    assert_eq!(
        value(
            &nextest,
            "test shop whole::orders_are_placed",
            "test_duration_seconds"
        ),
        Some(0.25)
    );
}

#[test]
fn a_complaint_that_is_made_twice_is_one() {
    let cargo = report(Format::Cargo, CARGO);
    assert_eq!(value(&cargo, "run", "lint_findings"), Some(2.0));
    assert_eq!(
        value(&cargo, "lint - clippy::too_many_lines", "lint_findings"),
        Some(1.0)
    );
}

#[test]
fn both_formats_of_coverage_tell_the_same() {
    for (format, text) in [(Format::Lcov, LCOV), (Format::Cobertura, COBERTURA)] {
        let mut report = report(format, text);
        report.make_relative("/home/shop".as_ref());
        for subject in ["file - src/lib.rs", "run"] {
            assert_eq!(
                value(&report, subject, "coverage_line_ratio"),
                Some(0.5),
                "{format:?}"
            );
            assert_eq!(
                value(&report, subject, "coverage_function_ratio"),
                Some(0.5),
                "{format:?}"
            );
            assert_eq!(
                value(&report, subject, "coverage_branch_ratio"),
                Some(0.5),
                "{format:?}"
            );
            assert_eq!(
                value(&report, subject, "coverage_lines"),
                Some(4.0),
                "{format:?}"
            );
        }
    }
}

const HOUR: Duration = Duration::from_hours(1);

#[test]
fn criterion_leaves_a_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("orders/place/new");
    std::fs::create_dir_all(&place).expect("it can be made");
    let refused = read_criterion(folder.path()).expect_err("there is no benchmark");
    assert!(
        refused
            .to_string()
            .contains("no new benchmark of criterion"),
        "{refused}"
    );
    let write =
        |name: &str, text: &str| std::fs::write(place.join(name), text).expect("it can be written");
    write(
        "benchmark.json",
        r#"{"group_id":"orders","function_id":"place","full_id":"orders/place"}"#,
    );
    write(
        "estimates.json",
        r#"{"median":{"point_estimate":1500.0},"median_abs_dev":{"point_estimate":20.0}}"#,
    );
    let report = read_criterion(folder.path()).expect("there is one");
    assert_eq!(
        value(&report, "benchmark - orders/place", "benchmark_seconds"),
        Some(1.5e-6)
    );
    write(
        "sample.json",
        r#"{"iters":[1.0,2.0],"times":[1500.0,3100.0]}"#,
    );
    let now = SystemTime::now();
    for (since, is_new) in [(now - HOUR, true), (now + HOUR, false)] {
        let report = read_criterion_since(folder.path(), since);
        let counts = report.map(|report| report.measured.samples[0].count);
        assert_eq!(counts.ok(), is_new.then_some(2));
    }
    write("estimates.json", "{\"median\":");
    let refused = read_criterion(folder.path()).expect_err("it is cut off");
    assert!(refused.to_string().contains("estimates.json"), "{refused}");
}

#[track_caller]
fn refused(format: Format, text: &str, line: Option<usize>, reason: &str) {
    let error: IngestError = read(format, text.as_bytes()).expect_err("it is wrong");
    assert_eq!(error.line, line, "{error}");
    assert!(error.to_string().contains(reason), "{error}");
}

#[test]
fn what_is_wrong_is_refused_with_line_and_reason() {
    refused(
        Format::JUnit,
        "<testsuite>\n<testcase/></testsuite>",
        Some(2),
        "has no name",
    );
    refused(
        Format::JUnit,
        "<testsuite>\n<testcase name='a' time='soon'/></testsuite>",
        Some(2),
        "`soon` is no time",
    );
    refused(Format::JUnit, "<html/>", Some(1), "is no JUnit report");
    refused(
        Format::JUnit,
        "<testsuite>\n</testsuites>",
        Some(2),
        "not well-formed",
    );
    refused(
        Format::Tap,
        "1..2\nok 1\n",
        Some(1),
        "2 tests were planned, and there are 1",
    );
    refused(Format::Tap, "ok 1\n", None, "no plan");
    refused(Format::Tap, "hello\n", None, "neither a plan");
    refused(Format::Tap, "1..1\n1..1\nok 1\n", Some(2), "second plan");
    refused(
        Format::Tap,
        "1..1\nok 1\n  ---\n  a: b\n",
        Some(2),
        "no end",
    );
    refused(Format::Libtest, "hello\n", None, "running 2 tests");
    refused(
        Format::Libtest,
        &LIBTEST.replace("1 passed", "2 passed"),
        Some(3),
        "2 should have passed",
    );
    refused(
        Format::LibtestJson,
        &LIBTEST_JSON.replace("\"passed\": 1", "\"passed\": 2"),
        Some(6),
        "2 tests passed",
    );
    refused(
        Format::LibtestJson,
        "{\"type\":\"suite\"}\n",
        Some(1),
        "missing field `event`",
    );
    refused(
        Format::Nextest,
        &NEXTEST.replace("3 tests run", "4 tests run"),
        Some(11),
        "4 tests ran",
    );
    let error = read(Format::Tap, b"1..1\nok \xff\n").expect_err("it is no text");
    assert_eq!(
        (error.line, error.reason.as_str()),
        (Some(2), "it is not UTF-8")
    );
}

#[test]
fn what_is_wrong_with_other_reports_is_told_alike() {
    refused(Format::Cargo, "hello\n", Some(1), "no message of Cargo");
    refused(Format::Lcov, "DA:1,1\n", Some(1), "belongs to no file");
    refused(
        Format::Lcov,
        "SF:a\nDA:1\nend_of_record\n",
        Some(2),
        "not understood",
    );
    refused(
        Format::Lcov,
        "SF:a\nSF:b\n",
        Some(2),
        "before the last one has ended",
    );
    refused(
        Format::Cobertura,
        "<coverage>\n<class/></coverage>",
        Some(2),
        "no `filename`",
    );
    refused(
        Format::Cobertura,
        "<coverage><class filename='a'>\n<line number='x' hits='1'/></class></coverage>",
        Some(2),
        "no number",
    );
    refused(
        Format::Cucumber,
        "[{\n\"name\": 1}]",
        Some(2),
        "no report of Cucumber",
    );
    refused(
        Format::Pytest,
        &PYTEST.replace("\"total\":3", "\"total\":4"),
        None,
        "4 tests ran",
    );
    refused(
        Format::GoTest,
        "{\"Action\":\"start\",\"Package\":\"a\"}\n",
        Some(1),
        "cut off",
    );
}

/// Wherever a report ends too early, it is refused: half a report would look like half of the tests were gone.
#[test]
fn what_is_cut_off_is_refused() {
    for (format, text) in REPORTS {
        let whole = text.trim_end();
        for (end, _) in whole.char_indices() {
            let part = &whole[..end];
            // The last line of TAP may end anywhere.
            let is_whole = format == Format::Tap && part.contains("    1..2\nok")
                || format == Format::Nextest && part.contains("3 tests run: 2 passed")
                || format == Format::Libtest && part.contains("1 passed; 1 failed; 1");
            if !is_whole {
                assert!(
                    read(format, part.as_bytes()).is_err(),
                    "{format:?} is taken up to {end}: {part}"
                );
            }
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_taken_or_refused(text in "\\PC{0,200}|([a-z0-9 #<>/{}\":,.-]{0,20}\n){0,10}") {
        for (format, _) in REPORTS {
            let _ = read(format, text.as_bytes());
        }
        let _ = detect(text.as_bytes());
    }

    #[test]
    fn a_report_with_something_else_in_it_is_taken_or_refused(
        which in 0..REPORTS.len(),
        at in 0.0..1.0_f64,
        gone in 0..40_usize,
        instead in "[ -~\n]{0,12}",
    ) {
        let (format, text) = REPORTS[which];
        let letters: Vec<char> = text.chars().collect();
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "it is a place in a short text")]
        let begin = (at * letters.len() as f64) as usize;
        let end = (begin + gone).min(letters.len());
        let changed: String = letters[..begin].iter().copied().chain(instead.chars()).chain(letters[end..].iter().copied()).collect();
        if let Ok(report) = read(format, changed.as_bytes()) {
            for sample in report.measured.samples {
                prop_assert!(sample.value.is_finite());
            }
        }
    }
}
