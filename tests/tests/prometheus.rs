//! The demo service beside a real Prometheus.

use tests::{Prometheus, Shop, eventually, promtool_check_metrics, python_client_parses};

const READINESS: &str = r#"mad_check_health{check="order_database",kind="readiness"}"#;

#[test]
fn prometheus_sees_the_checks_and_follows_a_fault_and_its_repair() {
    let shop = Shop::start();
    let prometheus = Prometheus::scraping(&shop.mad);
    prometheus.becomes("up", 1.0);
    prometheus.becomes(READINESS, 1.0);
    prometheus.becomes(r#"mad_lifecycle{state="serving"}"#, 1.0);

    shop.fault("db", true);
    prometheus.becomes(READINESS, 0.0);
    prometheus.becomes("up", 1.0);
    eventually("failures are counted", || {
        let failures = r#"mad_check_runs_total{check="order_database",outcome="fail"}"#;
        prometheus.value(failures) >= 1.0
    });

    shop.fault("db", false);
    prometheus.becomes(READINESS, 1.0);
    let transitions = r#"mad_check_transitions_total{check="order_database"}"#;
    prometheus.becomes(transitions, 3.0);
}

#[test]
fn every_check_has_every_series_from_the_start() {
    let shop = Shop::start();
    let prometheus = Prometheus::scraping(&shop.mad);
    prometheus.becomes("up", 1.0);
    let registered = r#"mad_checks_registered{kind="health_check"}"#;
    let n_checks = prometheus.value(registered);
    assert!(n_checks >= 4.0);
    prometheus.becomes(r#"count(mad_check_runs_total{outcome="fail"})"#, n_checks);
    prometheus.becomes("count(mad_check_stuck)", n_checks);
    let n_tests = prometheus.value(r#"mad_checks_registered{kind="self_test"}"#);
    assert!(n_tests >= 6.0);
    prometheus.becomes(r#"count(mad_selftest_runs_total{outcome="pass"})"#, n_tests);
    prometheus.becomes("mad_build_info", 1.0);
}

#[test]
fn the_applications_own_metrics_are_on_the_same_page() {
    let shop = Shop::start();
    let prometheus = Prometheus::scraping(&shop.mad);
    assert_eq!(tests::get(&format!("{}/products", shop.shop)).status, 200);
    eventually("the request is counted", || {
        let requests = r#"sum(shop_http_requests_total{route="/products"})"#;
        prometheus.value(requests) >= 1.0
    });
}

#[test]
fn a_scrape_runs_no_check() {
    let shop = Shop::start();
    let prometheus = Prometheus::scraping(&shop.mad);
    prometheus.becomes("up", 1.0);
    // The startup check runs once an hour, so a second run could only be the scrape's.
    let startup = r#"sum(mad_check_runs_total{check="schema"})"#;
    prometheus.becomes(startup, 1.0);
    let scrapes = || prometheus.value("sum_over_time(up[5m])");
    eventually("ten scrapes", || scrapes() >= 10.0);
    for _ in 0..200 {
        assert_eq!(shop.mad("GET", "/metrics").status, 200);
    }
    let before = scrapes();
    eventually("what these began would show", || scrapes() >= before + 2.0);
    // Counters: what had run more than once would never be this again.
    prometheus.becomes(startup, 1.0);
    prometheus.becomes("sum(mad_selftest_runs_total)", 0.0);
}

#[test]
fn the_judges_have_no_complaint_about_the_page() {
    let shop = Shop::start();
    assert_eq!(tests::get(&format!("{}/products", shop.shop)).status, 200);
    let ran = shop.mad_authorised("POST", "/selftest", None);
    assert_eq!(ran.status, 200, "{}", ran.body);
    let page = shop.mad("GET", "/metrics");
    assert_eq!(page.status, 200);
    assert_eq!(promtool_check_metrics(&page.body), "");
    assert_eq!(python_client_parses(&page.body), "");
    assert!(page.body.contains("mad_selftest_observation{"));
}
