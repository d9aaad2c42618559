//! Reports of self-tests, read by programs of other people.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::time::Duration;

use mad_core::{Check, Effects, HealthOptions, Outcome, Registry, SelfTestOptions, Unit};
use mad_exporter::Exporter;
use serde_json::{Value, json};
use tests::{
    Answer, Request, json_schema_complaints, junit_report, ktap_report, mad, prove_reads, request,
    sse_events, tap_report,
};

/// What breaks formats that are made of lines, of tags, of bars and of hashes.
const HOSTILE: &str =
    "no\nnot ok 9 - x\r\n]]></failure> & \"'|'a'=1 # TODO \\ \u{1b}[31m\u{0}\u{2028}---{";

/// A service with self-tests that come to everything that there is.
struct Service(Exporter);

impl Service {
    fn start() -> Self {
        let mut registry = Registry::new();
        for check in checks() {
            registry.add(check).unwrap();
        }
        Self::of(registry)
    }

    fn of(registry: Registry) -> Self {
        let builder = Exporter::builder().registry(registry);
        Self(builder.listen(([127, 0, 0, 1], 0)).start().unwrap())
    }

    fn ask(&self, method: &str, path: &str) -> Answer {
        let address = self.0.local_addr().unwrap();
        request(Request {
            method,
            url: &format!("http://{address}{path}"),
            token: None,
            body: None,
        })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.0.shutdown(Duration::ZERO);
    }
}

fn checks() -> Vec<Check> {
    let options = SelfTestOptions {
        effects: Effects::Pure,
        ..SelfTestOptions::DEFAULT
    };
    vec![
        Check::self_test("passes", options, |_| {
            mad_core::step_sync("given a customer", || {
                mad_core::step_sync("who is known", || ());
                mad_core::step_sync(HOSTILE, || mad_core::note(HOSTILE));
            });
            mad_core::observe("rows", 42, Unit::Count);
            mad_core::observe("tiny", 1e-9, Unit::Seconds);
        }),
        Check::self_test("warns", options, |_| Outcome::warn(HOSTILE)),
        Check::self_test("fails", options, |_| Outcome::fail(HOSTILE)),
        Check::self_test("panics", options, |_| -> () {
            mad_core::step_sync("look it up", || panic!("{HOSTILE}"));
        }),
        Check::self_test_async("hangs", options, async |_| {
            std::future::pending::<()>().await;
        })
        .with_timeout(Duration::from_millis(50)),
        Check::self_test("skips", options, |_| Outcome::skip(HOSTILE)),
    ]
}

#[test]
fn a_junit_report_is_valid_and_tells_failures_from_errors() {
    let service = Service::start();
    let answer = service.ask("POST", "/selftest?format=junit");
    assert_eq!(answer.status, 503);
    let report = junit_report(&answer.body);
    assert_eq!(
        report["totals"],
        json!({"tests": 6, "failures": 1, "errors": 2, "skipped": 1})
    );
    let results = |name: &str| report["cases"][name]["results"].clone();
    assert_eq!(results("passes"), json!([]));
    assert_eq!(results("warns"), json!([]));
    assert_eq!(results("fails"), json!(["Failure"]));
    assert_eq!(results("panics"), json!(["Error"]));
    assert_eq!(results("hangs"), json!(["Error"]));
    assert_eq!(results("skips"), json!(["Skipped"]));
    let output = report["cases"]["passes"]["output"].as_str().unwrap();
    for part in [
        "+ given a customer",
        "  + who is known",
        "observed rows = 42 count",
    ] {
        assert!(output.contains(part), "{output}");
    }
}

#[test]
fn one_junit_report_of_many_instances_is_valid_and_has_those_that_could_not_be_asked() {
    let services = [Service::start(), Service::start()];
    let address = |service: &Service| service.0.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.xml");
    let mut command = mad();
    command
        .args(["selftest", "127.0.0.1:1", "--effects", "pure", "--junit"])
        .arg(&file)
        .args(services.each_ref().map(address));
    let tried = command.output().unwrap();
    assert_eq!(tried.status.code(), Some(1), "{tried:?}");
    let report = junit_report(&std::fs::read_to_string(file).unwrap());
    assert_eq!(
        report["totals"],
        json!({"tests": 13, "failures": 2, "errors": 5, "skipped": 2})
    );
    assert_eq!(report["cases"]["unreachable"]["results"], json!(["Error"]));
    assert_eq!(report["cases"]["fails"]["results"], json!(["Failure"]));
}

#[test]
fn a_tap_report_is_read_by_perl_and_by_python() {
    let service = Service::start();
    let tap = service.ask("POST", "/selftest?format=tap").body;
    let expected = "\
        not ok\tfails\t\n\
        not ok\thangs\t\n\
        not ok\tpanics\t\n\
        ok\tpasses\t\n\
        ok\tskips\tSKIP\n\
        ok\twarns\t\n";
    assert_eq!(prove_reads(&tap), expected, "{tap}");

    let read = tap_report(&tap);
    let tests = read.as_array().unwrap();
    let names: Vec<_> = tests
        .iter()
        .map(|test| (&test[0], &test[1], &test[2]))
        .collect();
    let of = |name, is_ok, is_skipped| (json!(name), json!(is_ok), json!(is_skipped));
    let expected = [
        of("fails", false, false),
        of("hangs", false, false),
        of("panics", false, false),
        of("passes", true, false),
        of("skips", true, true),
        of("warns", true, false),
    ];
    let expected: Vec<_> = expected
        .iter()
        .map(|(name, ok, skip)| (name, ok, skip))
        .collect();
    assert_eq!(names, expected);
    let diagnosis = |index: usize| &tests[index][3];
    assert_eq!(diagnosis(0)["severity"], "fail");
    assert_eq!(diagnosis(1)["cause"], "timed_out");
    assert_eq!(diagnosis(2)["cause"], "panicked");
    assert_eq!(diagnosis(3)["observations"]["rows"]["value"], 42.0);
    assert_eq!(diagnosis(5)["outcome"], "warn");
}

