//! Following runs of self-tests.

use std::future::Future as _;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use mad_core::{
    Check, Effects, Engine, Outcome, OutcomeKind, Registry, RunEvent, RunEventKind, RunFollower,
    RunId, Selection, SelfTestOptions, Trigger, Unit,
};
use tokio::runtime::Runtime;

const OPTIONS: SelfTestOptions = SelfTestOptions {
    effects: Effects::Pure,
    ..SelfTestOptions::DEFAULT
};

fn engine(checks: impl IntoIterator<Item = Check>) -> Engine {
    let mut registry = Registry::new();
    for check in checks {
        registry.add(check).unwrap();
    }
    Engine::builder().registry(registry).start().unwrap()
}

fn trigger(engine: &Engine) -> RunId {
    let trigger = Trigger {
        selection: Selection::all(),
        effects: Effects::Pure,
        requested_by: "test".to_owned(),
        deadline: None,
    };
    engine.trigger(trigger).unwrap()
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
}

/// Follows to the end.
fn rest(follower: &mut RunFollower) -> Vec<RunEvent> {
    let mut events = Vec::new();
    runtime().block_on(async {
        while let Some(event) = follower.next().await {
            events.push(event);
        }
    });
    events
}

/// Says an event in a few words.
fn brief(event: &RunEvent) -> String {
    match &event.kind {
        RunEventKind::RunStarted { tests, .. } => format!("run of {}", tests.join(", ")),
        RunEventKind::TestStarted { test, attempt } => format!("{test} #{attempt}"),
        RunEventKind::StepBegan {
            test,
            step,
            inside,
            name,
            ..
        } => format!("{test} step {step} in {inside:?}: {name}"),
        RunEventKind::StepFinished { test, step, .. } => format!("{test} step {step} done"),
        RunEventKind::Observed { test, observation } => {
            format!("{test} {} = {}", observation.name, observation.value)
        }
        RunEventKind::Noted { test, note } => format!("{test} note {}", note.text),
        RunEventKind::LeftOut { test } => format!("{test} leaves out"),
        RunEventKind::TestFinished {
            test,
            is_blocked,
            report,
        } => {
            let word = if *is_blocked { "is blocked" } else { "is" };
            format!("{test} {word} {}", report.outcome.kind().as_str())
        }
        RunEventKind::RunFinished { outcome, .. } => format!("run is {}", outcome.as_str()),
        other => format!("{other:?}"),
    }
}

#[test]
fn everything_that_happens_is_told_in_order() {
    let attempts = AtomicUsize::new(0);
    let retried = SelfTestOptions {
        retries: 1,
        ..OPTIONS
    };
    let engine = engine([
        Check::self_test("flaky", retried, move |_| {
            mad_core::step_sync("given", || mad_core::step_sync("inner", || ()));
            mad_core::observe("rows", 3, Unit::Count);
            mad_core::note("a note");
            attempts.fetch_add(1, Ordering::SeqCst) > 0
        }),
        Check::self_test("skips", OPTIONS, |_| Outcome::skip("not here")),
        Check::self_test(
            "writes",
            SelfTestOptions {
                effects: Effects::Scratch,
                ..OPTIONS
            },
            |_| true,
        ),
    ]);
    let id = trigger(&engine);
    let mut follower = engine.follow(&id, 0).unwrap();
    let events = rest(&mut follower);
    let attempt = |number: u32| {
        [
            format!("flaky #{number}"),
            "flaky step 0 in None: given".to_owned(),
            "flaky step 1 in Some(0): inner".to_owned(),
            "flaky step 1 done".to_owned(),
            "flaky step 0 done".to_owned(),
            "flaky rows = 3".to_owned(),
            "flaky note a note".to_owned(),
        ]
    };
    let expected = [
        // What may not run is left out from the beginning.
        &["run of flaky, skips, writes", "writes is skip"].map(str::to_owned)[..],
        &attempt(1)[..],
        &attempt(2)[..],
        &["flaky is warn", "skips #1", "skips is skip", "run is warn"].map(str::to_owned)[..],
    ]
    .concat();
    assert_eq!(events.iter().map(brief).collect::<Vec<_>>(), expected);
    let positions: Vec<_> = events.iter().map(|event| event.position).collect();
    assert_eq!(positions, (1..=expected.len() as u64).collect::<Vec<_>>());
    assert!(follower.is_at_end());

    // Whoever comes later is told the same, and whoever comes back the rest.
    assert_eq!(rest(&mut engine.follow(&id, 0).unwrap()), events);
    assert_eq!(rest(&mut engine.follow(&id, 5).unwrap()), events[5..]);
    let end = events.len() as u64;
    for beyond in [end, end + 1, u64::MAX] {
        let mut follower = engine.follow(&id, beyond).unwrap();
        assert!(follower.is_at_end());
        assert_eq!(rest(&mut follower), []);
    }
    assert!(engine.follow(&RunId::from_text("0-0"), 0).is_none());
    engine.shutdown(Duration::ZERO);
}

