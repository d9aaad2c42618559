//! Tokens that may do some things and not others.

use std::sync::mpsc::channel;

use mad_core::{Effects, Outcome};
use mad_exporter::{AuditEntry, ExporterBuilder, Scope, Token};

use crate::support::{
    Answer, PATIENCE, Request, Service, readiness, self_test, wait_until, without_token,
};

/// One token for each scope, called like its scope; the secret is `secret:SCOPE`.
fn with_every_scope(builder: ExporterBuilder) -> ExporterBuilder {
    let triggers = Effects::ALL.map(Scope::Trigger);
    let scopes = [Scope::Read, Scope::Admin].into_iter().chain(triggers);
    scopes.fold(builder, |builder, scope| {
        let (name, secret) = (scope.to_string(), format!("secret:{scope}"));
        builder.scoped_token(Token::new(name, secret, [scope]))
    })
}

fn builder() -> ExporterBuilder {
    let mut checks = vec![readiness("database", |_| Outcome::fail("why it fails"))];
    checks.extend(Effects::ALL.map(|effects| self_test(effects.as_str(), effects, |_| true)));
    with_every_scope(without_token(checks)).allow_effects(Effects::Destructive)
}

fn send(service: &Service, scope: &str, method: &'static str, path: &str, body: &str) -> Answer {
    let request = Request::new(method, path);
    let request = request.with("Authorization", &format!("Bearer secret:{scope}"));
    let request = if body.is_empty() {
        request
    } else {
        request.with_json(body)
    };
    request.send_to(service.address())
}

/// Returns what a self-test of a run came to.
fn outcome(answer: &Answer, name: &str) -> String {
    let run = answer.json();
    let mut results = run["results"].as_array().unwrap().iter();
    let result = results.find(|result| result["name"] == name).unwrap();
    result["report"]["outcome"].as_str().unwrap().to_owned()
}

/// What each route takes.
const ROUTES: [(&str, &str, &str); 14] = [
    ("GET", "/selftest", "read"),
    ("GET", "/selftest/runs", "read"),
    ("GET", "/selftest/runs/1", "read"),
    ("GET", "/maintenance", "read"),
    ("GET", "/readyz?tag=x", "read"),
    ("POST", "/selftest", "trigger:pure"),
    ("POST", "/selftest/pure", "trigger:pure"),
    ("DELETE", "/selftest/runs/1", "trigger:pure"),
    ("PUT", "/maintenance", "admin"),
    ("DELETE", "/maintenance", "admin"),
    ("PUT", "/maintenance/database", "admin"),
    ("DELETE", "/maintenance/database", "admin"),
    ("POST", "/drain", "admin"),
    ("POST", "/resume", "admin"),
];

#[test]
fn a_token_without_the_scope_is_403_and_told_which_one_it_takes() {
    let service = Service::start(builder());
    for (method, path, taken) in ROUTES {
        for scope in ["read", "trigger:pure", "trigger:destructive", "admin"] {
            let is_enough = taken == "read" || scope.split(':').next() == taken.split(':').next();
            let answer = send(&service, scope, method, path, "");
            assert_eq!(
                answer.status != 403,
                is_enough,
                "{method} {path} with {scope}: {answer:?}"
            );
            if !is_enough {
                answer.assert_problem(403, &format!("`{taken}`"));
                assert_eq!(answer.json()["scope"], taken);
                let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{taken}\"");
                assert_eq!(answer.header("www-authenticate"), challenge);
            }
        }
    }
}

#[test]
fn every_scope_shows_reasons_and_no_token_shows_none() {
    let service = Service::start(builder());
    // It is down before its first run, too, and says then that there was none.
    wait_until("the check has failed", || {
        let answer = send(&service, "read", "GET", "/readyz/database", "");
        answer.body.contains("why it fails")
    });
    for scope in ["read", "trigger:pure", "admin"] {
        let answer = send(&service, scope, "GET", "/readyz/database", "");
        assert!(answer.body.contains("why it fails"), "{scope}: {answer:?}");
    }
    assert!(
        !service
            .get("/readyz/database")
            .body
            .contains("why it fails")
    );
}

