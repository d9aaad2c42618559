//! What `isolate = process` promises, in a program whose `main` is that of the test harness.

#![cfg(unix)]
#![expect(
    clippy::exit,
    clippy::print_stderr,
    clippy::zombie_processes,
    reason = "a process of its own survives all of that"
)]

mod support;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

use mad_core::{
    Cause, Check, Context, Engine, Failure, Isolation, Outcome, Registry, Report, SelfTestOptions,
    Step, Unit, note, observe, provider, self_test, step, step_sync, warn,
};
use support::{eventually, trigger};

/// Why none of them runs by itself: each is what a test below asks for.
macro_rules! misbehaves {
    ($(#[$option:meta])* fn $name:ident() $body:block) => {
        #[self_test(effects = pure, isolate = process, timeout = "20s", ignore = "a test asks for it")]
        fn $name() $body
    };
}

/// A value that says which process made it.
struct Maker(u32);

#[provider]
fn maker() -> Maker {
    Maker(process::id())
}

/// What only the application can supply.
struct Pool;

async fn order(maker: &Maker) -> Result<(), std::num::ParseIntError> {
    step("given a customer", async {
        step_sync("reserve the stock", || observe("rows", 3, Unit::Count));
        tokio::time::sleep(Duration::from_millis(1)).await;
    })
    .await;
    observe("share", 0.1, Unit::Ratio);
    note("tab\tand\\line\nfeed");
    warn("only two left");
    assert_ne!(maker.0, 0);
    "x".parse::<u8>().map(drop)
}

#[self_test(effects = pure, unit_test = false)]
async fn on_a_thread(maker: &Maker) -> Result<(), std::num::ParseIntError> {
    order(maker).await
}

#[self_test(effects = pure, isolate = process, ignore = "a test asks for it")]
async fn in_a_process(maker: &Maker) -> Result<(), std::num::ParseIntError> {
    order(maker).await
}

#[self_test(effects = pure, isolate = process)]
fn passes_elsewhere(maker: &Maker) {
    observe("process", maker.0, Unit::Count);
}

#[self_test(effects = pure, isolate = process, unit_test = false)]
fn unreachable() {}

#[self_test(effects = pure, isolate = process, ignore = "nobody supplies it here")]
fn needs_the_pool(_pool: &Pool) {}

misbehaves! { fn panics() { panic!("order {} lost", 7); } }

misbehaves! { fn panics_at_length() { panic!("{}", "order ".repeat(1_000_000)); } }

misbehaves! { fn aborts() {
    step_sync("before", || ());
    step_sync("abort here", || process::abort());
} }

misbehaves! { fn exits() { process::exit(0); } }

misbehaves! { fn is_killed() {
    let own = rustix::process::getpid();
    rustix::process::kill_process(own, rustix::process::Signal::KILL).unwrap();
    thread::sleep(Duration::from_secs(20));
} }

misbehaves! { fn overflows_its_stack() {
    #[expect(unconditional_recursion, reason = "that is the point")]
    fn deeper(depth: &mut [u8; 4096]) -> u8 {
        let mut more = [depth[0]; 4096];
        deeper(&mut more) + more[1]
    }
    deeper(&mut [0; 4096]);
} }

misbehaves! { fn panics_while_it_panics() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("the second");
        }
    }
    let _bomb = Bomb;
    panic!("the first");
} }

misbehaves! { fn is_noisy() {
    let mut out = std::io::stdout();
    for _ in 0..20_000 {
        out.write_all(b"fail\tfailed\t\tnot a report\nmad-sandbox 0000000000000000\n").unwrap();
    }
    eprint!("{}", "x".repeat(1_000_000));
} }

misbehaves! { fn starts_another() {
    let child = Command::new("sleep").arg("1000").spawn().unwrap();
    observe("child", child.id(), Unit::Count);
} }

misbehaves! { fn starts_this_program() {
    let tests = Command::new(env::current_exe().unwrap()).arg("--list").output().unwrap();
    assert!(String::from_utf8(tests.stdout).unwrap().contains("self_test__starts_this_program: test"));
} }

