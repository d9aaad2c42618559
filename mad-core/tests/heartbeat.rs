//! What is seen of a runtime that does not turn, through the public door.

mod support;

use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use mad_core::{
    Check, Engine, EngineBuilder, Health, HealthOptions, HealthSnapshot, Lifecycle, Probe,
};
use support::{eventually, registry};
use tokio::runtime::{Builder, Runtime};

/// The shortest limit that there is.
const LIMIT: Duration = Duration::from_secs(1);

const N_WORKERS: usize = 2;

fn runtime() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(N_WORKERS).build().unwrap()
}

fn builder() -> EngineBuilder {
    let check = Check::health_check("disk", HealthOptions::DEFAULT, |_| true);
    Engine::builder().registry(registry([check]))
}

fn lag(engine: &Engine, name: &str) -> Option<Duration> {
    let runtimes = engine.snapshot().runtimes;
    let runtime = runtimes.into_iter().find(|runtime| runtime.name == name);
    runtime.map(|runtime| runtime.lag)
}

fn check(engine: &Engine) -> Option<HealthSnapshot> {
    let checks = engine.snapshot().health_checks;
    checks
        .into_iter()
        .find(|check| check.check.name() == "runtime")
}

fn is_up(engine: &Engine) -> bool {
    check(engine).is_some_and(|check| check.health == Health::Up)
}

/// Blocks every worker until what is returned is dropped.
fn block_all_workers(runtime: &Runtime) -> Vec<Sender<()>> {
    let (blocked, is_blocked) = channel();
    let block = |_| {
        let (release, released) = channel::<()>();
        let blocked = blocked.clone();
        runtime.spawn(async move {
            blocked.send(()).unwrap();
            // It is released by an error, when the other end is dropped.
            _ = released.recv();
        });
        release
    };
    let releases = (0..N_WORKERS).map(block).collect();
    for _ in 0..N_WORKERS {
        is_blocked.recv_timeout(Duration::from_secs(10)).unwrap();
    }
    releases
}

#[test]
fn a_runtime_that_is_blocked_lags_more_and_more_and_recovers() {
    let runtime = runtime();
    let engine = runtime.block_on(async { builder().start().unwrap() });
    eventually("it turns", || is_up(&engine));
    let blocked = block_all_workers(&runtime);
    let mut last = Duration::ZERO;
    for lag_in_ms in [50, 200, 400] {
        eventually("its lag grows", || {
            lag(&engine, "application").unwrap() >= Duration::from_millis(lag_in_ms)
        });
        let lag = lag(&engine, "application").unwrap();
        assert!(lag > last);
        last = lag;
    }
    drop(blocked);
    eventually("it has recovered", || {
        lag(&engine, "application").unwrap() < Duration::from_millis(50)
    });
    engine.shutdown(Duration::ZERO);
}

#[test]
fn pitfall_24_a_stalled_runtime_fails_liveness_says_why_and_recovers() {
    let runtime = runtime();
    let (tell, told) = channel();
    let builder = builder().runtime_lag_limit(LIMIT).listener(move |change| {
        if change.check.name() == "runtime" {
            tell.send((change.from, change.to, change.why.clone()))
                .unwrap();
        }
    });
    let engine = runtime.block_on(async { builder.start().unwrap() });
    let next = || told.recv_timeout(Duration::from_secs(10)).unwrap();
    assert!(matches!(next(), (Health::Unknown, Health::Up, _)));
    assert!(engine.snapshot().answers(Probe::Liveness));

    let blocked = block_all_workers(&runtime);
    let (_, to, why) = next();
    assert_eq!(to, Health::Down);
    assert!(why.contains("spawn_blocking"), "{why}");
    assert!(!engine.snapshot().answers(Probe::Liveness));
    assert!(engine.snapshot().answers(Probe::Readiness));

    drop(blocked);
    assert_eq!(next().1, Health::Up);
    assert!(engine.snapshot().answers(Probe::Liveness));
    engine.shutdown(Duration::ZERO);
}

#[test]
fn checks_that_take_every_thread_do_not_keep_the_runtime_from_being_judged() {
    let runtime = runtime();
    let (_hold, held) = channel::<()>();
    let held = std::sync::Mutex::new(held);
    let hangs = Check::health_check("hangs", HealthOptions::DEFAULT, move |_| {
        held.lock().unwrap().recv().is_ok()
    });
    let builder = Engine::builder()
        .registry(registry([hangs]))
        .max_runs_at_once(1)
        .runtime_lag_limit(LIMIT);
    let engine = runtime.block_on(async { builder.start().unwrap() });
    eventually("it is judged", || is_up(&engine));
    engine.shutdown(Duration::ZERO);
}

