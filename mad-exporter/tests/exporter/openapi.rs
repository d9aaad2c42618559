//! The description of the interface, held against the interface.

use std::collections::BTreeSet;

use mad_core::Effects;
use serde_json::Value;

use crate::support::{Request, Service, readiness, self_test, with_token};

const METHODS: [&str; 4] = ["get", "put", "post", "delete"];

fn service() -> Service {
    Service::start(with_token([
        readiness("database", |_| true),
        self_test("quick", Effects::Pure, |_| true),
    ]))
}

fn methods(described: &Value) -> BTreeSet<String> {
    let methods = METHODS
        .iter()
        .filter(|method| described.get(method).is_some());
    methods.map(|method| method.to_uppercase()).collect()
}

#[test]
fn every_address_knows_the_methods_that_are_described_and_no_other() {
    let service = service();
    let document = service.get("/openapi.json").json();
    for (path, described) in document["paths"].as_object().unwrap() {
        // A check and a self-test have names of their own, so that no other address is meant.
        let path = path.replace("{name}", "a/b").replace("{id}", "1-1");
        let refused = Request::new("PATCH", &path).with_token();
        let refused = refused.send_to(service.address());
        assert_eq!(refused.status, 405, "{path}");
        let allowed = refused.header("allow").split(',');
        let allowed: BTreeSet<_> = allowed
            .map(str::trim)
            .filter(|method| *method != "HEAD")
            .collect();
        let expected = methods(described);
        assert_eq!(
            allowed,
            expected.iter().map(String::as_str).collect(),
            "{path}"
        );
    }
}

#[test]
fn what_takes_a_token_is_described_so_and_nothing_else() {
    let service = service();
    let document = service.get("/openapi.json").json();
    for (path, described) in document["paths"].as_object().unwrap() {
        let address = path.replace("{name}", "database").replace("{id}", "1-1");
        for method in METHODS {
            let Some(operation) = described.get(method) else {
                continue;
            };
            let verb = match method {
                "get" => "GET",
                "put" => "PUT",
                "post" => "POST",
                _ => "DELETE",
            };
            let answer = Request::new(verb, &address).send_to(service.address());
            let takes_a_token = operation.get("security").is_some();
            assert_eq!(answer.status == 401, takes_a_token, "{method} {path}");
            let status = answer.status.to_string();
            assert!(
                operation["responses"].get(status).is_some(),
                "{method} {path}: {answer:?}"
            );
        }
    }
}