#[self_test(effects = pure, isolate = process, timeout = "1500ms", ignore = "a test asks for it")]
fn never_ends() {
    let child = Command::new("sleep").arg("1000").spawn().unwrap();
    observe("child", child.id(), Unit::Count);
    step_sync("count for ever", || {
        let mut count = 0_u64;
        loop {
            count = std::hint::black_box(count).wrapping_add(1);
        }
    });
}

#[self_test(effects = pure, isolate = process, max_memory = "64MiB", timeout = "20s", ignore = "a test asks for it")]
fn takes_too_much_memory() {
    let kept: Vec<_> = (0..1024).map(|_| vec![1_u8; 1024 * 1024]).collect();
    assert_eq!(kept.len(), 1024);
}

#[self_test(effects = pure, isolate = process, max_memory = "512MiB", timeout = "20s")]
fn takes_what_it_may() {
    let kept: Vec<_> = (0..64).map(|_| vec![1_u8; 1024 * 1024]).collect();
    assert_eq!(kept.len(), 64);
}

/// Where [`says_when_it_is_there`] writes which process it is, when this one started it.
fn place(starter: u32) -> PathBuf {
    env::temp_dir().join(format!("mad-isolation-{starter}"))
}

#[self_test(effects = pure, isolate = process, timeout = "20s", ignore = "a test asks for it")]
fn says_when_it_is_there() {
    let starter = std::os::unix::process::parent_id();
    fs::write(place(starter), process::id().to_string()).unwrap();
    step_sync("stay", || thread::sleep(Duration::from_secs(20)));
}

/// Waits until it is there, and returns which process it is.
fn process_started_by(starter: u32) -> String {
    let read = || fs::read_to_string(place(starter)).unwrap_or_default();
    eventually("the process is there", || !read().is_empty());
    let process = read();
    fs::remove_file(place(starter)).unwrap();
    process
}

/// Starts an engine with one of the self-tests above.
fn engine(name: &str) -> Engine {
    let linked = Registry::linked().unwrap();
    let mut registry = Registry::new();
    registry.add(linked.get(name).unwrap().clone()).unwrap();
    Engine::builder().registry(registry).start().unwrap()
}

fn run(name: &'static str) -> Arc<Report> {
    let engine = engine(name);
    let id = engine.trigger(trigger([name])).unwrap();
    eventually("the run is over", || {
        engine.self_test_run(&id).unwrap().is_finished()
    });
    let run = engine.self_test_run(&id).unwrap();
    match &run.results[0].progress {
        mad_core::Progress::Done(report) => Arc::clone(report),
        other => panic!("{name} is {other:?}"),
    }
}

#[track_caller]
fn failure(report: &Report) -> &Failure {
    report
        .outcome
        .failure()
        .unwrap_or_else(|| panic!("{report}"))
}

/// Checks that it aborted, and that all of this is said.
#[track_caller]
fn check_aborted(name: &'static str, said: &[&str]) -> Arc<Report> {
    let report = run(name);
    assert_eq!(failure(&report).cause(), Cause::Aborted, "{report}");
    check_said(&report, said);
    report
}

