//! What the tools of others really write is taken, and comes to the numbers that they say themselves.

use std::fs;
use std::path::Path;
use std::process::Command;

use mad_measure::ingest::{Format, Report, detect, read};
use mad_store::{Subject, SubjectKind};
use tests::python_command;

fn value(report: &Report, subject: &str, metric: &str) -> Option<f64> {
    let subject: Subject = subject.parse().unwrap();
    let mut samples = report.measured.samples.iter();
    let sample = samples.find(|sample| sample.subject == subject && sample.metric.name == metric);
    sample.map(|sample| sample.value)
}

#[track_caller]
fn taken(format: Format, bytes: &[u8]) -> Report {
    assert_eq!(
        detect(bytes),
        Some(format),
        "{}",
        String::from_utf8_lossy(bytes)
    );
    read(format, bytes)
        .unwrap_or_else(|error| panic!("{error}\n{}", String::from_utf8_lossy(bytes)))
}

/// How many tests passed, failed and were left out.
#[track_caller]
fn counts(report: &Report) -> String {
    let metrics = ["tests_passed", "tests_failed", "tests_skipped"];
    let counts = metrics.map(|metric| value(report, "run", metric).unwrap().to_string());
    counts.join(" ")
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// Of the plugins that are installed beside pytest by packages of other tests, one cannot even be loaded.
fn with_plugin(pytest: &mut Command, plugin: &str) {
    pytest
        .env("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        .args(["-p", plugin]);
}

/// Runs a program of which nobody expects that it succeeds, as its tests fail.
fn ran(command: &mut Command, folder: &Path) -> Vec<u8> {
    command.current_dir(folder).output().unwrap().stdout
}

const PYTHON_TESTS: &str = "
import pytest
from shop import half

@pytest.mark.parametrize('n', [2, 4])
def test_half(n):
    assert half(n) == n / 2

def test_stock():
    assert half(1) == 1, 'the stock is empty'

@pytest.mark.skip(reason='later')
def test_later():
    pass

@pytest.mark.xfail
def test_wish():
    assert half(1) == 1
";

#[test]
fn pytest() {
    let folder = folder(&[
        (
            "shop.py",
            "def half(n):\n    if n < 0:\n        return 0\n    return n / 2\n\ndef never():\n    pass\n",
        ),
        ("test_shop.py", PYTHON_TESTS),
    ]);
    let mut pytest = python_command();
    pytest.args([
        "-m",
        "coverage",
        "run",
        "--branch",
        "--include=shop.py",
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
    ]);
    with_plugin(&mut pytest, "pytest_jsonreport.plugin");
    pytest.args([
        "--junitxml=junit.xml",
        "--json-report",
        "--json-report-file=report.json",
    ]);
    ran(&mut pytest, folder.path());
    let file = |name: &str| fs::read(folder.path().join(name)).unwrap();
    let junit = taken(Format::JUnit, &file("junit.xml"));
    assert_eq!(counts(&junit), "2 1 2");
    let json = taken(Format::Pytest, &file("report.json"));
    assert_eq!(counts(&json), "2 1 2");
    let failed = value(&json, "test test_shop.py test_stock", "test_passed");
    assert_eq!(failed, Some(0.0));
    for report in [&junit, &json] {
        assert!(report.started_at.is_some() && report.seconds.is_some());
        let why = report
            .measured
            .notes
            .iter()
            .any(|note| note.text.contains("the stock is empty"));
        assert!(why, "{:?}", report.measured.notes);
    }

    for format in ["xml", "lcov"] {
        ran(
            python_command().args(["-m", "coverage", format]),
            folder.path(),
        );
    }
    ran(
        python_command().args(["-m", "coverage", "json"]),
        folder.path(),
    );
    let own: serde_json::Value = serde_json::from_slice(&file("coverage.json")).unwrap();
    let totals = &own["totals"];
    let cobertura = taken(Format::Cobertura, &file("coverage.xml"));
    let mut lcov = taken(Format::Lcov, &file("coverage.lcov"));
    lcov.make_relative(folder.path());
    for report in [&cobertura, &lcov] {
        assert_eq!(
            value(report, "run", "coverage_lines"),
            totals["num_statements"].as_f64()
        );
        assert_eq!(
            value(report, "run", "coverage_covered_lines"),
            totals["covered_lines"].as_f64()
        );
        assert_eq!(
            value(report, "run", "coverage_branches"),
            totals["num_branches"].as_f64()
        );
        let file = value(report, "file - shop.py", "coverage_line_ratio");
        assert!(
            file.is_some_and(|ratio| ratio > 0.5 && ratio < 1.0),
            "{file:?}"
        );
    }
}

#[test]
fn scenarios_of_pytest_bdd() {
    let folder = folder(&[
        (
            "orders.feature",
            "Feature: Orders\n  Scenario: placing\n    Given a cart\n    Then it is full\n\n  Scenario: cancelling\n    Given a cart\n    Then it is empty\n",
        ),
        (
            "test_orders.py",
            "from pytest_bdd import scenarios, given, then\nscenarios('orders.feature')\n\
             @given('a cart', target_fixture='cart')\ndef cart():\n    return [1]\n\
             @then('it is full')\ndef full(cart):\n    assert cart\n\
             @then('it is empty')\ndef empty(cart):\n    assert not cart\n",
        ),
    ]);
    let mut pytest = python_command();
    pytest.args([
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--cucumberjson=cucumber.json",
    ]);
    with_plugin(&mut pytest, "pytest_bdd.plugin");
    ran(&mut pytest, folder.path());
    let report = taken(
        Format::Cucumber,
        &fs::read(folder.path().join("cucumber.json")).unwrap(),
    );
    assert_eq!(counts(&report), "1 1 0");
    assert_eq!(
        value(&report, "test Orders placing", "test_passed"),
        Some(1.0)
    );
    assert!(
        value(&report, "test Orders placing", "test_duration_seconds")
            .is_some_and(|seconds| seconds < 60.0)
    );
}

#[test]
fn perls_test_more() {
    let program = "use Test::More tests => 4;
        ok(1, 'orders are placed');
        is(1, 2, 'orders are cancelled');
        SKIP: { skip 'no warehouse', 1 if 1; ok(1, 'a warehouse'); }
        subtest 'deliveries' => sub { plan tests => 2; ok(1, 'go out'); ok(1, 'come back'); };";
    let folder = folder(&[]);
    let tap = ran(Command::new("perl").args(["-e", program]), folder.path());
    let report = taken(Format::Tap, &tap);
    assert_eq!(counts(&report), "3 1 1");
    assert_eq!(
        value(&report, "test - deliveries > come back", "test_passed"),
        Some(1.0)
    );
}

/// All that nextest and libtest can say of one run comes to the same.
#[test]
fn the_formats_of_rusts_runners_agree() {
    let folder = folder(&[
        (
            "Cargo.toml",
            "[package]\nname = \"the-shop\"\nedition = \"2024\"\n[workspace]\n",
        ),
        (
            "src/lib.rs",
            "#[test] fn passes() {}\n#[test] fn fails() { panic!(\"the stock is empty\") }\n#[test] #[ignore] fn is_ignored() {}\n",
        ),
        ("tests/orders.rs", "#[test] fn are_placed() {}\n"),
        (
            ".config/nextest.toml",
            "[profile.default.junit]\npath = \"junit.xml\"\n",
        ),
    ]);
    let cargo = || {
        let mut cargo = Command::new("cargo");
        cargo
            .env("NEXTEST_EXPERIMENTAL_LIBTEST_JSON", "1")
            .env_remove("NEXTEST_PROFILE");
        cargo
    };
    let libtest = ran(cargo().args(["test", "--no-fail-fast"]), folder.path());
    let libtest = taken(Format::Libtest, &libtest);
    assert_eq!(counts(&libtest), "2 1 1");

    let messages = ran(
        cargo().args(["clippy", "--message-format=json"]),
        folder.path(),
    );
    taken(Format::Cargo, &messages);

    let version = Command::new("cargo")
        .args(["nextest", "--version"])
        .output();
    if !version.is_ok_and(|version| version.status.success()) {
        return;
    }
    let mut nextest = cargo();
    nextest
        .args(["nextest", "run", "--no-fail-fast"])
        .current_dir(folder.path());
    let text = taken(Format::Nextest, &nextest.output().unwrap().stderr);
    let junit = fs::read(folder.path().join("target/nextest/default/junit.xml")).unwrap();
    let junit = taken(Format::JUnit, &junit);
    let json = ran(
        cargo().args([
            "nextest",
            "run",
            "--no-fail-fast",
            "--message-format",
            "libtest-json",
        ]),
        folder.path(),
    );
    let json = taken(Format::LibtestJson, &json);
    for report in [&text, &junit, &json] {
        assert_eq!(report.runner, "nextest");
        assert_eq!(
            value(report, "test the-shop orders::are_placed", "test_passed"),
            Some(1.0)
        );
        assert_eq!(
            value(report, "test the-shop fails", "test_passed"),
            Some(0.0)
        );
        // That an ignored test was left out, not all of them tell.
        assert!(counts(report).starts_with("2 1 "), "{}", counts(report));
        let tests = report.measured.samples.iter();
        let durations = tests.filter(|sample| {
            sample.subject.kind == SubjectKind::Test
                && sample.metric.name == "test_duration_seconds"
        });
        assert_eq!(durations.count(), 3);
    }
}
