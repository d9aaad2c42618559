//! One snapshot in the dialects of the peers.

use mad_core::{Check, HealthOptions, Outcome, Probes, Unit};
use serde_json::{Value, json};

use crate::support::{Answer, Request, Service, gating, readiness, wait_until, with_token};

/// Where one snapshot is served, and the format that is usual there.
const ADDRESSES: [(&str, &str); 6] = [
    ("/health", "health+json"),
    ("/health/live", "microprofile"),
    ("/health/ready", "microprofile"),
    ("/health/started", "microprofile"),
    ("/actuator/health", "spring"),
    ("/actuator/health/readiness", "spring"),
];

/// The media type of each format when nobody asks for another one.
const MEDIA_TYPES: [(&str, &str); 6] = [
    ("health+json", "application/health+json"),
    ("spring", SPRING_V3),
    ("microprofile", "application/json"),
    ("aspnet", "application/json"),
    ("nagios", TEXT),
    ("text", TEXT),
];

const SPRING_V3: &str = "application/vnd.spring-boot.actuator.v3+json";
const SPRING_V2: &str = "application/vnd.spring-boot.actuator.v2+json";
const TEXT: &str = "text/plain; charset=utf-8";

/// A service with a database that comes to this.
fn service(outcome: fn() -> Outcome) -> Service {
    let everything = Probes {
        liveness: true,
        readiness: true,
        startup: true,
    };
    let service = Service::start(with_token([
        readiness("database", move |_| outcome()),
        gating("a/threads", everything, |_| true),
        Check::health_check("informational", HealthOptions::DEFAULT, |_| false),
    ]));
    wait_until("every check has run", || {
        let health = service.get_authorised("/health").json();
        let names = ["database", "a/threads", "informational"];
        let entry = |name| &health["checks"][format!("{name}:responseTime")][0];
        names.iter().all(|name| entry(name)["time"].is_string())
    });
    service
}

fn working() -> Service {
    service(|| Outcome::Pass)
}

fn get(service: &Service, path: &str, accept: &str) -> Answer {
    let request = Request::new("GET", path).with("Accept", accept);
    request.send_to(service.address())
}

#[test]
fn every_address_answers_in_the_dialect_that_is_usual_there() {
    let service = working();
    for (path, format) in ADDRESSES {
        let expected = MEDIA_TYPES.iter().find(|(other, _)| *other == format);
        let answer = service.get(path);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        assert_eq!(answer.header("content-type"), expected.unwrap().1, "{path}");
        assert_eq!(answer.header("vary"), "Accept, Authorization", "{path}");
    }
    assert_eq!(service.get("/health").json()["status"], "pass");
    assert_eq!(service.get("/health/live").json()["status"], "UP");
    assert_eq!(service.get("/actuator/health").json()["status"], "UP");
}

#[test]
fn every_address_answers_in_every_format_that_is_asked_for_by_name() {
    let service = working();
    for (path, _) in ADDRESSES {
        for (format, media_type) in MEDIA_TYPES {
            let query = format!("{path}?format={}", format.replace('+', "%2B"));
            let answer = service.get(&query);
            assert_eq!(answer.status, 200, "{query}");
            assert_eq!(answer.header("content-type"), media_type, "{query}");
        }
    }
}

#[test]
fn the_header_accept_chooses_what_a_media_type_can_mean() {
    let service = working();
    let check = |path: &str, accept: &str, expected: &str| {
        let answer = get(&service, path, accept);
        assert_eq!(answer.status, 200, "{path} {accept}");
        assert_eq!(answer.header("content-type"), expected, "{path} {accept}");
    };
    check("/health", "*/*", "application/health+json");
    check("/health", "application/json", "application/json");
    check("/health", SPRING_V2, SPRING_V2);
    check("/health", "text/plain", TEXT);
    check("/health", "text/plain;q=0.5, */*;q=0.1", TEXT);
    check("/health/live", "application/json", "application/json");
    check(
        "/health/live",
        "application/health+json",
        "application/health+json",
    );
    check("/actuator/health", "application/json", "application/json");
    check("/actuator/health", "application/*", SPRING_V3);
    // Consul's own header.
    check("/health", "text/plain, text/*, */*", TEXT);
    check("/health?format=aspnet", "text/plain", TEXT);
    check("/health?format=nagios", "application/json", TEXT);
}

