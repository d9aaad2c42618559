//! What the tests share: one run of one check, and peers of many kinds.

#![allow(dead_code, reason = "each of them uses a part of it")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use mad_core::{Cause, Check, Engine, IntoCheck, OutcomeKind, Registry, Report};

/// Starts an engine with this check alone.
pub(crate) fn start(check: impl IntoCheck) -> Engine {
    let engine = Engine::builder().registry(Registry::new()).check(check);
    engine.start().unwrap()
}

/// Returns the report of the first run.
pub(crate) fn report(check: impl IntoCheck) -> Arc<Report> {
    let engine = start(check);
    let last = || engine.snapshot().health_checks[0].record.last.clone();
    eventually("it has run", || last().is_some());
    let is_stuck = engine.snapshot().health_checks[0].stuck_since.is_some();
    engine.shutdown(Duration::ZERO);
    assert!(!is_stuck, "its thread is stuck");
    last().unwrap()
}

/// Waits until the claim holds, and fails when it does not within twenty seconds.
#[track_caller]
pub(crate) fn eventually(claim: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(
            Instant::now() < deadline,
            "not within twenty seconds: {claim}"
        );
        thread::sleep(Duration::from_millis(2));
    }
}

#[track_caller]
pub(crate) fn check_passes(check: impl IntoCheck) -> Arc<Report> {
    check_outcome(check, OutcomeKind::Pass, "")
}

#[track_caller]
pub(crate) fn check_warns(check: impl IntoCheck, why: &str) -> Arc<Report> {
    check_outcome(check, OutcomeKind::Warn, why)
}

/// It fails by its own words, and not because somebody else ended it.
#[track_caller]
pub(crate) fn check_fails(check: impl IntoCheck, why: &str) -> Arc<Report> {
    let report = check_outcome(check, OutcomeKind::Fail, why);
    let cause = report.outcome.failure().map(mad_core::Failure::cause);
    assert_eq!(cause, Some(Cause::Failed), "{report}");
    report
}

#[track_caller]
fn check_outcome(check: impl IntoCheck, kind: OutcomeKind, why: &str) -> Arc<Report> {
    let report = report(check);
    let text = report.outcome.to_string();
    assert_eq!(report.outcome.kind(), kind, "{report}");
    assert!(text.contains(why), "{text}");
    report
}

#[track_caller]
pub(crate) fn observed(report: &Report, name: &str) -> f64 {
    let mut observations = report.observations.iter();
    let found = observations.find(|observation| observation.name == name);
    found
        .unwrap_or_else(|| panic!("no {name} in {report}"))
        .value
}

#[track_caller]
pub(crate) fn check_noted(report: &Report, text: &str) {
    let is_noted = report.notes.iter().any(|note| note.text.contains(text));
    assert!(is_noted, "{report}");
}

/// Gives a check little time, and yet so much that a busy machine does not matter.
pub(crate) fn impatient(check: impl IntoCheck) -> Check {
    check.into_check().with_timeout(Duration::from_secs(2))
}

/// Listens on a free port of this machine.
pub(crate) fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Returns an address on which nobody listens.
pub(crate) fn closed_address() -> SocketAddr {
    listener().1
}

/// Serves each connection on a thread of its own, as long as the test binary runs.
pub(crate) fn serve(talk: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let (listener, address) = listener();
    let talk = Arc::new(talk);
    let accept = move || {
        for socket in listener.incoming().flatten() {
            let talk = Arc::clone(&talk);
            let talk = thread::Builder::new().spawn(move || talk(socket));
            drop(talk.unwrap());
        }
    };
    drop(thread::Builder::new().spawn(accept).unwrap());
    address
}

/// Answers every request with these bytes, and closes.
pub(crate) fn answering(answer: impl Into<Vec<u8>>) -> SocketAddr {
    let answer = answer.into();
    serve(move |mut socket| {
        read_request(&mut socket);
        // Who asks may have seen enough.
        _ = socket.write_all(&answer);
    })
}

pub(crate) fn read_request(socket: &mut impl Read) {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && socket.read(&mut byte).is_ok_and(|read| read > 0) {
        request.push(byte[0]);
    }
}

/// Takes connections, and says nothing until the other side goes.
pub(crate) fn silent() -> SocketAddr {
    serve(|mut socket| {
        _ = socket.read_to_end(&mut Vec::new());
    })
}