#[test]
fn events_come_while_a_test_runs() {
    let (proceed, wait) = mpsc::channel::<()>();
    let wait = parking_lot::Mutex::new(wait);
    let engine = engine([Check::self_test("slow", OPTIONS, move |_| {
        mad_core::note("before");
        let _ended = wait.lock().recv();
        mad_core::note("after");
    })]);
    let id = trigger(&engine);
    let mut follower = engine.follow(&id, 0).unwrap();
    runtime().block_on(async {
        let mut next = async || brief(&follower.next().await.unwrap());
        assert_eq!(next().await, "run of slow");
        assert_eq!(next().await, "slow #1");
        assert_eq!(next().await, "slow note before");
        proceed.send(()).unwrap();
        assert_eq!(next().await, "slow note after");
        assert_eq!(next().await, "slow is pass");
        assert_eq!(next().await, "run is pass");
        assert!(follower.next().await.is_none());
    });
    engine.shutdown(Duration::ZERO);
}

#[test]
fn who_comes_too_late_is_told_how_much_was_missed() {
    let engine = engine([Check::self_test("chatty", OPTIONS, |_| {
        for number in 0..20_000 {
            mad_core::observe("progress", number, Unit::Count);
        }
    })]);
    let id = trigger(&engine);
    // Nobody reads, and the run ends all the same.
    let mut slow = engine.follow(&id, 0).unwrap();
    let run = runtime().block_on(engine.self_test_finished(&id)).unwrap();
    assert_eq!(run.outcome(), OutcomeKind::Pass);

    let events = rest(&mut slow);
    let RunEventKind::Missed { events: missed } = events[0].kind else {
        panic!("{:?}", events[0]);
    };
    assert_eq!(events[0].position, missed);
    let told = events.len() as u64 - 1;
    // The start of the run and of the test, what was observed, and both ends.
    assert_eq!(missed + told, 20_004);
    assert!(told < 3_000, "{told} are remembered");
    assert_eq!(brief(events.last().unwrap()), "run is pass");
    engine.shutdown(Duration::ZERO);
}

#[test]
fn what_a_stuck_test_leaves_later_is_not_told() {
    let (proceed, wait) = mpsc::channel::<()>();
    let (ended, has_ended) = mpsc::channel::<()>();
    let wait = parking_lot::Mutex::new(wait);
    let stuck = Check::self_test("stuck", OPTIONS, move |_| {
        mad_core::note("in time");
        let _ended = wait.lock().recv();
        mad_core::note("too late");
        ended.send(()).unwrap();
    });
    let engine = engine([
        stuck.with_timeout(Duration::from_millis(50)),
        Check::self_test("then", OPTIONS, |_| true),
    ]);
    let id = trigger(&engine);
    let mut follower = engine.follow(&id, 0).unwrap();
    let events: Vec<_> = rest(&mut follower).iter().map(brief).collect();
    assert_eq!(
        events,
        [
            "run of stuck, then",
            "stuck #1",
            "stuck note in time",
            "stuck is fail",
            "then #1",
            "then is pass",
            "run is fail"
        ]
    );
    proceed.send(()).unwrap();
    has_ended.recv().unwrap();
    assert_eq!(
        rest(&mut engine.follow(&id, 0).unwrap()).len(),
        events.len()
    );
    engine.shutdown(Duration::ZERO);
}