#[test]
fn a_header_that_asks_for_nothing_there_is_gets_what_is_usual() {
    let service = working();
    for (path, format) in ADDRESSES {
        let expected = MEDIA_TYPES.iter().find(|(other, _)| *other == format);
        for accept in ["image/png", "*/*;q=0", "gibberish", "application/json;q=0"] {
            let answer = get(&service, path, accept);
            assert_eq!(answer.status, 200, "{path} {accept}");
            let is_usual = answer.header("content-type") == expected.unwrap().1;
            assert!(
                is_usual || accept == "application/json;q=0",
                "{path} {accept}"
            );
        }
    }
}

/// In an address a `+` is a blank; who types the word writes it all the same.
#[test]
fn a_format_with_a_plus_is_found_however_it_is_written() {
    let service = working();
    for word in ["health+json", "health%2Bjson", "health%2bjson"] {
        let answer = service.get(&format!("/actuator/health?format={word}"));
        assert_eq!(answer.status, 200, "{word}");
        let media_type = answer.header("content-type");
        assert_eq!(media_type, "application/health+json", "{word}");
    }
}

#[test]
fn a_format_that_there_is_not_is_refused_with_those_that_there_are() {
    let service = working();
    let formats = MEDIA_TYPES.map(|(format, _)| format);
    for (path, _) in ADDRESSES {
        for query in [
            "format=xml",
            "format=",
            "format",
            "format=text&format=nagios",
        ] {
            let answer = service.get(&format!("{path}?{query}"));
            answer.assert_problem(406, "health+json, spring, microprofile");
            assert_eq!(answer.json()["formats"], json!(formats), "{path}?{query}");
        }
    }
}

