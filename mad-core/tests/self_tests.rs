//! What the engine promises of runs of self-tests, through the public door.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mad_core::{
    Cause, Check, Context, Effects, Engine, HealthOptions, Outcome, OutcomeKind, Progress,
    Selection, SelfTestOptions, SelfTestRun, Trigger, TriggerError, Unit,
};
use support::{Switch, all, at_rest, eventually, registry, start, trigger};

/// Waits on this thread for a run of self-tests to end.
fn finished(engine: &Engine, trigger: Trigger) -> SelfTestRun {
    let id = engine.trigger(trigger).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(engine.self_test_finished(&id)).unwrap()
}

/// A self-test that blocks its thread for as long as the switch is on.
fn hangs(name: &'static str, hold: &Switch) -> Check {
    let hold = hold.clone();
    Check::self_test(name, SelfTestOptions::DEFAULT, move |_| hold.hold())
}

#[test]
fn a_self_test_reports_its_steps_observations_and_notes() {
    let test = Check::self_test_async("order", SelfTestOptions::DEFAULT, async |_: &Context| {
        mad_core::step("given a customer", async {}).await;
        mad_core::step("when she orders", async {
            mad_core::step_sync("reserve the stock", || {
                mad_core::observe("rows", 3.0, Unit::Count);
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
        mad_core::step_sync("reserve", || -> () { panic!("no stock") });
    });
    let run = finished(&start([test]), all());
    assert!(!run.results[0].report().unwrap().steps[0].is_finished);
    assert_eq!(run.outcome(), OutcomeKind::Fail);
}

#[test]
fn one_run_of_self_tests_at_a_time() {
    let hold = Switch::on();
    let test = hangs("slow", &hold);
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
    let hold = Switch::on();
    let first = hangs("a", &hold);
    let second = Check::self_test("b", SelfTestOptions::DEFAULT, |_| true);
    let engine = start([first, second]);
    let id = engine.trigger(all()).unwrap();
    eventually("the first runs", || {
        engine.self_test_run(&id).unwrap().results[0].progress == Progress::Running
    });
    assert!(engine.cancel(&id));
    hold.set(false);
    eventually("over", || engine.self_test_run(&id).unwrap().is_finished());
    let run = engine.self_test_run(&id).unwrap();
    assert!(run.is_cancelled);
    assert_eq!(run.outcome(), OutcomeKind::Fail, "it has not passed");
    assert_eq!(
        run.results[1].report().unwrap().outcome,
        Outcome::skip("the run was cancelled")
    );
    assert!(!engine.cancel(&id));
}

#[test]
fn a_self_test_that_hangs_fails_at_its_deadline_and_the_next_one_runs() {
    let hold = Switch::on();
    let first = hangs("a", &hold).with_timeout(Duration::from_millis(20));
    let engine = start([
        first,
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
fn after_a_shutdown_nothing_runs_and_nobody_waits_for_a_run() {
    let hold = Switch::on();
    let test = hangs("slow", &hold);
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

#[test]
fn a_selection_of_which_nothing_can_run_is_refused_with_the_reasons() {
    let options = SelfTestOptions {
        ignore: Some("the bank is closed"),
        ..SelfTestOptions::DEFAULT
    };
    let engine = start([
        Check::self_test("pay", options, |_| true),
        Check::self_test("works", SelfTestOptions::DEFAULT, |_| true),
    ]);
    let refused = engine.trigger(trigger(["pa*"])).unwrap_err();
    assert!(matches!(refused, TriggerError::NothingRuns { .. }));
    assert!(
        refused
            .to_string()
            .contains("`pay`: ignored: the bank is closed")
    );
    let run = finished(&engine, all());
    assert_eq!(
        (run.count(OutcomeKind::Skip), run.count(OutcomeKind::Pass)),
        (1, 1)
    );
}

/// A health check that holds a serial group for as long as the switch is on.
fn holds_group(hold: &Switch) -> Check {
    let hold = hold.clone();
    let options = HealthOptions {
        every: Duration::from_hours(1),
        ..HealthOptions::DEFAULT
    };
    Check::health_check("holds", options, move |_| hold.hold()).with_serial("disk")
}

#[test]
fn a_self_test_that_gets_no_turn_fails_at_its_deadline_and_says_who_is_in_the_way() {
    let hold = Switch::on();
    let test = Check::self_test("waits", SelfTestOptions::DEFAULT, |_| true)
        .with_serial("disk")
        .with_timeout(Duration::from_millis(200));
    let engine = start([holds_group(&hold), test]);
    let run = finished(&engine, all());
    let failure = run.results[0].report().unwrap().outcome.failure().cloned();
    assert_eq!(
        failure.unwrap().message(),
        "got no turn: its serial group `disk` is held by `holds`"
    );
    hold.set(false);
}

#[test]
fn a_test_that_has_not_begun_does_not_run_after_a_cancel() {
    let (hold, has_run) = (Switch::default(), Switch::default());
    hold.set(true);
    let test = {
        let has_run = has_run.clone();
        Check::self_test("waits", SelfTestOptions::DEFAULT, move |_| {
            has_run.set(true);
        })
        .with_serial("disk")
    };
    let engine = start([holds_group(&hold), test]);
    let id = engine.trigger(all()).unwrap();
    assert!(engine.cancel(&id));
    eventually("over", || engine.self_test_run(&id).unwrap().is_finished());
    hold.set(false);
    assert_eq!(
        finished(&engine, trigger(["waits"])).outcome(),
        OutcomeKind::Pass
    );
    let record = &engine.snapshot().self_tests[0].record;
    assert_eq!(record.runs.of(OutcomeKind::Pass), 1);
}

#[test]
fn a_cancelled_run_retries_no_more() {
    let runs = std::sync::Arc::new(AtomicUsize::new(0));
    let options = SelfTestOptions {
        retries: 1_000_000,
        ..SelfTestOptions::DEFAULT
    };
    let test = {
        let runs = std::sync::Arc::clone(&runs);
        Check::self_test("fails", options, move |_| {
            runs.fetch_add(1, Ordering::SeqCst);
            false
        })
    };
    let engine = start([test]);
    let id = engine.trigger(all()).unwrap();
    eventually("retried", || runs.load(Ordering::SeqCst) > 3);
    assert!(engine.cancel(&id));
    eventually("over", || engine.self_test_run(&id).unwrap().is_finished());
}

#[test]
fn a_failure_is_not_forgotten_when_the_retry_is_skipped() {
    let runs = AtomicUsize::new(0);
    let options = SelfTestOptions {
        retries: 1,
        ..SelfTestOptions::DEFAULT
    };
    let test = Check::self_test("odd", options, move |_| {
        match runs.fetch_add(1, Ordering::SeqCst) {
            0 => Outcome::fail("broken"),
            _ => Outcome::skip("not now"),
        }
    });
    let run = finished(&start([test]), all());
    assert_eq!(
        run.results[0].report().unwrap().outcome,
        Outcome::fail("broken")
    );
}

#[test]
fn no_run_is_left_open_by_a_trigger_that_races_with_the_shutdown() {
    for round in 0..50 {
        let engine = start([Check::self_test("t", SelfTestOptions::DEFAULT, |_| true)]);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while matches!(
                    engine.trigger(all()),
                    Ok(_) | Err(TriggerError::Busy { .. })
                ) {}
            });
            engine.shutdown(Duration::ZERO);
        });
        let runs = engine.self_test_runs();
        assert!(runs.iter().all(SelfTestRun::is_finished), "round {round}");
    }
}

const OFTEN: SelfTestOptions = SelfTestOptions {
    every: Some(Duration::from_millis(5)),
    ..SelfTestOptions::DEFAULT
};

#[test]
fn a_schedule_rests_while_the_instance_drains_and_pushes_out_no_run_that_was_asked_for() {
    let engine = start([Check::self_test("often", OFTEN, |_| true)]);
    let asked = loop {
        if let Ok(id) = engine.trigger(all()) {
            break id;
        }
    };
    let scheduled = |engine: &Engine| {
        engine.snapshot().self_tests[0]
            .record
            .runs
            .of(OutcomeKind::Pass)
    };
    eventually("ran often", || scheduled(&engine) > 100);
    assert!(engine.self_test_run(&asked).is_some());

    engine.drain();
    at_rest("the schedule rests", || scheduled(&engine));
}

#[test]
fn a_schedule_for_what_cannot_run_is_refused_and_one_for_what_is_ignored_rests() {
    let harmful = SelfTestOptions {
        effects: Effects::Destructive,
        ..OFTEN
    };
    let tests = registry([Check::self_test("purge", harmful, |_| true)]);
    let error = Engine::builder()
        .registry(tests)
        .start()
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("self-test `purge` has a schedule, and it cannot run"),
        "{error}"
    );

    let ignored = SelfTestOptions {
        ignore: Some("the bank is closed"),
        ..OFTEN
    };
    let engine = start([
        Check::self_test("ignored", ignored, |_| true),
        Check::self_test("often", OFTEN, |_| true),
    ]);
    eventually("the other ran", || {
        engine.snapshot().self_tests[1]
            .record
            .runs
            .of(OutcomeKind::Pass)
            > 10
    });
    assert!(engine.snapshot().self_tests[0].record.last.is_none());
}

#[test]
fn a_run_with_a_test_whose_dependency_is_down_has_not_passed_and_is_on_record() {
    let options = HealthOptions {
        every: Duration::from_millis(20),
        ..HealthOptions::DEFAULT
    };
    let down = Check::health_check("database", options, |_| false);
    let order = Check::self_test("order", SelfTestOptions::DEFAULT, |_| true);
    let sum = Check::self_test("sum", SelfTestOptions::DEFAULT, |_| true);
    let engine = start([down, order.with_after(["database"]), sum]);
    eventually("down", || {
        engine.snapshot().health_checks[0]
            .record
            .runs
            .of(OutcomeKind::Fail)
            > 0
    });
    let run = finished(&engine, all());
    assert_eq!(
        run.results[0].report().unwrap().outcome,
        Outcome::skip("`database` is Down")
    );
    assert_eq!(run.results[1].report().unwrap().outcome, Outcome::Pass);
    assert_eq!(run.outcome(), OutcomeKind::Fail);
    let record = &engine.snapshot().self_tests[0].record;
    assert_eq!(record.runs.of(OutcomeKind::Skip), 1);
}

#[test]
fn pitfall_14_what_runs_once_in_a_process_is_skipped_by_the_second_engine() {
    let options = SelfTestOptions {
        once: true,
        ..SelfTestOptions::DEFAULT
    };
    let once = || Check::self_test("installs", options, |_| true).with_serial("disk");
    let first = finished(&start([once()]), all());
    assert_eq!(first.results[0].report().unwrap().outcome, Outcome::Pass);
    // The next of its group has its turn, although nothing has ended.
    let next = Check::self_test("next", SelfTestOptions::DEFAULT, |_| true).with_serial("disk");
    let engine = start([once(), next]);
    for _ in 0..2 {
        let again = finished(&engine, all());
        assert_eq!(
            again.results[0].report().unwrap().outcome,
            Outcome::skip("it runs once in the life of a process, and it has")
        );
        assert_eq!(again.results[1].report().unwrap().outcome, Outcome::Pass);
    }
}