#[test]
fn a_run_that_is_cancelled_or_that_the_engine_leaves_ends_for_those_who_follow() {
    let forever = || {
        Check::self_test_async("forever", OPTIONS, async |_| {
            std::future::pending::<()>().await;
        })
    };
    for end in [
        |engine: &Engine, id: &RunId| assert!(engine.cancel(id)),
        |engine: &Engine, _: &RunId| engine.shutdown(Duration::ZERO),
    ] {
        let engine = engine([forever(), Check::self_test("then", OPTIONS, |_| true)]);
        let id = trigger(&engine);
        let mut follower = engine.follow(&id, 0).unwrap();
        end(&engine, &id);
        let events: Vec<_> = rest(&mut follower).iter().map(brief).collect();
        assert_eq!(events.last().unwrap(), "run is fail");
        let finished = |name: &str| {
            let start = format!("{name} is");
            events
                .iter()
                .filter(|event| event.starts_with(&start))
                .count()
        };
        assert_eq!(
            (finished("forever"), finished("then")),
            (1, 1),
            "{events:?}"
        );
        engine.shutdown(Duration::ZERO);
    }
}

#[test]
fn everybody_who_follows_sees_the_same() {
    let engine = engine([Check::self_test("busy", OPTIONS, |_| {
        for number in 0..500 {
            mad_core::step_sync(format!("step {number}"), || ());
        }
    })]);
    let id = trigger(&engine);
    let followers: Vec<_> = (0..8).map(|_| engine.follow(&id, 0).unwrap()).collect();
    let seen: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = followers
            .into_iter()
            .map(|mut follower| scope.spawn(move || rest(&mut follower)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(seen[0].len(), 1_004);
    for others in &seen {
        assert_eq!(*others, seen[0]);
    }
    engine.shutdown(Duration::ZERO);
}

#[test]
fn whoever_is_woken_may_write_to_the_run_that_woke_it() {
    /// What an executor does when it is woken is its own affair, and it may come to this.
    struct Writes;

    impl Wake for Writes {
        fn wake(self: Arc<Self>) {
            mad_core::note("woken");
        }
    }

    let (proceed, wait) = mpsc::channel::<()>();
    let wait = parking_lot::Mutex::new(wait);
    let engine = engine([Check::self_test("wakes", OPTIONS, move |_| {
        mad_core::note("first");
        let _ended = wait.lock().recv();
        mad_core::note("second");
    })]);
    let id = trigger(&engine);
    let mut follower = engine.follow(&id, 0).unwrap();
    runtime()
        .block_on(async { while brief(&follower.next().await.unwrap()) != "wakes note first" {} });
    {
        let waker = Waker::from(Arc::new(Writes));
        let mut next = pin!(follower.next());
        let polled = next.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(polled.is_pending());
        proceed.send(()).unwrap();
        let run = runtime().block_on(engine.self_test_finished(&id)).unwrap();
        assert_eq!(run.outcome(), OutcomeKind::Pass);
    }
    let mut events: Vec<_> = rest(&mut follower).iter().map(brief).collect();
    // It may have been woken by the end of the first note already.
    events[..2].sort();
    let expected = [
        "wakes note second",
        "wakes note woken",
        "wakes is pass",
        "run is pass",
    ];
    assert_eq!(events, expected);
    engine.shutdown(Duration::ZERO);
}
