//! What keeps self-tests from being started twice, too often or at a bad time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use mad_core::{Check, Effects};

use crate::support::{Answer, Request, Service, self_test, wait_until, with_token, without_token};

/// A self-test that counts its runs and takes as long as it is held.
#[derive(Clone, Default)]
struct Counted {
    runs: Arc<AtomicUsize>,
    is_held: Arc<AtomicBool>,
}

impl Counted {
    fn check(&self) -> Check {
        let Self { runs, is_held } = self.clone();
        self_test("counted", Effects::Read, move |_| {
            runs.fetch_add(1, Ordering::SeqCst);
            while is_held.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(1));
            }
        })
    }

    fn hold(&self, is_held: bool) {
        self.is_held.store(is_held, Ordering::SeqCst);
    }

    fn runs(&self) -> usize {
        self.runs.load(Ordering::SeqCst)
    }
}

fn post(service: &Service, key: &str, body: &str) -> Answer {
    let request = Request::new("POST", "/selftest").with_token();
    let request = request.with("Idempotency-Key", key).with_json(body);
    request.send_to(service.address())
}

#[test]
fn the_same_request_again_is_answered_with_the_same_run() {
    let counted = Counted::default();
    let service = Service::start(with_token([counted.check()]));
    let first = post(&service, "deploy-17", "{}");
    let again = post(&service, "\"deploy-17\"", "{}");
    assert_eq!((first.status, again.status), (200, 200), "{again:?}");
    assert_eq!(first.json()["id"], again.json()["id"]);
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!(counted.runs(), 1);
    assert_ne!(
        post(&service, "deploy-18", "{}").json()["id"],
        first.json()["id"]
    );
    assert_eq!(counted.runs(), 2);
}

#[test]
fn a_key_that_came_with_another_request_is_refused() {
    let counted = Counted::default();
    let service = Service::start(with_token([counted.check()]));
    assert_eq!(post(&service, "k", "{}").status, 200);
    post(&service, "k", r#"{"select":["counted"]}"#).assert_problem(422, "another request");
    assert_eq!(counted.runs(), 1);
}

#[test]
fn a_request_that_is_being_answered_is_not_answered_twice_and_names_its_run() {
    let counted = Counted::default();
    counted.hold(true);
    let service = Service::start(with_token([counted.check()]));
    std::thread::scope(|scope| {
        let first = scope.spawn(|| post(&service, "k", "{}"));
        wait_until("it runs", || counted.runs() == 1);
        let again = post(&service, "k", "{}");
        again.assert_problem(409, "still being answered");
        assert!(!again.header("retry-after").is_empty());
        let run = service.follow("/selftest", &again);
        counted.hold(false);
        assert_eq!(first.join().unwrap().json()["id"], run.json()["id"]);
    });
    assert_eq!(post(&service, "k", "{}").status, 200);
    assert_eq!(counted.runs(), 1);
}

#[test]
fn whoever_hung_up_gets_the_run_by_the_same_request() {
    let counted = Counted::default();
    counted.hold(true);
    let service = Service::start(with_token([counted.check()]));
    let first = post(&service, "k", r#"{"wait":"0s"}"#);
    assert_eq!(first.status, 202, "{first:?}");
    let again = post(&service, "k", r#"{"wait":"0s"}"#);
    assert_eq!(
        (again.status, &again.json()["id"]),
        (202, &first.json()["id"])
    );
    counted.hold(false);
}

#[test]
fn a_key_whose_request_was_refused_is_free_again() {
    let counted = Counted::default();
    let service = Service::start(with_token([counted.check()]));
    post(&service, "k", r#"{"select":["nobody"]}"#).assert_problem(404, "no self-test fits");
    assert_eq!(post(&service, "k", "{}").status, 200);
}

#[test]
fn what_is_no_key_is_refused() {
    let counted = Counted::default();
    let service = Service::start(with_token([counted.check()]));
    for wrong in ["", "two words", &"k".repeat(256)] {
        post(&service, wrong, "{}").assert_problem(400, "Idempotency-Key");
    }
    let twice = Request::new("POST", "/selftest").with_token();
    let twice = twice
        .with("Idempotency-Key", "a")
        .with("Idempotency-Key", "b");
    twice
        .send_to(service.address())
        .assert_problem(400, "Idempotency-Key");
    assert_eq!(counted.runs(), 0);
}

#[test]
fn pitfall_13_who_asks_too_often_is_told_when_to_ask_again() {
    let counted = Counted::default();
    let service = Service::start(with_token([counted.check()]).triggers_per_minute(2));
    assert_eq!(service.post("/selftest", "").status, 200);
    assert_eq!(service.post("/selftest/counted", "").status, 200);
    let refused = service.post("/selftest", "");
    refused.assert_problem(429, "too often");
    let seconds: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=30).contains(&seconds), "{seconds}");
    assert_eq!(counted.runs(), 2);
    // Whoever may not ask at all uses nothing up, and is told so first.
    let request = Request::new("POST", "/selftest");
    assert_eq!(request.send_to(service.address()).status, 401);
}

#[test]
#[cfg(target_os = "linux")]
fn a_machine_that_is_too_busy_starts_no_self_tests() {
    let counted = Counted::default();
    let service = Service::start(with_token([counted.check()]).max_load_per_core(0.0));
    let refused = service.post("/selftest", "");
    refused.assert_problem(503, "load of the machine");
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(counted.runs(), 0);

    let service = Service::start(with_token([counted.check()]).max_load_per_core(1e9));
    assert_eq!(service.post("/selftest", "").status, 200);
}

#[test]
fn a_limit_of_the_load_that_is_no_number_does_not_start() {
    let builder = without_token([Counted::default().check()]).max_load_per_core(f64::NAN);
    let error = builder.start().unwrap_err().to_string();
    assert!(error.contains("max_load_per_core"), "{error}");
}

#[test]
fn an_instance_that_drains_starts_no_self_tests() {
    let counted = Counted::default();
    let service = Service::start(with_token([counted.check()]));
    service.post("/drain", "");
    let refused = post(&service, "k", "{}");
    refused.assert_problem(503, "draining");
    assert!(!refused.header("retry-after").is_empty());
    service.post("/resume", "");
    assert_eq!(post(&service, "k", "{}").status, 200);
    assert_eq!(counted.runs(), 1);
}
