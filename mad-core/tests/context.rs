//! Where the values come from that annotated functions borrow.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mad_core::{
    Effects, Engine, OutcomeKind, Registry, Selection, SelfTestRun, Trigger, health_check,
    provider, self_test,
};

struct Settings {
    rows: usize,
}

struct Pool {
    rows: usize,
}

#[derive(Debug)]
struct Bank;

static BANK_ATTEMPTS: AtomicUsize = AtomicUsize::new(0);

#[provider]
fn settings() -> Settings {
    Settings { rows: 7 }
}

#[provider]
async fn pool(settings: &Settings) -> Pool {
    tokio::task::yield_now().await;
    let rows = settings.rows;
    Pool { rows }
}

/// The bank is away the first time.
#[provider]
fn bank() -> Result<Bank, String> {
    match BANK_ATTEMPTS.fetch_add(1, Ordering::SeqCst) {
        0 => Err("connection refused".to_owned()),
        _ => Ok(Bank),
    }
}

#[health_check(readiness, every = "1h")]
fn settings_are_read(settings: &Settings) -> bool {
    settings.rows == 7
}

#[self_test(unit_test = false)]
async fn rows_are_there(pool: &Pool, settings: &Settings) {
    mad_core::step("count the rows", async {
        assert_eq!(pool.rows, settings.rows);
    })
    .await;
}

#[self_test(unit_test = false)]
fn bank_answers(_bank: &Bank) {}

fn run<const N: usize>(engine: &Engine, words: [&str; N]) -> SelfTestRun {
    let trigger = Trigger {
        selection: Selection::parse(words).unwrap(),
        effects: Effects::Read,
        requested_by: "test".to_owned(),
        deadline: None,
    };
    let id = engine.trigger(trigger).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let finished = engine.self_test_finished(&id);
    runtime.unwrap().block_on(finished).unwrap()
}

#[test]
fn providers_make_what_nobody_supplied_and_a_failed_one_is_tried_again() {
    let engine = Engine::builder().start().unwrap();
    let first = run(&engine, []);
    let outcome = |run: &SelfTestRun, index: usize| -> String {
        run.results[index].report().unwrap().outcome.to_string()
    };
    assert_eq!(
        outcome(&first, 0),
        "fail: provider `bank` failed: connection refused"
    );
    assert_eq!(outcome(&first, 1), "pass");
    let second = run(&engine, ["bank_answers"]);
    assert_eq!(second.outcome(), OutcomeKind::Pass);
    run(&engine, ["bank_answers"]);
    assert_eq!(
        BANK_ATTEMPTS.load(Ordering::SeqCst),
        2,
        "a value is made once"
    );
}

#[test]
fn what_the_application_supplies_wins_over_a_provider() {
    let engine = Engine::builder()
        .provide_shared(Arc::new(Settings { rows: 8 }))
        .provide(Pool { rows: 8 })
        .start()
        .unwrap();
    let run = run(&engine, ["rows_are_there"]);
    assert_eq!(run.outcome(), OutcomeKind::Pass);
}

#[test]
fn linked_checks_are_in_the_order_of_their_names_and_know_where_they_stand() {
    let registry = Registry::linked().unwrap();
    let names: Vec<_> = registry.iter().map(mad_core::Check::name).collect();
    assert_eq!(
        names,
        ["bank_answers", "rows_are_there", "settings_are_read"]
    );
    let check = registry.get("settings_are_read").unwrap();
    assert!(check.location().file.ends_with("context.rs"));
    assert_eq!(check.location().package, "mad-core");
    assert_eq!(check.location().module, "context");
}