#[test]
fn a_ktap_report_is_read_by_perl() {
    let service = Service::start();
    let ktap = service.ask("POST", "/selftest?format=ktap").body;
    let expected = "\
        not ok\tfails\t\n\
        not ok\thangs # TIMEOUT timed_out\t\n\
        not ok\tpanics # ERROR panicked\t\n\
        ok\tpasses\t\n\
        ok\tskips\tSKIP\n\
        ok\twarns\t\n";
    assert_eq!(prove_reads(&ktap), expected, "{ktap}");
}

#[test]
#[ignore = "needs the kernel's sources: cargo xtask test --all"]
fn the_kernel_counts_each_test_of_a_ktap_report_that_has_not_passed() {
    let mut registry = Registry::new();
    for check in checks() {
        registry.add(check).unwrap();
    }
    let options = SelfTestOptions::DEFAULT;
    let fails_late = Check::self_test("fails_late", options, |_| {
        mad_core::step_sync("given a customer", || ());
        Outcome::fail("not found")
    });
    registry.add(fails_late).unwrap();
    let service = Service::of(registry);

    let ktap = service.ask("POST", "/selftest?format=ktap").body;
    let report = ktap_report(&ktap, Path::new(env!("CARGO_TARGET_TMPDIR")));
    // Steps are counted, and not the tests that they are of.
    let counts = json!({"passed": 4, "failed": 4, "crashed": 0, "skipped": 1, "errors": 0});
    assert_eq!(report["counts"], counts, "{ktap}");
    assert_eq!(report["status"], "FAILURE");
    let [steps, late] = ["given a customer", "the test itself"].map(|name| json!(name));
    let tests = report["tests"].as_array().unwrap();
    let test = tests.iter().find(|test| test[0] == "fails_late").unwrap();
    assert_eq!((&test[2][0][0], &test[2][1][0]), (&steps, &late));
    assert_eq!(
        (&test[1], &test[2][1][1]),
        (&json!("FAILURE"), &json!("FAILURE"))
    );
}

#[test]
fn json_is_what_the_schema_says() {
    let service = Service::start();
    assert_complete("catalogue", &service.ask("GET", "/selftest").body);
    let run = service.ask("POST", "/selftest").body;
    assert_complete("run", &run);
    assert_complete("runs", &service.ask("GET", "/selftest/runs").body);
    assert_complete("catalogue", &service.ask("GET", "/selftest").body);
    // The judge can say no.
    let mut wrong: Value = serde_json::from_str(&run).unwrap();
    wrong["results"][0]["report"]["failure"]["cause"] = json!("tired");
    wrong["undocumented"] = json!(true);
    let said = json_schema_complaints("run", &wrong.to_string());
    for part in ["tired", "undocumented"] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn every_event_of_a_run_is_read_by_python_and_is_what_the_schema_says() {
    let service = Service::start();
    let run = service.ask("POST", "/selftest").json();
    let path = format!("/selftest/runs/{}/events", run["id"].as_str().unwrap());
    let events = sse_events(&service.ask("GET", &path).body);
    // One of each kind is enough: each costs the start of a Python.
    let mut kinds = Vec::new();
    for (place, (id, kind, data)) in (1..).zip(events) {
        assert_eq!((id, &data["kind"]), (format!("{place}"), &json!(kind)));
        if !kinds.contains(&kind) {
            assert_complete("run_event", &data.to_string());
            kinds.push(kind);
        }
    }
    assert_eq!(kinds.len(), 8, "{kinds:?}");
}

#[test]
fn every_event_of_the_state_is_read_by_python_and_is_what_the_schema_says() {
    let service = Service::start();
    let check = Check::health_check("gone", HealthOptions::DEFAULT, |_| false);
    service.0.engine().add(check).unwrap();
    service.ask("POST", "/selftest");
    let address = service.0.local_addr().unwrap();
    let stream = ureq::get(format!("http://{address}/events"))
        .call()
        .unwrap();
    let mut lines = BufReader::new(stream.into_body().into_reader()).lines();
    let mut told = String::new();
    let mut hear = |kind: &str| {
        while !told.ends_with("\n\n") || !told.contains(&format!("event: {kind}\n")) {
            told.push_str(&lines.next().unwrap().unwrap());
            told.push('\n');
        }
    };
    hear("run");
    assert!(service.0.engine().remove("gone"));
    hear("removed");
    let mut kinds = BTreeSet::new();
    for (_, kind, data) in sse_events(&told) {
        assert_eq!(data["kind"], json!(kind));
        // One of each kind is enough: each costs the start of a Python.
        if kinds.insert(kind) {
            assert_complete("state_event", &data.to_string());
        }
    }
    let expected = ["health", "lifecycle", "removed", "run", "self_test"];
    assert!(kinds.iter().eq(expected), "{kinds:?}");
}

#[track_caller]
fn assert_complete(name: &str, document: &str) {
    assert_eq!(json_schema_complaints(name, document), "", "{document}");
}