#[test]
fn head_is_answered_as_get_without_the_document() {
    let service = working();
    for (path, _) in ADDRESSES {
        let head = Request::new("HEAD", path).send_to(service.address());
        let get = service.get(path);
        assert_eq!((head.status, head.body.as_str()), (200, ""), "{path}");
        for name in ["content-type", "vary", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
}

#[test]
fn only_the_draft_asks_for_answers_that_keep_for_a_while() {
    let service = working();
    for (format, _) in MEDIA_TYPES {
        let path = format!("/health?format={}", format.replace('+', "%2B"));
        let expected = if format == "health+json" {
            "private, max-age=1"
        } else {
            "no-store"
        };
        assert_eq!(
            service.get(&path).header("cache-control"),
            expected,
            "{format}"
        );
    }
}

/// What the whole is called in each format.
fn words(service: &Service) -> [String; 6] {
    let json = |format: &str| {
        let document = service.get(&format!("/health?format={format}")).json();
        document["status"].as_str().unwrap().to_owned()
    };
    let text = |format: &str| service.get(&format!("/health?format={format}")).body;
    let nagios = text("nagios");
    [
        json("health%2Bjson"),
        json("spring"),
        json("microprofile"),
        json("aspnet"),
        nagios.split(' ').nth(1).unwrap().to_owned(),
        text("text").split(',').next().unwrap().to_owned(),
    ]
}

#[test]
fn every_state_has_a_word_in_every_dialect() {
    let working = working();
    let check = |service: &Service, expected: [&str; 6], word: &str| {
        assert_eq!(words(service), expected);
        let answer = get(service, "/health?format=aspnet", "text/plain");
        assert_eq!(answer.body, word);
    };
    check(
        &working,
        ["pass", "UP", "UP", "Healthy", "OK", "up"],
        "Healthy",
    );
    working.exporter.drain();
    let away = [
        "fail",
        "OUT_OF_SERVICE",
        "DOWN",
        "Unhealthy",
        "CRITICAL",
        "away",
    ];
    check(&working, away, "Unhealthy");
    let degraded = ["warn", "UP", "UP", "Degraded", "WARNING", "degraded"];
    check(&service(|| Outcome::warn("slow")), degraded, "Degraded");
    let down = ["fail", "DOWN", "DOWN", "Unhealthy", "CRITICAL", "down"];
    check(&service(|| Outcome::fail("gone")), down, "Unhealthy");
    let unknown = ["fail", "UNKNOWN", "DOWN", "Unhealthy", "UNKNOWN", "unknown"];
    let skipped = service(|| Outcome::skip("not now"));
    check(&skipped, unknown, "Unhealthy");
    assert_eq!(skipped.get("/actuator/health/database").status, 503);
}

#[test]
fn the_status_is_the_same_in_every_dialect() {
    let check = |service: &Service, expected: u16| {
        for (path, _) in ADDRESSES {
            if matches!(path, "/health/live" | "/health/started") {
                continue;
            }
            for (format, _) in MEDIA_TYPES {
                let query = format!("{path}?format={}", format.replace('+', "%2B"));
                assert_eq!(service.get(&query).status, expected, "{query}");
            }
        }
        assert_eq!(service.get("/health/live").status, 200);
        assert_eq!(service.get("/actuator/health/liveness").status, 200);
        assert_eq!(service.get("/health/started").status, 200);
    };
    check(&service(|| Outcome::warn("slow")), 200);
    check(&service(|| Outcome::fail("gone")), 503);
    let draining = working();
    draining.exporter.drain();
    check(&draining, 503);
}

#[test]
fn an_instance_that_is_degraded_comes_last_to_envoy() {
    let degraded = service(|| Outcome::warn("slow"));
    for path in [
        "/health",
        "/health/ready",
        "/readyz",
        "/readyz/database",
        "/healthz",
    ] {
        let answer = degraded.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("x-envoy-degraded"), "true", "{path}");
    }
    // What is degraded does not gate it.
    assert_eq!(degraded.get("/livez").header("x-envoy-degraded"), "");
    for service in [working(), service(|| Outcome::fail("gone"))] {
        for path in ["/health", "/readyz"] {
            assert_eq!(service.get(path).header("x-envoy-degraded"), "", "{path}");
        }
    }
}

#[test]
fn consul_is_told_of_a_reservation_by_429_if_it_asks_for_that() {
    let check = |outcome: fn() -> Outcome, expected: u16| {
        let service = service(outcome);
        for path in [
            "/readyz?consul",
            "/readyz/database?consul",
            "/health?consul",
        ] {
            assert_eq!(service.get(path).status, expected, "{path}");
        }
        assert_eq!(service.get("/livez?consul").status, 200);
    };
    check(|| Outcome::Pass, 200);
    check(|| Outcome::warn("slow"), 429);
    check(|| Outcome::fail("gone"), 503);
}

#[test]
fn springs_endpoint_has_components_and_groups() {
    let service = working();
    let component = |status: &str| json!({"status": status});
    let expected = json!({
        "status": "UP",
        "components": {
            "a/threads": component("UP"),
            "database": component("UP"),
            "informational": component("DOWN"),
            "readinessState": {"status": "UP", "details": {"lifecycle": "serving"}},
        },
        "groups": ["liveness", "readiness", "startup"],
    });
    assert_eq!(service.get("/actuator/health").json(), expected);
    let live = json!({
        "status": "UP",
        "components": {
            "a/threads": component("UP"),
            "livenessState": {"status": "UP", "details": {"lifecycle": "serving"}},
        },
    });
    assert_eq!(service.get("/actuator/health/liveness").json(), live);
    let second = get(&service, "/actuator/health", SPRING_V2).json();
    assert_eq!(second["details"]["database"], component("UP"));
    assert_eq!(second.get("components"), None::<&Value>);
}

#[test]
fn springs_components_have_addresses_and_what_is_none_is_not_found() {
    let service = working();
    for path in [
        "database",
        "a/threads",
        "a%2Fthreads",
        "readinessState",
        "readiness/database",
        "readiness/a/threads",
        "liveness/a/threads",
        "startup/a/threads",
        "liveness/livenessState",
    ] {
        let answer = service.get(&format!("/actuator/health/{path}"));
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.json()["status"], "UP", "{path}");
        assert_eq!(answer.json().get("components"), None, "{path}");
    }
    assert_eq!(service.get("/actuator/health/informational").status, 503);
    for path in [
        "nothing",
        "liveness/database",
        "liveness/nothing",
        "readiness/informational",
        "liveness/",
        "Database",
        "readiness/readiness",
        "%FF",
        "%2F",
        "../../health",
    ] {
        let answer = service.get(&format!("/actuator/health/{path}"));
        assert_eq!(answer.status, 404, "{path}: {answer:?}");
    }
}

