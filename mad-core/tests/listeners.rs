//! Who is told when the health of a check changes, and how often.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mad_core::{Check, Engine, Health, HealthOptions, Outcome, Probe, Transition};
use support::{READINESS, eventually, health, registry};

#[test]
fn pitfall_05_a_result_that_is_too_old_is_unknown_and_told_once() {
    let options = HealthOptions {
        max_age: Some(Duration::from_millis(500)),
        ..READINESS
    };
    let runs = AtomicUsize::new(0);
    // A skipped run says nothing, so that the result of the first one ages.
    let check = Check::health_check("old", options, move |_| {
        match runs.fetch_add(1, Ordering::SeqCst) {
            0 => Outcome::Pass,
            _ => Outcome::skip("not now"),
        }
    });
    let (sender, transitions) = std::sync::mpsc::channel::<Transition>();
    let engine = Engine::builder()
        .registry(registry([check]))
        .listener(move |transition| sender.send(transition.clone()).unwrap())
        .start()
        .unwrap();
    let next = || {
        let transition = transitions.recv_timeout(Duration::from_secs(10)).unwrap();
        (transition.from, transition.to)
    };
    assert_eq!(next(), (Health::Unknown, Health::Up));
    assert_eq!(next(), (Health::Up, Health::Unknown));
    assert!(!engine.snapshot().answers(Probe::Readiness));
}

#[test]
fn pitfall_18_a_listener_that_wakes_people_is_spared_a_check_that_flaps() {
    let (told, changes) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let turn = AtomicUsize::new(0);
    let flaps = Check::health_check("flaps", READINESS, move |_| {
        turn.fetch_add(1, Ordering::SeqCst).is_multiple_of(2)
    });
    let counting = |count: &Arc<AtomicUsize>| {
        let count = Arc::clone(count);
        move |_: &Transition| _ = count.fetch_add(1, Ordering::SeqCst)
    };
    let engine = Engine::builder()
        .registry(registry([flaps]))
        .listener(counting(&changes))
        .notify_at_most_every(Duration::MAX, counting(&told))
        .start()
        .unwrap();
    eventually("it has flapped", || changes.load(Ordering::SeqCst) >= 10);
    assert_eq!(told.load(Ordering::SeqCst), 1);
    assert!(health(&engine, "flaps").record.transitions >= 10);
}
