//! Self-tests: the catalogue, triggers, runs.

use std::sync::atomic::{AtomicUsize, Ordering};

use mad_core::{Check, Effects, Outcome, SelfTestOptions, Unit};
use serde_json::{Value, json};

use crate::support::{Request, Service, self_test, with_token};

fn checks() -> Vec<Check> {
    let place = self_test("orders/place", Effects::Read, |_| {
        mad_core::step_sync("given a customer", || {
            mad_core::step_sync("who is known", || ());
        });
        mad_core::observe("rows", 3.0, Unit::Count);
        mad_core::note("customer 7");
    })
    .with_doc("An order can be placed.\n\nIt is cancelled again.")
    .with_tags(["smoke"])
    .with_owner("team-orders")
    .with_runbook("https://wiki.example.com/orders");
    vec![
        place,
        self_test("orders/cancel", Effects::Read, |_| {
            let cause = std::io::Error::other("connection refused");
            Err::<(), _>(std::io::Error::other(cause))
        }),
        self_test("panics", Effects::Pure, |_| -> () {
            panic!("index out of range")
        }),
        self_test("skipped", Effects::Pure, |_| Outcome::skip("not here")),
        self_test("flaky", Effects::Pure, |_| Outcome::warn("took long")),
        self_test("writes", Effects::Scratch, |_| true),
        self_test("runs", Effects::Pure, |_| true),
        self_test("runs/first", Effects::Pure, |_| true),
        self_test("runs/first/half", Effects::Pure, |_| true),
    ]
}

fn service() -> Service {
    Service::start(with_token(checks()))
}

fn names(run: &Value) -> Vec<&str> {
    let results = run["results"].as_array().unwrap();
    results
        .iter()
        .map(|result| result["name"].as_str().unwrap())
        .collect()
}

#[test]
fn a_pass_after_a_retry_is_counted() {
    let options = SelfTestOptions {
        retries: 2,
        ..SelfTestOptions::DEFAULT
    };
    let attempts = AtomicUsize::new(0);
    let flaky = Check::self_test("flaky", options, move |_| {
        attempts.fetch_add(1, Ordering::SeqCst) % 2 == 1
    });
    let service = Service::start(with_token([
        flaky,
        self_test("steady", Effects::Read, |_| true),
    ]));
    let flaky_runs = || {
        let catalogue = service.get_authorised("/selftest").json();
        catalogue["self_tests"][0]["flaky_runs"].clone()
    };
    assert_eq!(flaky_runs(), 0);
    for _ in 0..2 {
        assert_eq!(service.post("/selftest", "").status, 200);
    }
    assert_eq!(flaky_runs(), 2);
    let page = service.get("/metrics").body;
    for line in [
        "mad_selftest_flaky_total{check=\"flaky\"} 2\n",
        "mad_selftest_flaky_total{check=\"steady\"} 0\n",
    ] {
        assert!(page.contains(line), "{line} is not in {page}");
    }
}