#[test]
fn microprofile_counts_only_what_gates() {
    let service = working();
    let names = |path: &str| -> Vec<String> {
        let checks = service.get(path).json()["checks"].clone();
        let checks = checks.as_array().unwrap().iter();
        checks
            .map(|check| check["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        names("/health?format=microprofile"),
        ["lifecycle", "a/threads", "database"]
    );
    assert_eq!(
        names("/health/ready"),
        ["lifecycle", "a/threads", "database"]
    );
    assert_eq!(names("/health/live"), ["lifecycle", "a/threads"]);
    assert_eq!(names("/health/started"), ["lifecycle", "a/threads"]);
}

#[test]
fn each_checks_answer_is_a_series_where_kubernetes_has_it() {
    let service = service(|| Outcome::fail("gone"));
    let answer = service.get("/metrics/slis");
    let media_type = "text/plain; version=0.0.4; charset=utf-8";
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, media_type)
    );
    let expected = "\
        kubernetes_healthcheck{name=\"lifecycle\",type=\"livez\"} 1\n\
        kubernetes_healthcheck{name=\"a/threads\",type=\"livez\"} 1\n\
        kubernetes_healthcheck{name=\"lifecycle\",type=\"readyz\"} 1\n\
        kubernetes_healthcheck{name=\"a/threads\",type=\"readyz\"} 1\n\
        kubernetes_healthcheck{name=\"database\",type=\"readyz\"} 0\n\
        kubernetes_healthcheck{name=\"lifecycle\",type=\"startupz\"} 1\n\
        kubernetes_healthcheck{name=\"a/threads\",type=\"startupz\"} 1\n";
    assert!(answer.body.ends_with(expected), "{}", answer.body);
}

/// Those of the pitfalls that the project knows of health endpoints which have to do with their dialects, by
/// their numbers.
mod pitfalls {
    use super::*;

    const CANARY: &str = "c4n4ry";

    fn telling() -> Service {
        let telling = |outcome: fn() -> Outcome| {
            move |_: &mad_core::Context| {
                mad_core::note("the c4n4ry is in db-3.internal");
                mad_core::observe("c4n4ry", 1.0, Unit::Count);
                outcome()
            }
        };
        let checks = [
            readiness("errors", telling(|| Outcome::fail("c4n4ry"))),
            readiness("warns", telling(|| Outcome::warn("c4n4ry"))),
            readiness("skips", telling(|| Outcome::skip("c4n4ry"))),
            readiness("panics", telling(|| panic!("c4n4ry"))),
            readiness("passes", telling(|| Outcome::Pass)),
        ];
        let tell = |check: Check| {
            let check = check.with_runbook("https://c4n4ry.example.com");
            check
                .with_tags(["c4n4ry"])
                .with_owner("c4n4ry")
                .with_doc("The c4n4ry.")
        };
        let builder = with_token(checks.map(tell))
            .version("1-c4n4ry")
            .commit("c4n4ry");
        let service = Service::start(builder);
        let maintenance = r#"{"reason":"c4n4ry","for":"30m"}"#;
        Request::new("PUT", "/maintenance/passes")
            .with_token()
            .with_json(maintenance)
            .send_to(service.address());
        wait_until("every check has run", || {
            let text = service.get_authorised("/health?format=nagios").body;
            text.matches("c4n4ry'=1").count() == 5
        });
        service
    }

