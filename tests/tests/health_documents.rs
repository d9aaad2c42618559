//! The documents of health that nobody has a schema for but we, held against it by a validator that is not ours.

use mad_core::{Outcome, Unit};
use mad_exporter::Exporter;
use serde_json::json;
use tests::{Served, health_schema_complaints, promtool_check_metrics, readiness};

const HOSTILE: &str = "no \"way\"\n</script> | \u{1b}[31m \u{2028} \\";

fn service(outcome: fn() -> Outcome) -> Served {
    let database = readiness("database", move |_| {
        mad_core::note(HOSTILE);
        mad_core::observe("connections", 7, Unit::Count);
        mad_core::observe("tiny", 1e-9, Unit::Seconds);
        outcome()
    });
    let database = database
        .with_tags(["db"])
        .with_runbook("https://wiki.example.com/db");
    let service = Served::start(Exporter::builder().version("1").commit("a"), [database]);
    tests::eventually("the check has run", || {
        get(&service, "nagios", "*/*").contains("database:tiny")
    });
    service
}

fn get(service: &Served, format: &str, accept: &str) -> String {
    let url = format!("{}/health?format={format}", service.url());
    tests::get_accepting(&url, accept).body
}

#[test]
fn every_document_is_as_its_schema_says() {
    let outcomes: [fn() -> Outcome; 4] = [
        || Outcome::Pass,
        || Outcome::warn(HOSTILE),
        || Outcome::fail(HOSTILE),
        || Outcome::skip(HOSTILE),
    ];
    for outcome in outcomes {
        let service = service(outcome);
        for (format, accept, name) in [
            ("health%2Bjson", "*/*", "health_json"),
            ("aspnet", "*/*", "aspnet"),
            (
                "spring",
                "application/vnd.spring-boot.actuator.v2+json",
                "spring_v2",
            ),
        ] {
            let document = get(&service, format, accept);
            assert_eq!(health_schema_complaints(name, &document), "", "{document}");
        }
    }
}

#[test]
fn promtool_reads_the_answers_to_the_probes() {
    let service = service(|| Outcome::fail(HOSTILE));
    let page = tests::get(&format!("{}/metrics/slis", service.url())).body;
    assert!(
        page.contains("kubernetes_healthcheck{name=\"database\",type=\"readyz\"} 0\n"),
        "{page}"
    );
    assert_eq!(promtool_check_metrics(&page), "");
}

#[test]
fn the_schema_refuses_what_the_draft_does() {
    let entry =
        json!({"componentId": "a", "componentType": "component", "status": "pass", "output": "x"});
    let check = |document: serde_json::Value| {
        assert_ne!(
            health_schema_complaints("health_json", &document.to_string()),
            ""
        );
    };
    check(json!({"status": "up", "checks": {}}));
    check(json!({"status": "pass", "checks": {"a:b:c": []}}));
    check(json!({"status": "pass", "checks": {"a": [entry]}}));
}
