//! Checks that come and go while the engine runs.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use mad_core::{
    Cause, Check, Effects, Engine, Health, HealthOptions, Lifecycle, Outcome, OutcomeKind, Probes,
    Progress, REMEMBERED_RUNS, SelfTestOptions, SelfTestRun,
};
use support::{READINESS, Switch, all, at_rest, eventually, health, start};

const PURE: SelfTestOptions = SelfTestOptions {
    effects: Effects::Pure,
    ..SelfTestOptions::DEFAULT
};

#[test]
fn checks_come_and_go_while_the_engine_runs() {
    let engine = start([Check::health_check("disk", READINESS, |_| true)]);
    let runs = Arc::new(AtomicUsize::new(0));
    let tenant = || {
        let runs = Arc::clone(&runs);
        Check::health_check("tenant/42", READINESS, move |_| {
            runs.fetch_add(1, Ordering::SeqCst);
        })
    };
    engine.add(tenant()).unwrap();
    eventually("it runs", || runs.load(Ordering::SeqCst) > 2);
    let error = engine.add(tenant()).unwrap_err().to_string();
    assert!(
        error.contains("a check named `tenant/42` is registered already"),
        "{error}"
    );

    assert!(engine.remove("tenant/42"));
    assert!(!engine.remove("tenant/42"));
    assert_eq!(engine.snapshot().health_checks.len(), 1);
    let before = at_rest("it runs no more", || runs.load(Ordering::SeqCst));

    engine.add(tenant()).unwrap();
    eventually("it runs again", || runs.load(Ordering::SeqCst) > before);
    eventually("it is up", || {
        health(&engine, "tenant/42").health == Health::Up
    });
}

#[test]
fn a_check_that_is_taken_out_while_it_hangs_is_gone_and_its_name_is_free() {
    let hold = Switch::on();
    let hangs = {
        let hold = hold.clone();
        Check::health_check("tenant/42", READINESS, move |_| hold.hold())
    };
    let engine = start([
        hangs.with_timeout(Duration::from_millis(20)),
        Check::health_check("disk", READINESS, |_| true),
    ]);
    eventually("it is stuck", || {
        health(&engine, "tenant/42").stuck_since.is_some()
    });
    assert!(engine.remove("tenant/42"));
    engine
        .add(Check::health_check("tenant/42", READINESS, |_| true))
        .unwrap();
    eventually("the new one is up", || {
        health(&engine, "tenant/42").health == Health::Up
    });
    hold.set(false);
}

#[test]
fn what_cannot_be_added_is_refused_with_all_its_reasons() {
    let engine = start([Check::health_check("disk", READINESS, |_| true)]);
    let wrong = Check::health_check("Tenant", READINESS, |_| true).with_after(["nobody"]);
    let error = engine.add(wrong).unwrap_err().to_string();
    assert!(error.contains("2 problems"), "{error}");
    assert!(error.contains("no health check has that name"), "{error}");

    let first = Check::health_check("a", READINESS, |_| true);
    engine.add(first).unwrap();
    let second = Check::health_check("b", READINESS, |_| true).with_after(["a"]);
    engine.add(second).unwrap();
    engine.remove("a");
    let circle = Check::health_check("a", READINESS, |_| true).with_after(["b"]);
    let error = engine.add(circle).unwrap_err().to_string();
    assert!(
        error.contains("`after` runs in a circle: a -> b -> a"),
        "{error}"
    );

    engine.shutdown(Duration::ZERO);
    let late = Check::health_check("late", READINESS, |_| true);
    let error = engine.add(late).unwrap_err().to_string();
    assert!(error.contains("the engine has stopped"), "{error}");
}

/// A self-test that hangs while the switch is on, and may take 50 ms.
fn hanging_test(name: &'static str, hold: &Switch) -> Check {
    let hold = hold.clone();
    Check::self_test(name, SelfTestOptions::DEFAULT, move |_| hold.hold())
        .with_timeout(Duration::from_millis(50))
}

#[test]
fn a_self_test_that_is_taken_out_while_it_hangs_is_judged_at_its_deadline() {
    let hold = Switch::on();
    let engine = start([hanging_test("hangs", &hold)]);
    let id = engine.trigger(all()).unwrap();
    let progress = || {
        engine.self_test_run(&id).unwrap().results[0]
            .progress
            .clone()
    };
    eventually("it runs", || progress() == Progress::Running);
    assert!(engine.remove("hangs"));
    eventually("the run is over", || {
        engine.self_test_run(&id).unwrap().is_finished()
    });
    let run = engine.self_test_run(&id).unwrap();
    let failure = run.results[0].report().unwrap().outcome.failure().cloned();
    assert_eq!(failure.unwrap().cause(), Cause::TimedOut);
    hold.set(false);
}

