//! `GET /health`.

use mad_core::{Check, HealthOptions, Outcome, Unit};
use serde_json::json;

use crate::support::{Service, readiness, wait_until, with_token};

fn service(outcome: fn() -> Outcome) -> Service {
    let database = readiness("database", move |_| {
        mad_core::observe("connections", 7.0, Unit::Count);
        mad_core::note("primary is db-3.internal");
        outcome()
    })
    .with_runbook("https://wiki.example.com/db");
    let informational = Check::health_check("informational", HealthOptions::DEFAULT, |_| true);
    let service = Service::start(
        with_token([database, informational])
            .version("1.2.3")
            .commit("abc"),
    );
    let has_run = || {
        let health = service.get_authorised("/health").json();
        health["checks"]["database:responseTime"][0]["observedUnit"] == "ms"
    };
    wait_until("the check has run", has_run);
    service
}

#[test]
fn a_service_that_works_passes() {
    let service = service(|| Outcome::Pass);
    service.wait_for_status("/health", 200);
    let answer = service.get_authorised("/health");
    assert_eq!(answer.header("content-type"), "application/health+json");
    assert_eq!(answer.header("cache-control"), "private, max-age=1");
    let health = answer.json();
    assert_eq!(health["status"], "pass");
    assert_eq!(health["version"], "1.2.3");
    assert_eq!(health["releaseId"], "abc");
    assert_eq!(health["checks"]["lifecycle"][0]["observedValue"], "serving");
    let run = &health["checks"]["database:responseTime"][0];
    assert_eq!(
        (&run["status"], &run["observedUnit"]),
        (&json!("pass"), &json!("ms"))
    );
    assert!(run["observedValue"].is_number() && run["output"].is_null());
    assert_eq!(run["notes"], json!(["primary is db-3.internal"]));
    assert_eq!(run["links"]["runbook"], "https://wiki.example.com/db");
    let connections = &health["checks"]["database:connections"][0];
    assert_eq!(
        (&connections["observedValue"], &connections["observedUnit"]),
        (&json!(7.0), &json!("count"))
    );
}

#[test]
fn a_reservation_warns_and_a_failure_fails() {
    let degraded = service(|| Outcome::warn("slow"));
    degraded.wait_for_status("/health", 200);
    assert_eq!(degraded.get("/health").json()["status"], "warn");

    let broken = service(|| Outcome::fail("gone"));
    broken.wait_for_status("/health", 503);
    let health = broken.get_authorised("/health").json();
    assert_eq!(health["status"], "fail");
    assert_eq!(
        health["checks"]["database:responseTime"][0]["output"],
        "fail: gone"
    );
}

#[test]
fn anonymous_callers_see_names_and_statuses() {
    let service = service(|| Outcome::Pass);
    service.wait_for_status("/health", 200);
    let entry =
        |name: &str| json!([{"componentId": name, "componentType": "component", "status": "pass"}]);
    wait_until("the informational check has run", || {
        let health = service.get("/health").json();
        health["checks"]["informational:responseTime"] == entry("informational")
    });
    let expected = json!({
        "status": "pass",
        "checks": {
            "database:responseTime": entry("database"),
            "informational:responseTime": entry("informational"),
            "lifecycle": [{
                "componentId": "lifecycle",
                "componentType": "system",
                "status": "pass",
                "observedValue": "serving",
            }],
        },
    });
    assert_eq!(service.get("/health").json(), expected);
}