#[track_caller]
fn check_said(report: &Report, said: &[&str]) {
    let text = report.to_string();
    for part in said {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
}

fn is_alive(process: &str) -> bool {
    // A process that has ended and that nobody has asked about is no more alive.
    let state = fs::read_to_string(format!("/proc/{process}/stat"));
    state.is_ok_and(|state| !state.contains(") Z "))
}

/// Returns the first number that it observed: a process.
fn observed(report: &Report) -> String {
    report.observations[0].value.to_string()
}

fn shape(step: &Step) -> (String, bool, Vec<(String, bool)>) {
    let inner = step
        .steps
        .iter()
        .map(|step| (step.name.clone(), step.is_finished));
    (step.name.clone(), step.is_finished, inner.collect())
}

#[test]
fn a_run_in_a_process_reports_what_one_on_a_thread_does() {
    let (here, there) = (run("on_a_thread"), run("in_a_process"));
    assert_eq!(here.outcome, there.outcome);
    assert_eq!(here.observations, there.observations);
    let shapes = |report: &Report| report.steps.iter().map(shape).collect::<Vec<_>>();
    assert_eq!(shapes(&here), shapes(&there));
    let texts = |report: &Report| {
        let notes = report
            .notes
            .iter()
            .map(|note| (note.text.clone(), note.is_warning));
        notes.collect::<Vec<_>>()
    };
    assert_eq!(texts(&here), texts(&there));
}

#[test]
fn context_is_made_by_providers_in_the_process() {
    let report = run("passes_elsewhere");
    assert_eq!(report.outcome, Outcome::Pass);
    assert_ne!(observed(&report), process::id().to_string());
}

#[test]
fn a_panic_is_reported_with_message_and_location() {
    let report = run("panics");
    let failure = failure(&report);
    assert_eq!(
        (failure.cause(), failure.message()),
        (Cause::Panicked, "order 7 lost")
    );
    assert!(
        failure.location().unwrap().contains("isolation.rs:"),
        "{failure}"
    );
}

#[test]
fn a_panic_with_a_long_message_is_a_panic() {
    let report = run("panics_at_length");
    let failure = failure(&report);
    assert_eq!(failure.cause(), Cause::Panicked);
    assert!(failure.message().starts_with("order order"), "{failure}");
}

#[test]
fn an_abort_is_survived_and_the_steps_before_it_are_there() {
    let report = check_aborted(
        "aborts",
        &["its process ended before it had reported", "SIGABRT"],
    );
    let steps: Vec<_> = report.steps.iter().map(shape).collect();
    let expected = [
        ("before".to_owned(), true, vec![]),
        ("abort here".to_owned(), false, vec![]),
    ];
    assert_eq!(steps, expected);
}

#[test]
fn an_exit_is_no_pass() {
    check_aborted("exits", &["exit status: 0"]);
}

#[test]
fn a_signal_is_survived_and_named() {
    check_aborted("is_killed", &["SIGKILL"]);
}

#[test]
fn a_stack_overflow_is_survived_and_named() {
    check_aborted(
        "overflows_its_stack",
        &["SIGABRT", "has overflowed its stack"],
    );
}

#[test]
fn a_panic_within_a_panic_is_survived_and_the_first_is_told() {
    let report = run("panics_while_it_panics");
    assert_eq!(failure(&report).cause(), Cause::Panicked);
    check_said(&report, &["the first: the second", "SIGABRT"]);
}

#[test]
fn memory_beyond_the_limit_ends_the_process_and_not_the_service() {
    check_aborted(
        "takes_too_much_memory",
        &[
            "memory allocation of",
            "it may take 67108864 bytes of memory",
        ],
    );
}

#[test]
fn memory_within_the_limit_is_there() {
    assert_eq!(run("takes_what_it_may").outcome, Outcome::Pass);
}

#[test]
fn an_endless_loop_is_ended_at_the_deadline_with_what_it_started() {
    let started = Instant::now();
    let report = run("never_ends");
    assert!(started.elapsed() < Duration::from_secs(8));
    assert_eq!(failure(&report).cause(), Cause::TimedOut);
    assert_eq!(
        shape(&report.steps[0]),
        ("count for ever".to_owned(), false, vec![])
    );
    let child = observed(&report);
    eventually("its child is gone", || !is_alive(&child));
}

#[test]
fn what_a_self_test_started_and_left_is_ended() {
    let report = run("starts_another");
    assert_eq!(report.outcome, Outcome::Pass);
    let child = observed(&report);
    eventually("its child is gone", || !is_alive(&child));
}

#[test]
fn noise_is_no_report() {
    assert_eq!(run("is_noisy").outcome, Outcome::Pass);
}

#[test]
fn a_program_that_a_self_test_starts_is_not_taken_for_its_process() {
    assert_eq!(run("starts_this_program").outcome, Outcome::Pass);
}

#[test]
fn the_sockets_of_the_service_are_not_in_the_process() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let engine = engine("says_when_it_is_there");
    engine.trigger(trigger(["says_when_it_is_there"])).unwrap();
    let child = process_started_by(process::id());
    drop(listener);
    assert!(TcpStream::connect(address).is_err());
    assert!(is_alive(&child));
}

