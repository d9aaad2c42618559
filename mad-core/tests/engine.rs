//! What the engine promises of health checks, through the public door.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mad_core::{
    Cause, Check, Context, Engine, Health, HealthOptions, HealthSnapshot, Lifecycle, OnTimeout,
    Outcome, OutcomeKind, Probe, Probes, Registry, TriggerError,
};
use support::{READINESS, Switch, all, eventually, health, registry, start};

#[test]
fn readiness_follows_a_check_down_and_up_again() {
    let broken = Switch::default();
    let check = {
        let broken = broken.clone();
        Check::health_check("database", READINESS, move |_| !broken.is_on())
    };
    let engine = start([check]);
    eventually("ready", || engine.snapshot().answers(Probe::Readiness));
    broken.set(true);
    eventually("not ready", || !engine.snapshot().answers(Probe::Readiness));
    assert_eq!(health(&engine, "database").health, Health::Down);
    broken.set(false);
    eventually("ready again", || {
        engine.snapshot().answers(Probe::Readiness)
    });
}

#[test]
fn a_check_that_has_not_run_is_unknown_and_not_ready() {
    let options = HealthOptions {
        initial_delay: Duration::from_hours(1),
        ..READINESS
    };
    let engine = start([Check::health_check("late", options, |_| true)]);
    assert_eq!(health(&engine, "late").health, Health::Unknown);
    assert!(!engine.snapshot().answers(Probe::Readiness));
    assert!(engine.snapshot().answers(Probe::Liveness));
}

#[test]
fn pitfall_15_a_panic_is_a_failure_with_message_and_place_and_the_rest_goes_on() {
    let panics = Check::health_check("panics", READINESS, |_: &Context| -> bool {
        panic!("the order is lost")
    });
    let works = Check::health_check("works", READINESS, |_| true);
    let engine = start([panics, works]);
    eventually("both ran twice", || {
        let runs = |name, kind| health(&engine, name).record.runs.of(kind);
        runs("panics", OutcomeKind::Fail) >= 2 && runs("works", OutcomeKind::Pass) >= 2
    });
    let last = health(&engine, "panics").record.last.clone().unwrap();
    let failure = last.outcome.failure().unwrap();
    assert_eq!(failure.cause(), Cause::Panicked);
    assert_eq!(failure.message(), "the order is lost");
    assert!(failure.location().unwrap().contains("engine.rs:"));
}

#[test]
fn pitfall_06_a_check_that_hangs_is_judged_at_its_deadline_and_never_started_twice() {
    let (hangs, runs) = (Switch::default(), Arc::new(AtomicUsize::new(0)));
    hangs.set(true);
    let check = {
        let (hangs, runs) = (hangs.clone(), Arc::clone(&runs));
        Check::health_check("hangs", READINESS, move |_| {
            runs.fetch_add(1, Ordering::SeqCst);
            hangs.hold();
        })
        .with_timeout(Duration::from_millis(50))
    };
    let engine = start([check, Check::health_check("works", READINESS, |_| true)]);
    eventually("judged", || health(&engine, "hangs").stuck_since.is_some());
    let works = || health(&engine, "works").record.runs.of(OutcomeKind::Pass);
    let before = works();
    eventually("the other goes on", || works() > before + 5);

    assert_eq!(runs.load(Ordering::SeqCst), 1);
    let snapshot = health(&engine, "hangs");
    let last = snapshot.record.last.clone().unwrap();
    assert_eq!(last.outcome.failure().unwrap().cause(), Cause::TimedOut);
    assert_eq!(
        (snapshot.health, snapshot.record.runs.of(OutcomeKind::Fail)),
        (Health::Down, 1)
    );

    hangs.set(false);
    eventually("recovered", || {
        health(&engine, "hangs").health == Health::Up
    });
    assert_eq!(health(&engine, "hangs").stuck_since, None);
}