#[test]
fn a_current_thread_runtime_that_nobody_drives_lags_and_is_not_judged() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let engine = runtime.block_on(async { builder().start().unwrap() });
    assert_eq!(check(&engine), None);
    eventually("it lags", || {
        lag(&engine, "application").unwrap() > Duration::from_millis(300)
    });
    assert!(engine.snapshot().answers(Probe::Liveness));
    runtime.block_on(async {
        while lag(&engine, "application").unwrap() > Duration::from_millis(300) {
            tokio::task::yield_now().await;
        }
    });
    engine.shutdown(Duration::ZERO);
}

#[test]
fn who_sets_a_limit_has_a_current_thread_runtime_judged_too() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let builder = builder().runtime_lag_limit(LIMIT);
    let engine = runtime.block_on(async { builder.start().unwrap() });
    eventually("liveness fails", || {
        !engine.snapshot().answers(Probe::Liveness)
    });
    engine.shutdown(Duration::ZERO);
}

#[test]
fn a_runtime_that_has_ended_is_not_stalled() {
    let runtime = runtime();
    let builder = builder().runtime_lag_limit(LIMIT);
    let engine = runtime.block_on(async { builder.start().unwrap() });
    eventually("it turns", || is_up(&engine));
    let blocked = block_all_workers(&runtime);
    eventually("it is stalled", || {
        !engine.snapshot().answers(Probe::Liveness)
    });
    runtime.shutdown_background();
    drop(blocked);
    eventually("it is gone", || lag(&engine, "application").is_none());
    eventually("nobody is restarted for it", || is_up(&engine));
    engine.shutdown(Duration::ZERO);
}

#[test]
fn a_program_without_a_runtime_has_one_of_mads_that_is_measured() {
    let engine = builder().start().unwrap();
    assert_eq!(check(&engine), None);
    assert_eq!(lag(&engine, "application"), None);
    assert!(lag(&engine, "checks").is_some());
    engine.shutdown(Duration::ZERO);
    assert_eq!(engine.snapshot().runtimes, []);
}

#[test]
fn other_runtimes_are_watched_when_the_program_asks_for_it() {
    let engine = builder().start().unwrap();
    assert!(!engine.watch_runtime("background"));
    let background = runtime();
    let _inside = background.enter();
    assert!(engine.watch_runtime("background"));
    assert!(engine.watch_runtime("background"), "again");
    assert_eq!(engine.snapshot().runtimes.len(), 2);
    let _blocked = block_all_workers(&background);
    eventually("it lags", || {
        lag(&engine, "background").unwrap() > Duration::from_millis(300)
    });
    engine.shutdown(Duration::ZERO);
}

#[test]
fn the_check_that_mad_brings_along_can_be_left_out_and_does_not_count_as_one() {
    let runtime = runtime();
    let _inside = runtime.enter();
    let engine = builder().without_runtime_check().start().unwrap();
    assert_eq!(check(&engine), None);
    assert!(lag(&engine, "application").is_some());
    engine.shutdown(Duration::ZERO);

    let error = Engine::builder()
        .registry(registry([]))
        .start()
        .unwrap_err();
    assert!(error.is_empty_registry());
}

#[test]
fn its_name_is_taken_unless_it_is_left_out() {
    let own = || Check::health_check("runtime", HealthOptions::DEFAULT, |_| true);
    let refused = Engine::builder().registry(registry([own()])).start();
    let error = refused.unwrap_err().to_string();
    assert!(error.contains("tests/heartbeat.rs:"), "{error}");
    assert!(error.contains(".without_runtime_check()"), "{error}");

    let builder = Engine::builder().registry(registry([own()]));
    let engine = builder.without_runtime_check().start().unwrap();
    eventually("it is the program's own", || is_up(&engine));
    engine.shutdown(Duration::ZERO);
    assert_eq!(engine.lifecycle(), Lifecycle::Stopped);
}

#[test]
fn a_limit_without_a_runtime_to_judge_is_a_mistake() {
    let error = builder().runtime_lag_limit(LIMIT).start().unwrap_err();
    assert!(error.to_string().contains("no tokio runtime"), "{error}");
}