/// Pitfall 12.
#[test]
fn pitfall_12_side_effects_need_the_scope_the_class_and_for_what_is_destructive_the_exact_name() {
    let service = Service::start(builder());
    let run =
        |scope: &str, path: &str, body: &str| send(&service, scope, "POST", path, body).status;
    let class = |class: &str| format!(r#"{{"effects":"{class}"}}"#);

    // Nothing said: as much as the token allows, and nothing destructive.
    assert_eq!(run("trigger:read", "/selftest/read", ""), 200);
    assert_eq!(run("trigger:read", "/selftest/scratch", ""), 403);
    assert_eq!(run("trigger:scratch", "/selftest/scratch", ""), 200);
    assert_eq!(run("trigger:destructive", "/selftest/destructive", ""), 403);

    // The class in so many words does not go beyond the token.
    assert_eq!(run("trigger:pure", "/selftest/read", &class("read")), 403);
    assert_eq!(
        run(
            "trigger:scratch",
            "/selftest/destructive",
            &class("destructive")
        ),
        403
    );
    assert_eq!(
        run(
            "trigger:destructive",
            "/selftest/destructive",
            &class("destructive")
        ),
        200
    );

    // Neither a pattern nor everything reaches what is destructive.
    for body in [
        r#"{"select":["destruct*","pure"],"effects":"destructive"}"#,
        &class("destructive"),
    ] {
        let answer = send(&service, "trigger:destructive", "POST", "/selftest", body);
        assert_eq!(outcome(&answer, "destructive"), "skip", "{answer:?}");
        assert_eq!(outcome(&answer, "pure"), "pass", "{answer:?}");
    }
    let by_name = r#"{"select":["destructive"],"effects":"destructive"}"#;
    assert_eq!(run("trigger:destructive", "/selftest", by_name), 200);
}

#[test]
fn everything_that_a_token_may_run_runs_and_the_rest_is_left_out() {
    let service = Service::start(builder());
    let answer = send(&service, "trigger:read", "POST", "/selftest", "");
    let outcomes = Effects::ALL.map(|effects| outcome(&answer, effects.as_str()));
    assert_eq!(outcomes, ["pass", "pass", "skip", "skip"], "{answer:?}");
}

#[test]
fn the_audit_log_has_the_name_of_the_token_and_never_its_text() {
    let (sender, entries) = channel();
    let service =
        Service::start(builder().audit(move |entry: &AuditEntry| _ = sender.send(entry.clone())));
    let next = || entries.recv_timeout(PATIENCE).unwrap();

    send(&service, "admin", "POST", "/drain", "");
    let entry = next();
    assert_eq!(entry.who.as_deref(), Some("admin"));
    assert!(entry.to_string().contains(" (admin): accepted"), "{entry}");

    send(&service, "read", "POST", "/drain", "");
    let entry = next();
    assert_eq!(
        (entry.who.as_deref(), entry.is_accepted),
        (Some("read"), false)
    );

    send(&service, "nobody", "POST", "/drain", "");
    let entry = next();
    assert_eq!((entry.who.as_deref(), entry.is_accepted), (None, false));
    assert!(!format!("{entry:?} {entry}").contains("secret"));
}

#[test]
fn while_a_token_is_replaced_the_old_and_the_new_are_valid() {
    let checks = [readiness("database", |_| true)];
    let service = Service::start(
        without_token(checks)
            .token("secret:old")
            .scoped_token(Token::new("new", "secret:new", [Scope::Admin])),
    );
    assert_eq!(send(&service, "old", "POST", "/drain", "").status, 200);
    assert_eq!(send(&service, "new", "POST", "/resume", "").status, 200);
    assert_eq!(send(&service, "newer", "POST", "/resume", "").status, 401);
}

#[test]
fn a_token_without_any_scope_is_an_error_that_names_it() {
    let builder = without_token([readiness("database", |_| true)]);
    let error = builder
        .scoped_token(Token::new("idle", "s3cret", []))
        .start()
        .unwrap_err();
    assert!(error.is_invalid_token());
    assert!(
        error.to_string().contains("\"idle\" has no scope"),
        "{error}"
    );
    assert!(!format!("{error:?}").contains("s3cret"));
}
