//! The runner's promises, through the public door.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mad_core::{
    Cause, Check, Context, Effects, Engine, Health, HealthOptions, HealthSnapshot, Lifecycle,
    Outcome, OutcomeKind, Probe, Probes, Registry, Selection, SelfTestOptions, SelfTestRun,
    Transition, Trigger, TriggerError, Unit,
};

const READINESS: HealthOptions = HealthOptions {
    probes: Probes {
        readiness: true,
        ..Probes::NONE
    },
    every: Duration::from_millis(20),
    ..HealthOptions::DEFAULT
};

fn registry(checks: impl IntoIterator<Item = Check>) -> Registry {
    let mut registry = Registry::new();
    for check in checks {
        registry.add(check).unwrap();
    }
    registry
}

fn start(checks: impl IntoIterator<Item = Check>) -> Engine {
    let engine = Engine::builder().registry(registry(checks));
    engine.start().unwrap()
}

fn health(engine: &Engine, name: &str) -> HealthSnapshot {
    let checks = engine.snapshot().health_checks;
    let is_it = |snapshot: &HealthSnapshot| snapshot.check.name() == name;
    checks.into_iter().find(is_it).unwrap()
}

/// Waits until the claim holds, and fails when it does not within ten seconds.
#[track_caller]
fn eventually(claim: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < deadline, "not within ten seconds: {claim}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Waits on this thread for a run of self-tests to end.
fn finished(engine: &Engine, trigger: Trigger) -> SelfTestRun {
    let id = engine.trigger(trigger).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(engine.self_test_finished(&id)).unwrap()
}

fn all() -> Trigger {
    trigger([])
}

fn trigger<const N: usize>(words: [&str; N]) -> Trigger {
    Trigger {
        selection: Selection::parse(words).unwrap(),
        effects: Effects::Destructive,
        requested_by: "test".to_owned(),
    }
}

/// A switch that a check asks: on or off.
#[derive(Clone, Default)]
struct Switch(Arc<AtomicBool>);

impl Switch {
    fn set(&self, is_on: bool) {
        self.0.store(is_on, Ordering::SeqCst);
    }

    fn is_on(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Blocks the calling thread while the switch is on.
    fn hold(&self) {
        while self.is_on() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

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
fn a_panic_is_a_failure_with_message_and_place_and_the_rest_goes_on() {
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
fn a_check_that_hangs_is_judged_at_its_deadline_and_never_started_twice() {
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
fn a_snapshot_is_quick_while_checks_hang_and_the_applications_runtime_is_full() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    let hold = Switch::default();
    hold.set(true);
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
fn a_result_that_is_too_old_is_unknown_and_told_once() {
    let options = HealthOptions {
        every: Duration::from_hours(1),
        max_age: Some(Duration::from_millis(500)),
        ..READINESS
    };
    let (sender, transitions) = std::sync::mpsc::channel::<Transition>();
    let engine = Engine::builder()
        .registry(registry([Check::health_check("old", options, |_| true)]))
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
fn what_comes_after_a_check_that_is_down_is_skipped_with_the_cause() {
    let down = Check::health_check("database", READINESS, |_| false);
    let options = HealthOptions {
        initial_delay: Duration::from_millis(100),
        ..READINESS
    };
    let after = Check::health_check("orders", options, |_| true).with_after(["database"]);
    let engine = start([down, after]);
    eventually("skipped", || {
        health(&engine, "orders").record.last.is_some()
    });
    let last = health(&engine, "orders").record.last.clone().unwrap();
    assert_eq!(last.outcome, Outcome::skip("`database` is Down"));
    assert_eq!(health(&engine, "orders").health, Health::Unknown);
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
fn draining_fails_readiness_for_good_and_leaves_liveness() {
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
fn a_self_test_reports_its_steps_observations_and_notes() {
    let test = Check::self_test_async("order", SelfTestOptions::DEFAULT, async |_: &Context| {
        mad_core::step("given a customer", async {}).await;
        mad_core::step("when she orders", async {
            mad_core::step_sync("reserve the stock", || {
                mad_core::observe("rows", 3.0, Unit::Count)
            });
        })
        .await;
        mad_core::note("order\n17");
    });
    let run = finished(&start([test]), all());
    let report = run.results[0].report().unwrap();
    assert_eq!(report.outcome, Outcome::Pass);
    let names: Vec<_> = report.steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["given a customer", "when she orders"]);
    assert_eq!(report.steps[1].steps[0].name, "reserve the stock");
    assert_eq!(
        (
            report.observations[0].name.as_str(),
            report.observations[0].value
        ),
        ("rows", 3.0)
    );
    assert_eq!(report.notes[0].text, "order 17");
}

#[test]
fn a_step_that_was_cut_off_says_so() {
    let test = Check::self_test("order", SelfTestOptions::DEFAULT, |_: &Context| {
        mad_core::step_sync("reserve", || -> () { panic!("no stock") })
    });
    let run = finished(&start([test]), all());
    assert!(!run.results[0].report().unwrap().steps[0].is_finished);
    assert_eq!(run.outcome(), OutcomeKind::Fail);
}

#[test]
fn one_run_of_self_tests_at_a_time() {
    let hold = Switch::default();
    hold.set(true);
    let test = {
        let hold = hold.clone();
        Check::self_test("slow", SelfTestOptions::DEFAULT, move |_| hold.hold())
    };
    let engine = start([test]);
    let id = engine.trigger(all()).unwrap();
    let refused = engine.trigger(all()).unwrap_err();
    assert_eq!(
        refused,
        TriggerError::Busy {
            running: id.clone()
        }
    );
    hold.set(false);
    eventually("over", || engine.self_test_run(&id).unwrap().is_finished());
    assert_eq!(finished(&engine, all()).outcome(), OutcomeKind::Pass);
}

#[test]
fn self_tests_run_one_after_the_other_also_when_one_is_cancelled() {
    let hold = Switch::default();
    hold.set(true);
    let first = {
        let hold = hold.clone();
        Check::self_test("a", SelfTestOptions::DEFAULT, move |_| hold.hold())
    };
    let second = Check::self_test("b", SelfTestOptions::DEFAULT, |_| true);
    let engine = start([first, second]);
    let id = engine.trigger(all()).unwrap();
    assert!(engine.cancel(&id));
    assert!(!engine.self_test_run(&id).unwrap().is_finished());
    hold.set(false);
    eventually("over", || engine.self_test_run(&id).unwrap().is_finished());
    let run = engine.self_test_run(&id).unwrap();
    assert!(run.is_cancelled);
    assert_eq!(
        run.results[1].report().unwrap().outcome,
        Outcome::skip("the run was cancelled")
    );
    assert!(!engine.cancel(&id));
}

#[test]
fn a_self_test_that_hangs_fails_at_its_deadline_and_the_next_one_runs() {
    let hold = Switch::default();
    hold.set(true);
    let hangs = {
        let hold = hold.clone();
        Check::self_test("a", SelfTestOptions::DEFAULT, move |_| hold.hold())
            .with_timeout(Duration::from_millis(20))
    };
    let engine = start([
        hangs,
        Check::self_test("b", SelfTestOptions::DEFAULT, |_| true),
    ]);
    let run = finished(&engine, all());
    assert_eq!(
        run.results[0].report().unwrap().outcome.kind(),
        OutcomeKind::Fail
    );
    assert_eq!(run.results[1].report().unwrap().outcome, Outcome::Pass);
    let again = finished(&engine, trigger(["a"]));
    let failure = again.results[0]
        .report()
        .unwrap()
        .outcome
        .failure()
        .cloned()
        .unwrap();
    assert_eq!(failure.message(), "its last run has not ended");
    hold.set(false);
}

#[test]
fn effects_above_what_is_allowed_are_left_out_or_refused_with_the_reason() {
    let with = |effects| SelfTestOptions {
        effects,
        ..SelfTestOptions::DEFAULT
    };
    let tests = registry([
        Check::self_test("read", with(Effects::Read), |_| true),
        Check::self_test("scratch", with(Effects::Scratch), |_| true),
        Check::self_test("wipe", with(Effects::Destructive), |_| true),
    ]);
    let engine = Engine::builder()
        .registry(tests)
        .allow_effects(Effects::Destructive);
    let engine = engine.start().unwrap();

    let read_only = Trigger {
        effects: Effects::Read,
        ..all()
    };
    let run = finished(&engine, read_only.clone());
    let kinds = |run: &SelfTestRun| -> Vec<_> {
        let reports = run.results.iter().filter_map(|result| result.report());
        reports.map(|report| report.outcome.kind()).collect()
    };
    assert_eq!(
        kinds(&run),
        [OutcomeKind::Pass, OutcomeKind::Skip, OutcomeKind::Skip]
    );
    assert_eq!(
        kinds(&finished(&engine, all())),
        [OutcomeKind::Pass, OutcomeKind::Pass, OutcomeKind::Skip],
        "what is destructive runs by its name only"
    );
    assert_eq!(
        kinds(&finished(&engine, trigger(["wipe"]))),
        [OutcomeKind::Pass]
    );

    let named = Trigger {
        selection: Selection::parse(["scratch"]).unwrap(),
        ..read_only
    };
    assert!(matches!(
        engine.trigger(named).unwrap_err(),
        TriggerError::EffectsNotAllowed { .. }
    ));
}

#[test]
fn a_word_that_fits_nothing_is_refused_with_the_close_names() {
    let test = Check::self_test("place_order", SelfTestOptions::DEFAULT, |_| true);
    let refused = start([test]).trigger(trigger(["place_ordr"])).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "no self-test fits `place_ordr`; close are: place_order"
    );
}

#[test]
fn a_pass_after_a_retry_is_a_warning() {
    let runs = AtomicUsize::new(0);
    let options = SelfTestOptions {
        retries: 2,
        ..SelfTestOptions::DEFAULT
    };
    let test = Check::self_test("flaky", options, move |_| {
        runs.fetch_add(1, Ordering::SeqCst) > 0
    });
    let run = finished(&start([test]), all());
    let report = run.results[0].report().unwrap();
    assert_eq!(
        (report.outcome.kind(), report.attempts),
        (OutcomeKind::Warn, 2)
    );
    assert_eq!(
        report.outcome.to_string(),
        "warn: flaky: passed at attempt 2, after fail: returned false"
    );
}

#[test]
fn a_scheduled_self_test_runs_without_being_asked() {
    let options = SelfTestOptions {
        every: Some(Duration::from_millis(20)),
        ..SelfTestOptions::DEFAULT
    };
    let engine = start([Check::self_test("nightly", options, |_| true)]);
    eventually("ran twice", || engine.self_test_runs().len() >= 2);
    assert_eq!(engine.self_test_runs()[0].requested_by, "schedule");
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
fn after_a_shutdown_nothing_runs_and_nobody_waits_for_a_run() {
    let hold = Switch::default();
    hold.set(true);
    let test = {
        let hold = hold.clone();
        Check::self_test("slow", SelfTestOptions::DEFAULT, move |_| hold.hold())
    };
    let engine = start([test]);
    let id = engine.trigger(all()).unwrap();
    engine.shutdown(Duration::from_millis(10));
    let run = engine.self_test_run(&id).unwrap();
    assert!(run.is_finished());
    let failure = run.results[0]
        .report()
        .unwrap()
        .outcome
        .failure()
        .cloned()
        .unwrap();
    assert_eq!(failure.cause(), Cause::Aborted);
    assert!(engine.trigger(all()).is_err());
    hold.set(false);
}