#[test]
fn a_check_that_hangs_reaches_its_threshold_although_it_runs_once() {
    let options = HealthOptions {
        fail_after: 3,
        ..READINESS
    };
    let hangs = Switch::default();
    let check = {
        let hangs = hangs.clone();
        Check::health_check("hangs", options, move |_| hangs.hold())
            .with_timeout(Duration::from_millis(300))
    };
    let engine = start([check]);
    eventually("up", || health(&engine, "hangs").health == Health::Up);
    hangs.set(true);
    eventually("down", || health(&engine, "hangs").health == Health::Down);
    assert_eq!(
        health(&engine, "hangs").record.runs.of(OutcomeKind::Fail),
        1
    );
    hangs.set(false);
}

#[test]
fn an_async_check_that_waits_is_dropped_at_its_deadline() {
    struct Dropped(Switch);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    let dropped = Switch::default();
    let check = {
        let dropped = dropped.clone();
        Check::health_check_async("waits", READINESS, async move |_: &Context| {
            let _dropped = Dropped(dropped.clone());
            tokio::time::sleep(Duration::from_hours(1)).await;
        })
        .with_timeout(Duration::from_millis(30))
    };
    let engine = start([check]);
    eventually("dropped", || dropped.is_on());
    eventually("down", || health(&engine, "waits").health == Health::Down);
    eventually("not stuck", || {
        health(&engine, "waits").stuck_since.is_none()
    });
}

#[test]
fn async_checks_use_the_sockets_of_the_applications_runtime_and_need_not_be_send() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let check = Check::health_check_async("connects", READINESS, async |_: &Context| {
        let not_send = std::rc::Rc::new(());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        tokio::net::TcpStream::connect(listener.local_addr()?).await?;
        drop(not_send);
        Ok::<(), std::io::Error>(())
    });
    let engine = {
        let _inside = runtime.enter();
        start([check])
    };
    eventually("up", || health(&engine, "connects").health == Health::Up);
}

#[test]
fn other_checks_go_on_while_forty_hang_and_the_applications_runtime_is_full() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    let hold = Switch::on();
    for _ in 0..2 {
        let hold = hold.clone();
        runtime.spawn(async move { hold.hold() });
    }
    let hangs = (0..40).map(|number| {
        let hold = hold.clone();
        Check::health_check(format!("hangs/{number}"), READINESS, move |_| hold.hold())
            .with_timeout(Duration::from_millis(5))
    });
    let works = Check::health_check("works", READINESS, |_| true);
    let engine = {
        let _inside = runtime.enter();
        start(hangs.chain([works]))
    };
    eventually("the one that works goes on", || {
        health(&engine, "works").record.runs.of(OutcomeKind::Pass) > 5
    });
    assert!(!engine.snapshot().answers(Probe::Readiness));
    hold.set(false);
}

#[test]
fn a_check_that_is_due_with_one_that_hangs_does_not_wait_for_it() {
    let options = HealthOptions {
        every: Duration::from_hours(1),
        ..READINESS
    };
    let hold = Switch::on();
    let hangs = {
        let hold = hold.clone();
        Check::health_check("a_hangs", options, move |_| hold.hold())
    };
    let works = ["b", "c"].map(|name| Check::health_check(name, options, |_| true));
    // It is judged much later than these are looked at.
    let hangs = hangs.with_timeout(Duration::from_mins(1));
    let engine = start(works.into_iter().chain([hangs]));
    eventually("the others have run", || {
        ["b", "c"].map(|name| health(&engine, name).health) == [Health::Up; 2]
    });
    assert_eq!(health(&engine, "a_hangs").health, Health::Unknown);
    hold.set(false);
}

#[test]
fn what_comes_after_a_check_that_is_down_is_skipped_with_the_cause() {
    let down = Check::health_check("database", READINESS, |_| false);
    let orders = Check::health_check("orders", READINESS, |_| true).with_after(["database"]);
    let bills = Check::health_check("bills", READINESS, |_| true).with_after(["orders"]);
    let engine = start([down, orders, bills]);
    for name in ["orders", "bills"] {
        eventually("skipped with the cause that all began with", || {
            let last = health(&engine, name).record.last.clone();
            last.is_some_and(|last| last.outcome == Outcome::skip("`database` is Down"))
        });
    }
}

