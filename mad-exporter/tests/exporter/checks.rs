//! `GET /checks`.

use std::time::Duration;

use mad_core::{Check, Effects, HealthOptions, Probes};
use serde_json::json;

use crate::support::{Service, self_test, with_token};

#[test]
fn every_check_is_listed_with_what_it_asks_for_and_the_defaults_it_got() {
    let options = HealthOptions {
        probes: Probes {
            liveness: true,
            startup: true,
            ..Probes::NONE
        },
        every: Duration::from_secs(5),
        fail_after: 3,
        critical: false,
        ..HealthOptions::DEFAULT
    };
    let memory = Check::health_check("memory", options, |_| true)
        .with_doc("There is memory.")
        .with_timeout(Duration::from_secs(1))
        .with_owner("team-base");
    let order = self_test("orders/place", Effects::Scratch, |_| true).with_after(["memory"]);
    let service = Service::start(with_token([order, memory]));

    let checks = service.get_authorised("/checks").json();
    assert_eq!(checks["version"], 1);
    let memory = &checks["health_checks"][0];
    let expected = json!({
        "name": "memory", "summary": "There is memory.", "owner": "team-base",
        "probes": ["liveness", "startup"], "every_seconds": 5.0, "while_down_seconds": 5.0,
        "max_age_seconds": 16.0, "timeout_seconds": 1.0, "fail_after": 3, "recover_after": 1,
        "is_critical": false,
    });
    for (member, value) in expected.as_object().unwrap() {
        assert_eq!(&memory[member], value, "{member}");
    }
    let order = &checks["self_tests"][0];
    assert_eq!(order["after"], json!(["memory"]));
    assert_eq!(order["effects"], "scratch");
    assert_eq!(order["every_seconds"], json!(null));
}

#[test]
fn an_anonymous_caller_does_not_get_the_list() {
    let service = Service::start(with_token([self_test("a", Effects::Read, |_| true)]));
    assert_eq!(service.get("/checks").status, 401);
}
