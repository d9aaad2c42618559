//! Runs of self-tests: waited for, listed, cancelled.

use mad_core::Effects;
use serde_json::{Value, json};

use crate::support::{Gate, Request, Service, self_test, wait_until, with_token};

#[test]
fn a_run_that_takes_longer_than_the_wait_is_202_and_goes_on() {
    let gate = Gate::default();
    let service = Service::start(with_token([gate.slow_test()]));
    let answer = service.post("/selftest/slow", r#"{"wait":"0s"}"#);
    assert_eq!(answer.status, 202);
    let run = answer.json();
    assert_eq!(
        (&run["is_finished"], &run["duration_seconds"]),
        (&json!(false), &Value::Null)
    );

    let busy = service.post("/selftest", "");
    busy.assert_problem(409, "in progress");
    assert_eq!(busy.json()["running"], run["id"]);
    assert_eq!(service.follow("/selftest", &busy).json()["id"], run["id"]);

    gate.open();
    wait_until("the run is over", || {
        service.follow("/selftest/slow", &answer).json()["is_finished"] == true
    });
}

#[test]
fn runs_are_listed_with_the_newest_first() {
    let passes = self_test("passes", Effects::Read, |_| true);
    let fails = self_test("fails", Effects::Read, |_| false);
    let service = Service::start(with_token([passes, fails]));
    service.post("/selftest/passes", "");
    service.post("/selftest/fails", "");
    let runs = service.get_authorised("/selftest/runs").json();
    assert_eq!(runs["version"], 1);
    let [newest, oldest] = &runs["runs"].as_array().unwrap()[..] else {
        panic!("{runs}");
    };
    assert_eq!(
        (&newest["outcome"], &oldest["outcome"]),
        (&json!("fail"), &json!("pass"))
    );
    assert_eq!(
        newest["links"]["self"],
        format!("runs/{}", newest["id"].as_str().unwrap())
    );
    assert!(newest.get("results").is_none());
    service
        .get_authorised("/selftest/runs/0-0")
        .assert_problem(404, "remembered");
}

#[test]
fn a_run_is_cancelled_once() {
    let gate = Gate::default();
    let service = Service::start(with_token([
        gate.slow_test(),
        self_test("waits", Effects::Read, |_| true),
    ]));
    let id = service.post("/selftest", r#"{"wait":"0s"}"#).json()["id"].clone();
    let delete = |id: &str| {
        let path = format!("/selftest/runs/{id}");
        Request::new("DELETE", &path)
            .with_token()
            .send_to(service.address())
    };
    let id = id.as_str().unwrap();
    let cancelled = delete(id);
    assert_eq!(cancelled.status, 202, "{cancelled:?}");
    assert_eq!(cancelled.json()["is_cancelled"], true);
    gate.open();
    wait_until("the run is over", || {
        service
            .get_authorised(&format!("/selftest/runs/{id}"))
            .json()["is_finished"]
            == true
    });
    delete(id).assert_problem(409, "over");
    delete("0-0").assert_problem(404, "remembered");
    let run = service
        .get_authorised(&format!("/selftest/runs/{id}"))
        .json();
    assert_eq!(run["results"][1]["report"]["outcome"], "skip");
}

#[test]
fn a_run_over_its_deadline_has_not_passed() {
    let gate = Gate::default();
    let service = Service::start(with_token([gate.slow_test()]));
    let answer = service.post("/selftest", r#"{"deadline":"50ms"}"#);
    assert_eq!(answer.status, 503, "{answer:?}");
    let run = answer.json();
    assert_eq!(
        (&run["is_overdue"], &run["deadline_seconds"]),
        (&json!(true), &json!(0.05))
    );
    let failure = &run["results"][0]["report"]["failure"];
    assert_eq!(failure["cause"], "aborted");
    let message = failure["message"].as_str().unwrap();
    assert!(
        message.starts_with("cancelled: the run is over its deadline of 50ms"),
        "{message}"
    );
    gate.open();
}

#[test]
fn whoever_waits_for_a_run_that_is_cancelled_is_not_told_that_it_passed() {
    let gate = Gate::default();
    let service = Service::start(with_token([gate.slow_test()]));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| service.post("/selftest", ""));
        let newest = || service.get_authorised("/selftest/runs").json()["runs"][0]["id"].clone();
        wait_until("the run is there", || newest().is_string());
        let path = format!("/selftest/runs/{}", newest().as_str().unwrap());
        let request = Request::new("DELETE", &path).with_token();
        assert_eq!(request.send_to(service.address()).status, 202);
        gate.open();
        assert_eq!(waiting.join().unwrap().status, 503);
    });
}