#[test]
fn a_serial_group_runs_one_at_a_time() {
    let (inside, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let checks = (0..4).map(|number| {
        let (inside, most) = (Arc::clone(&inside), Arc::clone(&most));
        Check::health_check(format!("disk/{number}"), READINESS, move |_| {
            most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(3));
            inside.fetch_sub(1, Ordering::SeqCst);
        })
        .with_serial("disk")
    });
    let engine = start(checks);
    eventually("all ran", || {
        let checks = engine.snapshot().health_checks;
        checks
            .iter()
            .all(|check| check.record.runs.of(OutcomeKind::Pass) >= 3)
    });
    assert_eq!(most.load(Ordering::SeqCst), 1);
}

#[test]
fn draining_fails_readiness_until_it_is_taken_back_and_leaves_liveness() {
    let engine = start([Check::health_check("works", READINESS, |_| true)]);
    eventually("ready", || engine.snapshot().answers(Probe::Readiness));
    engine.drain();
    assert!(!engine.snapshot().answers(Probe::Readiness));
    assert!(engine.snapshot().answers(Probe::Liveness));
    let refused = engine.trigger(all()).unwrap_err();
    assert_eq!(
        refused,
        TriggerError::NotServing {
            lifecycle: Lifecycle::Draining
        }
    );
    engine.resume();
    assert!(engine.snapshot().answers(Probe::Readiness));
    engine.shutdown(Duration::ZERO);
    assert!(!engine.snapshot().answers(Probe::Liveness));
}

#[test]
fn startup_passes_when_its_checks_have_passed_and_for_good() {
    let is_up = Switch::default();
    let options = HealthOptions {
        probes: Probes {
            startup: true,
            ..Probes::NONE
        },
        ..READINESS
    };
    let check = {
        let is_up = is_up.clone();
        Check::health_check("migrations", options, move |_| is_up.is_on())
    };
    let engine = start([check]);
    eventually("ran", || {
        health(&engine, "migrations").record.last.is_some()
    });
    assert!(!engine.snapshot().answers(Probe::Startup));
    assert!(!engine.snapshot().answers(Probe::Readiness));
    is_up.set(true);
    eventually("started", || engine.snapshot().answers(Probe::Startup));
    is_up.set(false);
    eventually("down again", || {
        health(&engine, "migrations").health == Health::Down
    });
    assert!(engine.snapshot().answers(Probe::Startup));
}