#[test]
fn another_self_test_of_the_same_name_does_not_run_in_its_place() {
    let (hold, ran) = (Switch::on(), Switch::default());
    let engine = start([
        hanging_test("a", &hold).with_timeout(Duration::from_secs(20)),
        Check::self_test("b", SelfTestOptions::DEFAULT, |_| true),
    ]);
    let id = engine.trigger(all()).unwrap();
    let other = {
        let ran = ran.clone();
        Check::self_test("b", SelfTestOptions::DEFAULT, move |_| ran.set(true))
    };
    assert!(engine.remove("b"));
    engine.add(other).unwrap();
    hold.set(false);
    eventually("the run is over", || {
        engine.self_test_run(&id).unwrap().is_finished()
    });
    let run = engine.self_test_run(&id).unwrap();
    let report = run.results[1].report().unwrap();
    assert_eq!(
        report.outcome,
        Outcome::skip("it is not registered any more")
    );
    assert!(!ran.is_on());
}

#[test]
fn a_value_that_panics_when_its_check_is_taken_out_harms_nothing() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("the pool is closed twice");
        }
    }
    let engine = start([Check::health_check("disk", READINESS, |_| true)]);
    let bomb = Bomb;
    let tenant = Check::health_check("tenant/42", READINESS, move |_| {
        let _bomb = &bomb;
    });
    engine.add(tenant).unwrap();
    eventually("it is up", || {
        health(&engine, "tenant/42").health == Health::Up
    });
    engine.remove("tenant/42");
    let runs = || health(&engine, "disk").record.runs.of(OutcomeKind::Pass);
    let before = runs();
    eventually("the engine goes on", || runs() > before + 3);
    assert_eq!(engine.lifecycle(), Lifecycle::Serving);
}

/// A value of a self-test that looks at the engine when it is dropped, says so and panics.
struct Nosy {
    engine: Weak<Engine>,
    dropped: Sender<thread::ThreadId>,
}

impl Drop for Nosy {
    fn drop(&mut self) {
        self.engine.upgrade().map(|engine| engine.self_test_runs());
        _ = self.dropped.send(thread::current().id());
        panic!("the pool is closed twice");
    }
}

/// Runs a self-test and takes it out, so that its runs alone remember it; returns what hears of its end.
fn leave_to_its_runs(
    engine: &Arc<Engine>,
    options: SelfTestOptions,
    begin: impl FnOnce(),
) -> Receiver<thread::ThreadId> {
    let (dropped, is_dropped) = channel();
    let engine_of_its_own = Arc::downgrade(engine);
    let nosy = Nosy {
        engine: engine_of_its_own,
        dropped,
    };
    let tenant = Check::self_test("tenant/42", options, move |_| {
        let _nosy = &nosy;
    });
    engine.add(tenant).unwrap();
    begin();
    let is_of_tenant = |run: &SelfTestRun| {
        let mut results = run.results.iter();
        results.any(|result| result.check.name() == "tenant/42")
    };
    eventually("it has run", || {
        let runs = engine.self_test_runs();
        runs.iter()
            .any(|run| is_of_tenant(run) && run.is_finished())
    });
    engine.remove("tenant/42");
    is_dropped
}

#[test]
fn what_is_dropped_with_a_run_that_is_asked_for_and_forgotten_is_dropped_by_nobody_who_asks() {
    let engine = Arc::new(start([Check::self_test("passes", PURE, |_| true)]));
    let is_dropped = leave_to_its_runs(&engine, PURE, || {
        engine.trigger(all()).unwrap();
    });
    let asks = {
        let engine = Arc::clone(&engine);
        let ask = move || {
            for _ in 0..=REMEMBERED_RUNS {
                let id = engine.trigger(all()).unwrap();
                eventually("it is over", || {
                    engine.self_test_run(&id).unwrap().is_finished()
                });
            }
        };
        // Nobody waits for it if it never comes back.
        thread::Builder::new().spawn(ask).unwrap()
    };
    let by = is_dropped.recv_timeout(Duration::from_mins(1));
    assert_ne!(by.expect("it is dropped"), asks.thread().id());
    asks.join().unwrap();
}

#[test]
fn what_is_dropped_with_a_scheduled_run_that_is_forgotten_harms_nothing() {
    let often = SelfTestOptions {
        every: Some(Duration::from_millis(1)),
        ..PURE
    };
    let engine = Arc::new(start([Check::self_test("often", often, |_| true)]));
    let is_dropped = leave_to_its_runs(&engine, often, || ());
    let by = is_dropped.recv_timeout(Duration::from_mins(1));
    by.expect("it is dropped");
    let newest = || engine.self_test_runs().last().unwrap().id.clone();
    let before = newest();
    eventually("the engine goes on", || newest() != before);
    assert_eq!(engine.lifecycle(), Lifecycle::Serving);
}

#[test]
fn a_startup_check_that_is_taken_out_keeps_nobody_from_coming_up() {
    let startup = HealthOptions {
        probes: Probes {
            startup: true,
            ..Probes::NONE
        },
        every: Duration::from_hours(1),
        ..HealthOptions::DEFAULT
    };
    let engine = start([Check::health_check("schema", startup, |_| false)]);
    eventually("it is down", || {
        health(&engine, "schema").health == Health::Down
    });
    assert_eq!(engine.lifecycle(), Lifecycle::Starting);
    assert!(engine.remove("schema"));
    eventually("it serves", || engine.lifecycle() == Lifecycle::Serving);
}
