//! What an operator does with curl at 3 a.m.

use std::time::{Duration, Instant};

use tests::{Shop, eventually};

#[track_caller]
fn becomes(shop: &Shop, path: &str, status: u16) {
    eventually(&format!("{path} is {status}"), || {
        shop.mad("GET", path).status == status
    });
}

#[test]
fn readiness_goes_with_a_fault_and_comes_back_by_itself() {
    let shop = Shop::start();
    becomes(&shop, "/readyz", 200);
    assert_eq!(shop.mad("GET", "/readyz").body, "ok");
    shop.fault("db", true);
    becomes(&shop, "/readyz", 503);
    assert!(
        shop.mad("GET", "/readyz")
            .body
            .contains("[-]order_database failed")
    );
    assert_eq!(shop.mad("GET", "/livez").status, 200);
    shop.fault("db", false);
    becomes(&shop, "/readyz", 200);
}

#[test]
fn a_thousand_probes_of_a_service_whose_check_hangs_are_answered_without_a_thread_each() {
    let mut shop = Shop::start();
    becomes(&shop, "/readyz", 200);
    shop.fault("hang", true);
    eventually("the check is stuck", || {
        let page = shop.mad("GET", "/metrics").body;
        let is_stuck = |line: &str| line.starts_with("mad_check_stuck") && line.ends_with(" 1");
        page.lines().any(is_stuck)
    });
    let tasks = format!("/proc/{}/task", shop.pid());
    let n_threads = || std::fs::read_dir(&tasks).unwrap().count();
    let before = n_threads();
    for _ in 0..1_000 {
        assert_eq!(shop.mad("GET", "/livez").status, 200);
    }
    // Those that run checks come and go with the schedule, not with the probes.
    let after = n_threads();
    assert!(after <= before + 4, "{before} threads, and then {after}");
}

#[test]
fn triggered_self_tests_answer_with_steps_observations_and_durations() {
    let shop = Shop::start();
    becomes(&shop, "/readyz", 200);
    let body = r#"{"effects":"scratch"}"#;
    let answer = shop.mad_authorised("POST", "/selftest", Some(body));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let report = answer.json();
    let results = report["results"].as_array().unwrap();
    let order = results
        .iter()
        .find(|result| result["name"] == "place_and_cancel_order");
    let order = order.expect("the scratch round trip ran");
    let order = &order["report"];
    assert_eq!(order["outcome"], "pass", "{order}");
    assert!(order["steps"].as_array().unwrap().len() >= 2, "{order}");
    assert!(
        !order["observations"].as_array().unwrap().is_empty(),
        "{order}"
    );
    assert!(order["duration_seconds"].as_f64().unwrap() > 0.0, "{order}");
}

#[test]
fn a_failing_self_test_answers_503_with_the_reason() {
    let shop = Shop::start();
    becomes(&shop, "/readyz", 200);
    shop.fault("db", true);
    let answer = shop.mad_authorised("POST", "/selftest", None);
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert!(answer.body.contains("\"fail\""), "{}", answer.body);
}

#[test]
fn without_the_token_nothing_runs() {
    let shop = Shop::start();
    becomes(&shop, "/readyz", 200);
    assert_eq!(shop.mad("POST", "/selftest").status, 401);
    let page = shop.mad("GET", "/metrics").body;
    let runs = page
        .lines()
        .filter(|line| line.starts_with("mad_selftest_runs_total{"));
    assert!(runs.clone().count() > 0);
    assert!(runs.into_iter().all(|line| line.ends_with(" 0")), "{page}");
}

#[test]
fn mistakes_are_answered_with_what_to_do() {
    let shop = Shop::start();
    becomes(&shop, "/readyz", 200);
    let trigger = |body: &str| shop.mad_authorised("POST", "/selftest", Some(body));

    let unknown = trigger(r#"{"select":["place_and_cancel_ordr"]}"#);
    assert_eq!(unknown.status, 404);
    assert!(
        unknown.body.contains("place_and_cancel_order"),
        "{}",
        unknown.body
    );
    assert_eq!(trigger(r#"{"select":["nothing*"]}"#).status, 404);
    assert_eq!(trigger("{").status, 400);
    assert_eq!(trigger(r#"{"effects":"everything"}"#).status, 422);
    assert_eq!(trigger(r#"{"selct":[]}"#).status, 422);
    assert_eq!(
        trigger(&format!(r#"{{"select":["{}"]}}"#, "x".repeat(20_000))).status,
        413
    );
    let harmful = r#"{"select":["place_and_cancel_order"],"effects":"read"}"#;
    assert_eq!(trigger(harmful).status, 403);
}

#[test]
fn one_run_at_a_time() {
    let shop = Shop::start();
    becomes(&shop, "/readyz", 200);
    shop.fault("hang", true);
    let started = shop.mad_authorised("POST", "/selftest", Some(r#"{"wait":"10ms"}"#));
    assert_eq!(started.status, 202, "{}", started.body);
    let second = shop.mad_authorised("POST", "/selftest", None);
    assert_eq!(second.status, 409, "{}", second.body);
    shop.fault("hang", false);
    eventually("the next one may run", || {
        shop.mad_authorised("POST", "/selftest", None).status == 200
    });
}

#[test]
fn a_check_that_hangs_or_panics_harms_nothing_else() {
    let mut shop = Shop::start();
    becomes(&shop, "/readyz", 200);
    let threads_before = threads(shop.pid());
    shop.fault("hang", true);
    shop.fault("panic", true);
    becomes(&shop, "/readyz", 503);
    let started = Instant::now();
    for _ in 0..1_000 {
        assert_eq!(shop.mad("GET", "/livez").status, 200);
    }
    assert!(started.elapsed() < Duration::from_mins(1));
    let threads = threads(shop.pid());
    assert!(
        threads <= threads_before + 8,
        "{threads_before} threads became {threads}"
    );
    shop.fault("hang", false);
    shop.fault("panic", false);
    becomes(&shop, "/readyz", 200);
}

fn threads(pid: u32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/task"))
        .unwrap()
        .count()
}