#[test]
fn what_is_wrong_is_said_at_the_start_and_all_of_it() {
    let checks = [
        Check::health_check("a", READINESS, |_| true).with_after(["b"]),
        Check::health_check("b", READINESS, |_| true).with_after(["a"]),
        Check::health_check("c", READINESS, |_| true).with_after(["databse"]),
    ];
    let engine = Engine::builder().registry(registry(checks)).expect(["d"]);
    let error = engine.start().unwrap_err().to_string();
    for part in [
        "3 problems:",
        "check `c` says `after(\"databse\")`, and no health check has that name",
        "`after` runs in a circle: a -> b -> a",
        "expected check `d` is not registered; registered are: a, b, c",
    ] {
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn an_empty_registry_does_not_start() {
    let error = Engine::builder()
        .registry(Registry::new())
        .start()
        .unwrap_err();
    assert!(error.is_empty_registry());
}

#[test]
fn two_checks_with_one_name_are_refused_with_both_places() {
    let mut registry = registry([Check::health_check("twice", READINESS, |_| true)]);
    let second = Check::health_check("twice", READINESS, |_| true);
    let error = registry.add(second).unwrap_err();
    assert!(error.is_duplicate());
    assert_eq!(
        error.to_string().matches("engine.rs:").count(),
        2,
        "{error}"
    );
}

#[test]
fn while_it_is_down_a_check_runs_at_another_pace() {
    let broken = Switch::default();
    let options = HealthOptions {
        every: Duration::from_hours(1),
        while_down: Some(Duration::from_millis(10)),
        ..READINESS
    };
    let check = {
        let broken = broken.clone();
        Check::health_check("database", options, move |_| !broken.is_on())
    };
    broken.set(true);
    let engine = start([check]);
    let failures = || {
        health(&engine, "database")
            .record
            .runs
            .of(OutcomeKind::Fail)
    };
    eventually("asked often", || failures() >= 5);
    broken.set(false);
    eventually("up", || health(&engine, "database").health == Health::Up);
    let passes = health(&engine, "database")
        .record
        .runs
        .of(OutcomeKind::Pass);
    assert_eq!(passes, 1, "back to an hour");
}

#[test]
fn times_that_no_clock_can_hold_are_refused_or_cut() {
    let refused = |options: HealthOptions, parts: &[&str]| {
        let check = Check::health_check("odd", options, |_| true).with_timeout(Duration::MAX);
        let error = Registry::new().add(check).unwrap_err().to_string();
        for part in parts {
            assert!(error.contains(part), "{error}");
        }
    };
    let forever = HealthOptions {
        every: Duration::MAX,
        max_age: Some(Duration::MAX),
        initial_delay: Duration::MAX,
        ..READINESS
    };
    refused(
        forever,
        &["`timeout`", "`every`", "`max_age`", "`initial_delay`"],
    );
    let at_once = HealthOptions {
        every: Duration::from_nanos(1),
        while_down: Some(Duration::ZERO),
        ..READINESS
    };
    refused(
        at_once,
        &["`every`", "`while_down` is 0ns: take 1 ms to 365 days"],
    );

    let engine = start([Check::health_check("works", READINESS, |_| true)]);
    engine.shutdown(Duration::MAX);
    engine.shutdown(Duration::MAX);
}

#[test]
fn a_liveness_check_that_never_gets_its_turn_is_not_alive_for_ever() {
    let hold = Switch::on();
    let stuck = {
        let hold = hold.clone();
        Check::health_check("a/stuck", READINESS, move |_| hold.hold())
            .with_serial("disk")
            .with_timeout(Duration::from_millis(20))
    };
    let options = HealthOptions {
        probes: Probes {
            liveness: true,
            ..Probes::NONE
        },
        initial_delay: Duration::from_millis(50),
        max_age: Some(Duration::from_millis(200)),
        ..READINESS
    };
    let waits = Check::health_check("b/waits", options, |_| true).with_serial("disk");
    let engine = start([stuck, waits]);
    assert!(engine.snapshot().answers(Probe::Liveness));
    eventually("not alive", || !engine.snapshot().answers(Probe::Liveness));
    hold.set(false);
}

#[test]
fn a_warning_counts_also_after_too_many_notes() {
    let check = Check::health_check("talks", READINESS, |_| {
        (0..200).for_each(|row| mad_core::note(format!("row {row}")));
        mad_core::warn("the disk is nearly full");
    });
    let engine = start([check]);
    eventually("degraded", || {
        health(&engine, "talks").health == Health::Degraded
    });
}

#[test]
fn a_check_made_by_hand_borrows_what_the_application_supplies() {
    let check = Check::health_check("asks", READINESS, |context: &Context| {
        context.get::<u32>() == Some(&5)
    });
    let engine = Engine::builder().provide(5_u32).registry(registry([check]));
    let engine = engine.start().unwrap();
    eventually("up", || health(&engine, "asks").health == Health::Up);
}

#[test]
fn a_text_of_a_megabyte_is_cut() {
    let check = Check::health_check("talks", READINESS, |_| Err::<(), _>("x".repeat(1 << 20)));
    let engine = start([check]);
    eventually("ran", || health(&engine, "talks").record.last.is_some());
    let last = health(&engine, "talks").record.last.clone().unwrap();
    assert!(last.outcome.failure().unwrap().message().len() < 8 * 1024);
}

#[test]
fn a_note_in_the_destructor_of_a_thread_local_is_outside_of_every_run() {
    struct Leaves;
    impl Drop for Leaves {
        fn drop(&mut self) {
            mad_core::note("bye");
        }
    }
    thread_local!(static LEAVES: Leaves = const { Leaves });
    let thread = std::thread::Builder::new().spawn(|| {
        LEAVES.with(|_| ());
        mad_core::note("hello");
        mad_core::step_sync("nothing", || ());
    });
    thread.unwrap().join().unwrap();
}

#[test]
fn an_instance_that_never_came_up_does_not_pass_startup_by_draining() {
    let options = HealthOptions {
        probes: Probes {
            startup: true,
            ..Probes::NONE
        },
        ..READINESS
    };
    let engine = start([Check::health_check("migrations", options, |_| false)]);
    engine.drain();
    assert!(!engine.snapshot().answers(Probe::Startup));
    engine.resume();
    assert_eq!(engine.lifecycle(), Lifecycle::Starting);
}

#[test]
fn a_value_whose_destructor_is_slow_does_not_hold_up_the_shutdown() {
    struct Slow(Switch);
    impl Drop for Slow {
        fn drop(&mut self) {
            self.0.hold();
        }
    }
    let hold = Switch::on();
    let checks = registry([Check::health_check("works", READINESS, |_| true)]);
    let engine = Engine::builder()
        .provide(Slow(hold.clone()))
        .registry(checks);
    let engine = engine.start().unwrap();
    engine.shutdown(Duration::ZERO);
    assert_eq!(engine.lifecycle(), Lifecycle::Stopped);
    hold.set(false);
}

#[test]
fn an_async_check_that_is_abandoned_runs_to_its_end_and_is_stuck_until_then() {
    let (hold, ended) = (Switch::on(), Switch::default());
    let check = {
        let (hold, ended) = (hold.clone(), ended.clone());
        Check::health_check_async("settles", READINESS, async move |_: &Context| {
            while hold.is_on() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            ended.set(true);
        })
    };
    let check = check
        .with_timeout(Duration::from_millis(30))
        .with_on_timeout(OnTimeout::Abandon);
    let engine = start([check]);
    eventually("it is judged", || {
        health(&engine, "settles").health == Health::Down
    });
    eventually("it is stuck", || {
        health(&engine, "settles").stuck_since.is_some()
    });
    assert!(!ended.is_on());
    hold.set(false);
    eventually("it has run to its end", || ended.is_on());
    eventually("it has recovered", || {
        let health = health(&engine, "settles");
        health.health == Health::Up && health.stuck_since.is_none()
    });
}

#[test]
fn a_cap_on_a_tag_holds_and_nothing_else_waits_for_it() {
    let (inside, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let checks = (0..8).map(|number| {
        let (inside, most) = (Arc::clone(&inside), Arc::clone(&most));
        Check::health_check(format!("db/{number}"), READINESS, move |_| {
            most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(2));
            inside.fetch_sub(1, Ordering::SeqCst);
        })
        .with_tags(["db"])
    });
    let other = Check::health_check("other", READINESS, |_| true);
    let engine = Engine::builder()
        .registry(registry(checks.chain([other])))
        .max_runs_of_tag("db", 2)
        .start()
        .unwrap();
    eventually("all are up", || {
        let snapshot = engine.snapshot();
        snapshot
            .health_checks
            .iter()
            .all(|check| check.health == Health::Up)
    });
    eventually("each has run often", || {
        let runs = |check: &HealthSnapshot| check.record.runs.of(OutcomeKind::Pass);
        engine
            .snapshot()
            .health_checks
            .iter()
            .all(|check| runs(check) > 5)
    });
    assert_eq!(most.load(Ordering::SeqCst), 2);
}
