//! The application's own judgement of who somebody is.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{channel, sync_channel};
use std::sync::{Arc, Mutex};

use mad_exporter::{AuditEntry, Credentials, ExporterBuilder, Grant, Scope};

use crate::support::{
    Answer, PATIENCE, Request, Service, TOKEN, readiness, with_token, without_token,
};

fn builder() -> ExporterBuilder {
    without_token([readiness("database", |_| true)])
}

fn send(service: &Service, method: &'static str, path: &str, token: &str) -> Answer {
    let request = Request::new(method, path);
    let request = request.with("Authorization", &format!("Bearer {token}"));
    request.send_to(service.address())
}

#[test]
fn the_application_says_who_somebody_is_and_what_they_may_do() {
    let (sender, entries) = channel();
    let judge = |credentials: &Credentials| match credentials.token()? {
        "session-of-ada" => Some(Grant::new("ada", [Scope::Admin])),
        "session-of-bob" => Some(Grant::new("bob", [Scope::Read])),
        _ => None,
    };
    let hook = move |entry: &AuditEntry| _ = sender.send(entry.clone());
    let service = Service::start(builder().authorise(judge).audit(hook));
    assert_eq!(
        send(&service, "POST", "/drain", "session-of-ada").status,
        200
    );
    let entry = entries.recv_timeout(PATIENCE).unwrap();
    assert_eq!(entry.who.as_deref(), Some("ada"));
    assert_eq!(
        send(&service, "POST", "/drain", "session-of-bob").status,
        403
    );
    assert_eq!(
        send(&service, "GET", "/selftest", "session-of-bob").status,
        200
    );
    assert_eq!(
        send(&service, "POST", "/drain", "session-of-eve").status,
        401
    );
    assert_eq!(service.get("/selftest").status, 401);
}

#[test]
fn it_is_asked_neither_about_tokens_that_are_known_nor_about_nobody() {
    let calls = Arc::new(AtomicUsize::new(0));
    let judge = {
        let calls = Arc::clone(&calls);
        move |_: &Credentials| {
            calls.fetch_add(1, Ordering::Relaxed);
            None
        }
    };
    let service = Service::start(with_token([readiness("database", |_| true)]).authorise(judge));
    service.wait_for_status("/readyz", 200);
    assert_eq!(service.get("/selftest").status, 401);
    assert_eq!(send(&service, "GET", "/selftest", TOKEN).status, 200);
    assert_eq!(calls.load(Ordering::Relaxed), 0);
    assert_eq!(send(&service, "GET", "/selftest", "other").status, 401);
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[test]
fn one_that_panics_knows_nobody() {
    let judge = |_: &Credentials| -> Option<Grant> { panic!("the application's own fault") };
    let service = Service::start(builder().authorise(judge));
    for _ in 0..20 {
        assert_eq!(send(&service, "POST", "/drain", "any").status, 401);
    }
}

#[test]
fn one_that_hangs_refuses_with_503_and_holds_up_no_probe() {
    let (release, is_released) = sync_channel::<()>(0);
    let is_released = Mutex::new(is_released);
    let judge = move |_: &Credentials| {
        _ = is_released.lock().unwrap().recv();
        None
    };
    let service = Service::start(builder().authorise(judge));
    service.wait_for_status("/readyz", 200);
    let answer = std::thread::scope(|scope| {
        let asked = scope.spawn(|| send(&service, "POST", "/drain", "any"));
        while !asked.is_finished() {
            assert_eq!(service.get("/readyz").status, 200);
        }
        asked.join().unwrap()
    });
    answer.assert_problem(503, "who you are");
    assert_eq!(answer.header("retry-after"), "1");
    drop(release);
}

#[test]
fn credentials_do_not_show_the_token() {
    let (sender, shown) = channel();
    let judge = move |credentials: &Credentials| {
        _ = sender.send(format!("{credentials:?}"));
        None
    };
    let service = Service::start(builder().authorise(judge));
    send(&service, "POST", "/drain", "c4n4ry");
    let shown = shown.recv_timeout(PATIENCE).unwrap();
    assert!(
        shown.contains("has_token: true") && !shown.contains("c4n4ry"),
        "{shown}"
    );
}
