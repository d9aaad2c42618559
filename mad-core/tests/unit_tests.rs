//! A self-test is a unit test too, under a name that says which.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use mad_core::{Effects, Engine, provider, self_test};
use mad_core::{OutcomeKind, Registry, Selection, Trigger};

mod orders {
    #[super::self_test(effects = pure)]
    fn place_and_cancel() {}

    #[super::self_test(effects = pure, name = "orders/fits", case(small, 1), case(large, 100))]
    fn fits(items: usize) -> bool {
        items <= 100
    }

    #[super::self_test(effects = pure, ignore = "the bank is closed")]
    fn pay() {}

    #[super::self_test(effects = pure, isolate = process)]
    fn alone() {}

    #[super::self_test(effects = pure, unit_test = false)]
    fn only_in_service() {}

    #[super::self_test(effects = pure)]
    fn r#match() {}
}

#[self_test(effects = pure, ignore = "it is called by a test", once)]
fn installs() {}

#[test]
fn what_runs_once_in_a_process_and_was_a_unit_test_is_skipped_by_the_engine() {
    self_test__installs();
    // A second time it is left out: it cannot be said whether it works.
    self_test__installs();
    let mut registry = Registry::new();
    let linked = Registry::linked().unwrap();
    registry
        .add(linked.get("installs").unwrap().clone())
        .unwrap();
    let engine = Engine::builder().registry(registry).start().unwrap();
    let trigger = Trigger {
        selection: Selection::parse(["installs"]).unwrap(),
        effects: Effects::Pure,
        requested_by: "test".to_owned(),
        deadline: None,
    };
    let id = engine.trigger(trigger).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let run = runtime.block_on(engine.self_test_finished(&id)).unwrap();
    assert_eq!(run.count(OutcomeKind::Skip), 1);
}

/// A double that misses a call when it is dropped, as mocks do.
struct Double;

impl Drop for Double {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "the bank was never called");
    }
}

#[provider]
fn double() -> Double {
    Double
}

#[self_test(effects = pure, ignore = "it is called by a test")]
fn forgets_the_bank(_bank: &Double) {}

#[self_test(effects = pure, isolate = process, ignore = "it is called by a test")]
fn forgets_the_bank_elsewhere(_bank: &Double) {}

#[test]
fn a_double_that_misses_a_call_fails_the_unit_test() {
    for unit_test in [
        self_test__forgets_the_bank,
        self_test__forgets_the_bank_elsewhere,
    ] {
        let panic = std::panic::catch_unwind(unit_test).unwrap_err();
        let text = panic.downcast_ref::<String>().unwrap();
        assert!(
            text.contains("fail: panicked: the bank was never called"),
            "{text}"
        );
    }
}

#[self_test(effects = pure, timeout = "20ms", serial = "disk", ignore = "it is called by a test")]
fn blocks() {
    std::thread::sleep(std::time::Duration::from_secs(1));
}

#[self_test(effects = pure, serial = "disk", ignore = "it is called by a test")]
fn comes_after() {}

#[test]
fn a_test_whose_serial_group_hangs_fails_and_does_not_wait() {
    self_test__comes_after();
    std::panic::catch_unwind(self_test__blocks).unwrap_err();
    let panic = std::panic::catch_unwind(self_test__comes_after).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(
        text.contains("its serial group `disk` is held by `blocks`, which has not ended"),
        "{text}"
    );
}

fn list(flags: &[&str]) -> Vec<String> {
    let tests = std::env::current_exe().unwrap();
    let output = Command::new(tests)
        .arg("--list")
        .args(flags)
        .output()
        .unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let tests = lines.lines().filter_map(|line| line.strip_suffix(": test"));
    let mut tests: Vec<_> = tests
        .filter(|test| test.contains("::"))
        .map(str::to_owned)
        .collect();
    tests.sort();
    tests
}

#[test]
fn the_unit_test_has_the_name_of_the_function() {
    let expected = [
        "orders::self_test__alone",
        "orders::self_test__fits__large",
        "orders::self_test__fits__small",
        "orders::self_test__match",
        "orders::self_test__pay",
        "orders::self_test__place_and_cancel",
    ];
    assert_eq!(list(&[]), expected);
}

#[test]
fn a_self_test_that_is_ignored_is_an_ignored_unit_test() {
    assert_eq!(list(&["--ignored"]), ["orders::self_test__pay"]);
}

static INSIDE: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

#[self_test(effects = pure, retries = 2, timeout = "50ms", ignore = "it is called by a test")]
fn hangs() {
    MOST.fetch_max(INSIDE.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
    std::thread::sleep(std::time::Duration::from_secs(1));
    INSIDE.fetch_sub(1, Ordering::SeqCst);
}

#[test]
fn a_unit_test_that_hangs_is_not_started_again() {
    let failed = std::panic::catch_unwind(self_test__hangs);
    assert!(failed.is_err());
    assert_eq!(MOST.load(Ordering::SeqCst), 1);
}