    fn every_address() -> impl Iterator<Item = String> {
        let formats = MEDIA_TYPES.map(|(format, _)| format.replace('+', "%2B"));
        let components = ["errors", "warns", "skips", "panics", "passes"];
        let components = components.map(|name| format!("/actuator/health/{name}"));
        let addresses = ADDRESSES.map(|(path, _)| path.to_owned());
        let probes = [
            "/readyz",
            "/readyz/errors",
            "/readyz/panics",
            "/readyz/passes",
        ];
        let documents = addresses
            .into_iter()
            .chain(components)
            .flat_map(move |path| {
                let formats = formats.clone().into_iter();
                formats.map(move |format| format!("{path}?format={format}"))
            });
        documents.chain(probes.map(|path| format!("{path}?verbose")))
    }

    #[test]
    fn pitfall_09_information_leak() {
        let service = telling();
        for path in every_address() {
            for accept in ["*/*", SPRING_V2, "text/plain"] {
                let anonymous = get(&service, &path, accept);
                assert_ne!(anonymous.status, 404, "{path}");
                assert!(
                    !format!("{anonymous:?}").contains(CANARY),
                    "{path}: {anonymous:?}"
                );
            }
        }
        // The test can fail: who may see it does.
        for (format, _) in MEDIA_TYPES {
            let path = format!("/health?format={}", format.replace('+', "%2B"));
            assert!(
                service.get_authorised(&path).body.contains(CANARY),
                "{path}"
            );
        }
    }

    #[test]
    fn pitfall_27_injection_into_text_formats() {
        let forged =
            || Outcome::fail("x\nMAD OK - all is well | 'forged'=1\r\n[OK] forged\u{1b}[2J\u{85}");
        let service = service(forged);
        for format in ["nagios", "text"] {
            let text = service
                .get_authorised(&format!("/health?format={format}"))
                .body;
            let lines = text.lines().count();
            assert_eq!(lines, if format == "nagios" { 5 } else { 4 }, "{text}");
            let is_clean = |letter: char| letter == '\n' || !letter.is_control();
            assert!(text.chars().all(is_clean), "{text:?}");
            assert!(!text.contains("\n[OK] forged"), "{text}");
            assert!(format == "text" || !text.contains("| 'forged'"), "{text}");
        }
    }

    #[test]
    fn pitfall_31_enumeration() {
        let service = working();
        let nothing = service.get("/actuator/health/nothing");
        let outside = service.get("/actuator/health/liveness/database");
        assert_eq!(
            (nothing.status, nothing.body),
            (outside.status, outside.body)
        );
    }

    #[test]
    fn pitfall_20_start_race() {
        let (release, released) = std::sync::mpsc::channel::<()>();
        let released = std::sync::Mutex::new(released);
        let never = readiness("database", move |_| {
            // It ends with the test.
            _ = released.lock().map(|released| released.recv());
        });
        let service = Service::start(with_token([never]));
        for path in [
            "/health",
            "/health/ready",
            "/actuator/health",
            "/actuator/health/readiness",
        ] {
            for (format, _) in MEDIA_TYPES {
                let path = format!("{path}?format={}", format.replace('+', "%2B"));
                assert_eq!(service.get(&path).status, 503, "{path}");
            }
        }
        assert_eq!(service.get("/health/live").status, 200);
        drop(release);
    }

    #[test]
    fn pitfall_32_query_switches_as_attack() {
        let service = service(|| Outcome::fail("gone"));
        for switch in [
            "exclude=database",
            "consul",
            "verbose",
            "tag=a",
            "format=text&consul",
        ] {
            for path in [
                "/health",
                "/health/ready",
                "/actuator/health/database",
                "/readyz",
            ] {
                let answer = service.get(&format!("{path}?{switch}"));
                assert!(
                    answer.status >= 400 && answer.status != 429,
                    "{path}?{switch}"
                );
            }
        }
    }
}
