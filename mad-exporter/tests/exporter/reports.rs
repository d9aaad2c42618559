//! Runs of self-tests in other formats than JSON, and answers that do not wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mad_core::Effects;

use crate::support::{Answer, Gate, Request, Service, self_test, wait_until, with_token};

fn service() -> Service {
    Service::start(with_token([self_test("adds_up", Effects::Pure, |_| true)]))
}

fn post(service: &Service, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = Request::new("POST", path).with_token();
    let request = headers
        .iter()
        .fold(request, |request, (name, value)| request.with(name, value));
    request.send_to(service.address())
}

#[test]
fn a_report_comes_in_the_format_that_is_asked_for() {
    let service = service();
    let check = |format: &str, media_type: &str, beginning: &str| {
        for path in ["/selftest", "/selftest/adds_up"] {
            let answer = post(&service, &format!("{path}?format={format}"), &[]);
            assert_eq!(answer.status, 200);
            assert_eq!(answer.header("content-type"), media_type);
            assert!(answer.body.starts_with(beginning), "{answer:?}");
            let run = answer.header("location").rsplit('/').next().unwrap();
            let path = format!("/selftest/runs/{run}?format={format}");
            let again = service.get_authorised(&path);
            assert_eq!((again.status, &again.body), (200, &answer.body));
        }
    };
    check("json", "application/json", "{");
    check("junit", "application/xml", "<?xml");
    check("tap", "text/x-tap; charset=utf-8", "TAP version 14\n1..1\n");
    check(
        "ktap",
        "text/x-ktap; charset=utf-8",
        "KTAP version 1\n1..1\n",
    );
    check(
        "nagios",
        "text/plain; charset=utf-8",
        "SELFTEST OK - 1 of 1 passed | pass=1;;;0",
    );
    check("text", "text/plain; charset=utf-8", "PASS: 1 pass");
}

#[test]
fn a_report_comes_in_the_format_that_is_wanted_most() {
    let service = service();
    let check = |accept: &str, media_type: &str| {
        let answer = post(&service, "/selftest", &[("Accept", accept)]);
        assert_eq!(answer.header("content-type"), media_type, "{accept}");
    };
    check("*/*", "application/json");
    check("application/xml", "application/xml");
    check("text/plain", "text/plain; charset=utf-8");
    check(
        "text/x-tap, application/json;q=0.9",
        "text/x-tap; charset=utf-8",
    );
    let query = post(
        &service,
        "/selftest?format=tap",
        &[("Accept", "application/json")],
    );
    assert_eq!(query.header("content-type"), "text/x-tap; charset=utf-8");
}

#[test]
fn nothing_runs_for_somebody_who_could_not_read_the_report() {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let test = self_test("counted", Effects::Pure, move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
    });
    let service = Service::start(with_token([test]));
    let no_format = post(&service, "/selftest?format=pdf", &[]);
    no_format.assert_problem(406, "there is no format \"pdf\"");
    assert_eq!(no_format.json()["formats"][1], "junit");
    post(&service, "/selftest", &[("Accept", "image/png")]).assert_problem(406, "`Accept`");
    assert_eq!(runs.load(Ordering::SeqCst), 0);
}

#[test]
fn a_run_that_goes_on_is_told_as_such() {
    let gate = Gate::default();
    let service = Service::start(with_token([gate.slow_test()]));
    let preference = [("Prefer", "respond-async")];
    let answer = post(&service, "/selftest?format=nagios", &preference);
    assert_eq!(answer.status, 202);
    assert!(
        answer
            .body
            .starts_with("SELFTEST UNKNOWN - 0 of 1 passed so far"),
        "{answer:?}"
    );
}

#[test]
fn who_prefers_not_to_wait_is_answered_at_once() {
    let gate = Gate::default();
    let service = Service::start(with_token([gate.slow_test()]));
    let answer = post(&service, "/selftest", &[("Prefer", "respond-async")]);
    assert_eq!(answer.status, 202);
    assert_eq!(answer.header("preference-applied"), "respond-async");
    gate.open();
    wait_until("the run is over", || {
        service.follow("/selftest", &answer).json()["is_finished"] == true
    });
}

#[test]
fn who_prefers_a_bounded_wait_has_the_report_if_it_comes_in_time() {
    let preference = [("Prefer", "respond-async, wait=20")];
    let answer = post(&service(), "/selftest", &preference);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("preference-applied"), "wait=20");

    let gate = Gate::default();
    let service = Service::start(with_token([gate.slow_test()]));
    let answer = post(&service, "/selftest", &[("Prefer", "wait=0")]);
    assert_eq!(answer.status, 202, "{answer:?}");
    assert_eq!(answer.header("preference-applied"), "wait=0");
}

#[test]
fn what_the_body_says_counts_more_than_a_preference() {
    let request = Request::new("POST", "/selftest").with_token();
    let request = request.with("Prefer", "respond-async");
    let request = request.with_json(r#"{"wait":"20s"}"#);
    let service = service();
    let answer = request.send_to(service.address());
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("preference-applied"), "");
}

#[test]
fn the_lists_come_as_text_for_people() {
    let service = service();
    let get = |path: &str| {
        let request = Request::new("GET", path).with_token();
        let answer = request
            .with("Accept", "text/plain")
            .send_to(service.address());
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
        answer.body
    };
    assert_eq!(get("/selftest"), "adds_up  (pure)\n      never ran\n");
    assert_eq!(get("/selftest/runs"), "nothing was run\n");
    post(&service, "/selftest", &[]);
    let catalogue = get("/selftest");
    assert!(catalogue.contains("      last 20"), "{catalogue}");
    assert!(catalogue.ends_with("Z: pass\n"), "{catalogue}");
    let runs = get("/selftest/runs");
    assert!(
        runs.contains("  pass     1 pass, 0 warn, 0 fail, 0 skip  by "),
        "{runs}"
    );
    service
        .get_authorised("/selftest?format=junit")
        .assert_problem(406, "there is json, text");
}