#[test]
fn a_process_does_not_outlive_the_service() {
    let mut service = Command::new(env::current_exe().unwrap());
    service.args(["--exact", "self_test__says_when_it_is_there", "--ignored"]);
    let mut service = service.stdout(Stdio::null()).spawn().unwrap();
    let child = process_started_by(service.id());
    assert!(is_alive(&child));
    service.kill().unwrap();
    service.wait().unwrap();
    eventually("the process is gone", || !is_alive(&child));
}

#[test]
fn a_process_is_killed_when_its_run_is_cancelled() {
    let engine = engine("says_when_it_is_there");
    let id = engine.trigger(trigger(["says_when_it_is_there"])).unwrap();
    let child = process_started_by(process::id());
    let cancelled = Instant::now();
    assert!(engine.cancel(&id));
    eventually("the run is over", || {
        engine.self_test_run(&id).unwrap().is_finished()
    });
    assert!(cancelled.elapsed() < Duration::from_secs(8));
    assert!(!is_alive(&child));
    let report = engine.snapshot().self_tests[0].record.last.clone().unwrap();
    assert_eq!(failure(&report).cause(), Cause::Aborted);
    assert_eq!(
        failure(&report).message(),
        "cancelled: the run was cancelled"
    );
    assert_eq!(engine.snapshot().self_tests[0].stuck_since, None);
}

#[test]
fn the_unit_test_shows_the_same_tree() {
    let mut tests = Command::new(env::current_exe().unwrap());
    tests.args(["--exact", "self_test__aborts", "--ignored"]);
    let mut tests = tests
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut shown = String::new();
    tests
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut shown)
        .unwrap();
    assert!(!tests.wait().unwrap().success());
    for part in [
        "self-test `aborts` did not pass\n+ before [",
        "\n! abort here [",
        "SIGABRT",
    ] {
        assert!(shown.contains(part), "{part:?} is not in:\n{shown}");
    }
}

#[test]
fn a_program_that_cannot_start_such_a_process_does_not_start() {
    let linked = Registry::linked().unwrap();
    let mut registry = Registry::new();
    for name in ["unreachable", "needs_the_pool"] {
        registry.add(linked.get(name).unwrap().clone()).unwrap();
    }
    let engine = Engine::builder().registry(registry).provide(Pool).start();
    let error = engine.unwrap_err().to_string();
    for part in [
        "2 problems:",
        "self-test `unreachable` (mad-core/tests/isolation.rs:",
        "cannot run: it runs in a process of its own, which needs `mad_core::init()` as the first line of `main`",
        "check `needs_the_pool` (mad-core/tests/isolation.rs:",
        "where what `.provide(value)` supplies does not exist: write a `#[provider]`",
    ] {
        assert!(error.contains(part), "{part:?} is not in:\n{error}");
    }
}

#[test]
fn a_closure_has_no_process_of_its_own() {
    let isolated = SelfTestOptions {
        isolation: Isolation::Process,
        ..SelfTestOptions::DEFAULT
    };
    let bounded = SelfTestOptions {
        max_memory: Some(1024),
        ..SelfTestOptions::DEFAULT
    };
    let mut registry = Registry::new();
    let error = registry
        .add(Check::self_test("x", isolated, |_: &Context| true))
        .unwrap_err();
    assert!(
        error.to_string().contains("a closure does not exist there"),
        "{error}"
    );
    let error = registry
        .add(Check::self_test("x", bounded, |_: &Context| true))
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`max_memory`, which needs a process of its own"),
        "{error}"
    );
}
