//! What the engine promises of runs of self-tests that end before their tests do.

mod support;

use std::time::{Duration, Instant};

use mad_core::{
    Cause, Check, Context, Engine, OnTimeout, Outcome, OutcomeKind, RunId, SelfTestOptions,
    SelfTestRun, Trigger, step,
};
use support::{Switch, all, eventually, start};

/// Longer than any test waits: what takes so long was not ended.
const LONG: Duration = Duration::from_mins(5);

/// A self-test that waits for ever in its second step, and tells when its future is dropped.
fn waits(is_there: &Switch) -> Check {
    struct There(Switch);
    impl Drop for There {
        fn drop(&mut self) {
            self.0.set(false);
        }
    }
    let is_there = is_there.clone();
    Check::self_test_async(
        "a/waits",
        SelfTestOptions::DEFAULT,
        async move |_: &Context| {
            is_there.set(true);
            let _there = There(is_there.clone());
            step("given a customer", async {}).await;
            step("when she waits", std::future::pending::<()>()).await;
        },
    )
    .with_timeout(LONG)
}

/// A self-test that says that it is there, and blocks its thread until the switch is off again.
fn hangs(is_there: &Switch) -> Check {
    let is_there = is_there.clone();
    let hangs = move |_: &Context| {
        is_there.set(true);
        is_there.hold();
    };
    Check::self_test("a/hangs", SelfTestOptions::DEFAULT, hangs).with_timeout(LONG)
}

fn never_runs() -> Check {
    Check::self_test("z", SelfTestOptions::DEFAULT, |_| -> () {
        panic!("it was to be left out")
    })
}

#[track_caller]
fn over(engine: &Engine, id: &RunId) -> SelfTestRun {
    let run = || engine.self_test_run(id).unwrap();
    eventually("the run is over", || run().is_finished());
    run()
}

#[track_caller]
fn cancelled_once_it(is_there: &Switch, engine: &Engine) -> SelfTestRun {
    let id = engine.trigger(all()).unwrap();
    eventually("the first test runs", || is_there.is_on());
    assert!(engine.cancel(&id));
    over(engine, &id)
}

#[track_caller]
fn assert_aborted(run: &SelfTestRun, part: &str) {
    let failure = run.results[0].report().unwrap().outcome.failure().unwrap();
    assert_eq!(failure.cause(), Cause::Aborted, "{failure}");
    assert!(failure.message().contains(part), "{failure}");
    assert_eq!(run.outcome(), OutcomeKind::Fail);
}

#[test]
fn an_async_test_is_dropped_where_it_waits_when_its_run_is_cancelled() {
    let is_there = Switch::default();
    let engine = start([waits(&is_there), never_runs()]);
    let run = cancelled_once_it(&is_there, &engine);
    assert!(run.is_cancelled);
    assert_aborted(&run, "cancelled: the run was cancelled");
    eventually("its future is dropped", || !is_there.is_on());

    let report = run.results[0].report().unwrap();
    let steps: Vec<_> = report
        .steps
        .iter()
        .map(|step| (step.name.as_str(), step.is_finished))
        .collect();
    assert_eq!(
        steps,
        [("given a customer", true), ("when she waits", false)]
    );
    let left_out = &run.results[1].report().unwrap().outcome;
    assert_eq!(*left_out, Outcome::skip("the run was cancelled"));

    // Its thread is free: nothing is stuck, and it can run again.
    eventually("its thread is free", || {
        engine.snapshot().self_tests[0].stuck_since.is_none()
    });
    assert_aborted(&cancelled_once_it(&is_there, &engine), "cancelled");
}

#[test]
fn a_plain_function_cannot_be_ended_and_its_report_says_so() {
    let is_there = Switch::default();
    let engine = start([hangs(&is_there), never_runs()]);
    let run = cancelled_once_it(&is_there, &engine);
    assert_aborted(&run, "cannot be ended, and keeps its thread");
    let stuck_since = || engine.snapshot().self_tests[0].stuck_since;
    assert!(stuck_since().is_some());
    is_there.set(false);
    eventually("it has ended by itself", || stuck_since().is_none());
}

#[test]
fn pitfall_08_what_is_to_be_abandoned_is_not_dropped_in_the_middle() {
    let is_there = Switch::default();
    let engine = start([waits(&is_there).with_on_timeout(OnTimeout::Abandon)]);
    let run = cancelled_once_it(&is_there, &engine);
    assert_aborted(&run, "cannot be ended");
    assert!(is_there.is_on(), "its future was dropped");
}

#[test]
fn a_cancelled_test_is_not_tried_again() {
    let options = SelfTestOptions {
        retries: 5,
        ..SelfTestOptions::DEFAULT
    };
    let is_there = Switch::default();
    let says_so = is_there.clone();
    let waits = async move |_: &Context| {
        says_so.set(true);
        std::future::pending::<()>().await;
    };
    let engine = start([Check::self_test_async("waits", options, waits).with_timeout(LONG)]);
    let run = cancelled_once_it(&is_there, &engine);
    assert_eq!(run.results[0].report().unwrap().attempts, 1);
}

#[test]
fn a_run_over_its_deadline_has_not_passed_and_says_why() {
    let engine = start([waits(&Switch::default()), never_runs()]);
    let asked = Instant::now();
    let trigger = Trigger {
        deadline: Some(Duration::from_millis(50)),
        ..all()
    };
    let run = over(&engine, &engine.trigger(trigger).unwrap());
    assert!(asked.elapsed() < LONG);
    assert!(run.is_overdue && !run.is_cancelled);
    assert_aborted(&run, "cancelled: the run is over its deadline of 50ms");
    let left_out = &run.results[1].report().unwrap().outcome;
    assert_eq!(
        *left_out,
        Outcome::skip("the run is over its deadline of 50ms")
    );
}