#[test]
fn the_catalogue_says_what_there_is_and_what_may_run() {
    let service = service();
    let answer = service.get_authorised("/selftest");
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    let catalogue = answer.json();
    assert_eq!(catalogue["version"], 1);
    assert_eq!(catalogue["allowed_effects"], "read");
    let tests = catalogue["self_tests"].as_array().unwrap();
    let find = |name: &str| tests.iter().find(|test| test["name"] == name).unwrap();
    let place = find("orders/place");
    assert_eq!(place["summary"], "An order can be placed.");
    assert_eq!(place["description"], "It is cancelled again.");
    assert_eq!(
        (&place["effects"], &place["tags"]),
        (&json!("read"), &json!(["smoke"]))
    );
    assert_eq!(place["owner"], "team-orders");
    assert_eq!(place["runbook"], "https://wiki.example.com/orders");
    assert_eq!(place["location"]["file"], file!());
    assert_eq!(
        (&place["may_run"], &place["why_not"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(
        (&place["last"], &place["timeout_seconds"]),
        (&Value::Null, &json!(30.0))
    );
    assert_eq!(place["links"]["run"], "selftest/orders/place");
    let writes = find("writes");
    assert_eq!(writes["may_run"], false);
    assert!(writes["why_not"].as_str().unwrap().contains("scratch"));
}

#[test]
fn a_run_that_passes_is_200_with_everything_it_left() {
    let service = service();
    let answer = service.post("/selftest", r#"{"select":["tag:smoke"]}"#);
    assert_eq!(answer.status, 200, "{answer:?}");
    let run = answer.json();
    assert_eq!(
        (&run["version"], &run["outcome"]),
        (&json!(1), &json!("pass"))
    );
    assert_eq!(
        (&run["is_finished"], &run["is_cancelled"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        run["counts"],
        json!({"pass": 1, "warn": 0, "fail": 0, "skip": 0})
    );
    assert!(
        run["requested_by"]
            .as_str()
            .unwrap()
            .starts_with("127.0.0.1:")
    );
    assert_eq!(names(&run), ["orders/place"]);
    let report = &run["results"][0]["report"];
    assert_eq!(
        (&report["outcome"], &report["attempts"]),
        (&json!("pass"), &json!(1))
    );
    assert_eq!(report["steps"][0]["name"], "given a customer");
    assert_eq!(report["steps"][0]["steps"][0]["name"], "who is known");
    assert_eq!(
        report["observations"],
        json!([{"name": "rows", "value": 3.0, "unit": "count"}])
    );
    assert_eq!(report["notes"][0]["text"], "customer 7");
    let followed = service.follow("/selftest", &answer);
    assert_eq!((followed.status, followed.json()), (200, run));
    let catalogue = service.get_authorised("/selftest").json();
    let tests = catalogue["self_tests"].as_array().unwrap();
    let place = tests
        .iter()
        .find(|test| test["name"] == "orders/place")
        .unwrap();
    assert_eq!(place["last"]["outcome"], "pass");
}

#[test]
fn a_run_that_fails_is_503_and_says_why() {
    let service = service();
    let answer = service.post("/selftest", r#"{"select":["orders/*","panics"]}"#);
    assert_eq!(answer.status, 503);
    let run = answer.json();
    assert_eq!(
        (&run["outcome"], &run["counts"]["fail"]),
        (&json!("fail"), &json!(2))
    );
    assert_eq!(names(&run), ["orders/cancel", "orders/place", "panics"]);
    let failure = |index: usize| run["results"][index]["report"]["failure"].clone();
    assert_eq!(failure(0)["cause"], "failed");
    assert!(
        failure(0)["message"]
            .as_str()
            .unwrap()
            .contains("connection refused")
    );
    assert_eq!(failure(2)["cause"], "panicked");
    assert_eq!(failure(2)["message"], "index out of range");
    assert!(failure(2)["location"].as_str().unwrap().contains(".rs:"));
}

#[test]
fn a_warning_and_a_skip_are_200() {
    let service = service();
    for (name, outcome) in [("flaky", "warn"), ("skipped", "skip")] {
        let answer = service.post(&format!("/selftest/{name}"), "");
        assert_eq!(answer.status, 200);
        let run = answer.json();
        assert_eq!(run["outcome"], outcome);
        assert!(run["results"][0]["report"]["reason"].is_string());
    }
}

#[test]
fn without_a_body_everything_that_is_allowed_runs() {
    let run = service().post("/selftest", "").json();
    assert_eq!(names(&run).len(), checks().len());
    let writes = run["results"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&writes["name"], &writes["report"]["outcome"]),
        (&json!("writes"), &json!("skip"))
    );
}

#[test]
fn one_is_run_by_its_path_whatever_its_name() {
    let service = service();
    for name in ["orders/place", "runs", "runs/first", "runs/first/half"] {
        let path = format!("/selftest/{name}");
        let answer = service.post(&path, "");
        assert_eq!(answer.status, 200, "{name}: {answer:?}");
        assert_eq!(names(&answer.json()), [name]);
        assert_eq!(service.follow(&path, &answer).json(), answer.json());
    }
    let encoded = service.post("/selftest/orders%2Fplace", r#"{"wait":"10s"}"#);
    assert_eq!(names(&encoded.json()), ["orders/place"]);
    service
        .post("/selftest/orders/place", r#"{"select":["panics"]}"#)
        .assert_problem(422, "`select`");
}

#[test]
fn a_name_that_does_not_exist_is_404_with_close_ones() {
    let service = service();
    for answer in [
        service.post("/selftest", r#"{"select":["orders/plaice"]}"#),
        service.post("/selftest/orders/plaice", ""),
    ] {
        answer.assert_problem(404, "orders/plaice");
        assert_eq!(answer.json()["close"][0], "orders/place");
    }
    service
        .post("/selftest", r#"{"select":["orders/*","nothing/*"]}"#)
        .assert_problem(404, "nothing/*");
    // Patterns and tags are for the body: what is destructive runs by its exact name only.
    service
        .post("/selftest/orders/*", "")
        .assert_problem(404, "orders/*");
    service
        .post("/selftest/tag:smoke", "")
        .assert_problem(404, "tag:smoke");
}

#[test]
fn effects_that_are_not_allowed_are_403_and_nothing_runs() {
    let service = service();
    let named = service.post("/selftest/writes", "");
    named.assert_problem(403, "scratch");
    assert_eq!(
        named.json()["tests"],
        json!([{"name": "writes", "effects": "scratch"}])
    );
    service
        .post("/selftest", r#"{"effects":"destructive"}"#)
        .assert_problem(403, "read");
    let pure = service.post("/selftest/orders/place", r#"{"effects":"pure"}"#);
    pure.assert_problem(403, "pure");
    assert_eq!(
        service.get_authorised("/selftest/runs").json()["runs"],
        json!([])
    );
}

#[test]
fn a_selection_of_which_nothing_can_run_is_422_with_the_reasons() {
    let options = SelfTestOptions {
        ignore: Some("needs a licence"),
        ..SelfTestOptions::DEFAULT
    };
    let ignored = Check::self_test("licensed", options, |_| true);
    let service = Service::start(with_token([ignored]));
    let answer = service.post("/selftest", "");
    answer.assert_problem(422, "needs a licence");
    assert_eq!(answer.json()["tests"][0]["name"], "licensed");
    assert_eq!(service.post("/selftest/licensed", "").status, 200);
}

#[test]
fn what_the_program_allows_runs() {
    let service = Service::start(with_token(checks()).allow_effects(Effects::Scratch));
    assert_eq!(service.post("/selftest/writes", "").status, 200);
    service
        .post("/selftest/writes", r#"{"effects":"read"}"#)
        .assert_problem(403, "scratch");
}

#[test]
fn what_is_wrong_in_the_body_is_said() {
    let service = service();
    service
        .post("/selftest", r#"{"selekt":[]}"#)
        .assert_problem(422, "selekt");
    service
        .post("/selftest", r#"{"effects":"wild"}"#)
        .assert_problem(422, "destructive");
    service
        .post("/selftest", r#"{"wait":"6m"}"#)
        .assert_problem(422, "5m");
    service
        .post("/selftest", r#"{"select":["A b"]}"#)
        .assert_problem(422, "A b");
    let malformed = service.post("/selftest", "{\n\"select\": }");
    malformed.assert_problem(400, "line 2");
    assert_eq!(malformed.json()["line"], 2);
}

#[test]
fn a_body_is_json_and_small() {
    let service = service();
    let post = || Request::new("POST", "/selftest").with_token();
    let form = post()
        .with("Content-Type", "application/x-www-form-urlencoded")
        .with_body("select=x");
    form.send_to(service.address())
        .assert_problem(415, "application/json");
    post()
        .with_body("{}")
        .send_to(service.address())
        .assert_problem(415, "application/json");
    let charset = post().with("Content-Type", "Application/JSON; charset=utf-8");
    let charset = charset.with_body(r#"{"select":["runs"]}"#);
    assert_eq!(charset.send_to(service.address()).status, 200);
    let large = format!("{{\"select\":[\"{}\"]}}", "x".repeat(17_000));
    service
        .post("/selftest", &large)
        .assert_problem(413, "16384");
    let chunked = format!("{:x}\r\n{large}\r\n0\r\n\r\n", large.len());
    let chunked = post()
        .with("Content-Type", "application/json")
        .with("Transfer-Encoding", "chunked")
        .with("Content-Length-Not", "0")
        .with_body(&chunked);
    chunked
        .send_to(service.address())
        .assert_problem(413, "16384");
}

#[test]
fn a_format_that_there_is_not_is_refused_and_nothing_runs() {
    let service = service();
    service
        .post("/selftest?format=pdf", "")
        .assert_problem(406, "json");
    for path in [
        "/selftest?format=tap",
        "/selftest/runs?format=tap",
        "/selftest/runs/1?format=pdf",
    ] {
        service.get_authorised(path).assert_problem(406, "json");
    }
    assert_eq!(
        service.get_authorised("/selftest/runs?format=json").json()["runs"],
        json!([])
    );
}

#[test]
fn a_service_that_drains_runs_no_self_tests() {
    let service = service();
    service.exporter.drain();
    let answer = service.post("/selftest", "");
    answer.assert_problem(503, "draining");
    assert_eq!(answer.header("retry-after"), "10");
}

#[test]
fn what_is_destructive_takes_the_name_and_the_word() {
    let wipe = self_test("wipe", Effects::Destructive, |_| true);
    let other = self_test("other", Effects::Pure, |_| true);
    let builder = with_token([wipe, other]).allow_effects(Effects::Destructive);
    let service = Service::start(builder);
    let confirmed = r#"{"effects":"destructive"}"#;
    service
        .post("/selftest/wipe", "")
        .assert_problem(403, "ask for more with `effects`");
    let all = service.post("/selftest", confirmed);
    assert_eq!(all.json()["counts"]["skip"], 1);
    assert_eq!(service.post("/selftest/wipe", confirmed).status, 200);
}
