//! What `testing::main` lists, runs and answers.
//!
//! Its judge is another harness: this program, which starts itself once more as the program that is
//! judged. Many of the self-tests in that one fail.

use std::env;
use std::process::{Command, Output};

use libtest_mimic::{Arguments, Failed, Trial};

/// Tells this program that it is the one that is judged.
const JUDGED: &str = "MAD_CORE_TESTS_JUDGED";

fn main() {
    if env::vars_os().any(|(variable, _)| variable == JUDGED) {
        mad_core::testing::main()
    }
    libtest_mimic::run(&Arguments::from_args(), claims()).exit()
}

mod judged {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use mad_core::{Outcome, self_test, step_sync, warn};

    pub(crate) struct NobodyHasIt;

    #[self_test(effects = pure)]
    fn adds_up() -> bool {
        step_sync("add", || [1, 2].iter().sum::<i32>() == 3)
    }

    #[self_test(effects = pure, case(small, 1), case(large, 100))]
    fn fits(items: usize) -> bool {
        items <= 100
    }

    #[self_test(effects = pure)]
    fn sells() -> Result<(), String> {
        step_sync("given a customer", || ());
        step_sync("when she orders", || {
            step_sync("reserve the stock", || Err("nothing is left".to_owned()))
        })
    }

    #[self_test(effects = pure)]
    fn panics() {
        step_sync("divide", || panic!("by zero"));
    }

    #[self_test(effects = pure, timeout = "20ms")]
    async fn hangs() {
        std::future::pending::<()>().await;
    }

    #[self_test(effects = pure)]
    fn borrows(_value: &NobodyHasIt) {}

    #[self_test(effects = pure)]
    fn does_not_apply() -> Outcome {
        Outcome::skip("there is no moon tonight")
    }

    #[self_test(effects = pure)]
    fn nearly_full() {
        warn("two per cent are left");
    }

    #[self_test(effects = pure, retries = 1)]
    fn flaky() -> bool {
        static RUNS: AtomicUsize = AtomicUsize::new(0);
        RUNS.fetch_add(1, Ordering::SeqCst) > 0
    }

    #[self_test(effects = pure, isolate = process)]
    fn aborts() {
        step_sync("call the driver", || std::process::abort());
    }

    #[self_test(effects = pure, ignore = "the bank is closed")]
    fn pays() -> bool {
        false
    }

    #[self_test(effects = pure, unit_test = false)]
    fn only_in_service() {}
}

const ALL: [&str; 13] = [
    "aborts",
    "adds_up",
    "borrows",
    "does_not_apply",
    "fits/large",
    "fits/small",
    "flaky",
    "hangs",
    "nearly_full",
    "only_in_service",
    "panics",
    "pays",
    "sells",
];

/// The exit code of a test program in which a test failed.
const FAILED: i32 = 101;

/// Makes trials of functions, under their names.
macro_rules! trials {
    ($($claim:ident,)+) => {
        vec![$(Trial::test(stringify!($claim), || {
            $claim();
            Ok::<(), Failed>(())
        }),)+]
    };
}

fn claims() -> Vec<Trial> {
    trials![
        every_linked_self_test_is_listed_once,
        nextest_is_told_what_is_ignored,
        an_exact_name_runs_that_one_alone,
        a_part_of_a_name_is_a_filter,
        what_is_skipped_does_not_run,
        a_failure_is_shown_with_its_steps,
        panics_and_deadlines_are_failures,
        what_ends_its_process_ends_no_other,
        what_nobody_supplies_is_a_failure_that_says_so,
        a_skip_is_ignored_with_its_reason,
        a_warning_passes_and_is_told,
        ignored_ones_run_when_asked,
        all_run_although_some_fail,
        a_wrong_flag_runs_nothing_and_has_a_code_of_its_own,
    ]
}

/// What the judged program did.
struct Judged {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Judged {
    #[track_caller]
    fn printed(&self, text: &str) {
        assert!(self.stdout.contains(text), "`{text}` in\n{}", self.stdout);
    }

    #[track_caller]
    fn told(&self, text: &str) {
        assert!(self.stderr.contains(text), "`{text}` in\n{}", self.stderr);
    }
}

fn judged(arguments: &[&str]) -> Judged {
    let mut program = Command::new(env::current_exe().unwrap());
    let Output {
        status,
        stdout,
        stderr,
    } = program.args(arguments).env(JUDGED, "1").output().unwrap();
    Judged {
        code: status.code().unwrap(),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

#[track_caller]
fn check_listed(arguments: &[&str], expected: &[&str]) {
    let judged = judged(arguments);
    let lines = judged.stdout.lines();
    let names: Vec<_> = lines
        .filter_map(|line| line.strip_suffix(": test"))
        .collect();
    assert_eq!(names, expected);
    assert_eq!(judged.code, 0);
}

fn every_linked_self_test_is_listed_once() {
    check_listed(&["--list"], &ALL);
    check_listed(&["--list", "--format", "terse"], &ALL);
}

fn nextest_is_told_what_is_ignored() {
    let ignored = ["only_in_service", "pays"];
    check_listed(&["--list", "--format", "terse", "--ignored"], &ignored);
}

fn an_exact_name_runs_that_one_alone() {
    let judged = judged(&["fits/small", "--nocapture", "--exact"]);
    judged.printed("1 passed; 0 failed; 0 ignored; 0 measured; 12 filtered out");
    judged.told("self-test `fits/small` passed\npass [");
    assert_eq!(judged.code, 0);
}

fn a_part_of_a_name_is_a_filter() {
    let judged = judged(&["fits"]);
    judged.printed("2 passed");
    assert_eq!((judged.code, judged.stderr.as_str()), (0, ""));
}

fn what_is_skipped_does_not_run() {
    let judged = judged(&["--skip=s", "--skip=flaky", "--test-threads=1"]);
    judged.printed("running 1 test\ntest nearly_full ... ok");
}

fn a_failure_is_shown_with_its_steps() {
    let judged = judged(&["sells", "--exact"]);
    judged.printed("self-test `sells` did not pass\n+ given a customer [");
    judged.printed("\n+ when she orders [");
    judged.printed("\n  + reserve the stock [");
    judged.printed("\nfail: nothing is left [");
    assert_eq!(judged.code, FAILED);
}

fn panics_and_deadlines_are_failures() {
    let panics = judged(&["panics", "--exact"]);
    panics.printed("! divide [");
    panics.printed("fail: panicked: by zero (mad-core/tests/testing.rs:");
    let hangs = judged(&["hangs", "--exact"]);
    hangs.printed("fail: timed out: had not ended after 20ms");
    assert_eq!((panics.code, hangs.code), (FAILED, FAILED));
}

fn what_ends_its_process_ends_no_other() {
    let judged = judged(&["aborts", "--exact"]);
    judged.printed("! call the driver [");
    judged.printed("fail: aborted: ");
    judged.printed("0 passed; 1 failed");
    assert_eq!(judged.code, FAILED);
}

fn what_nobody_supplies_is_a_failure_that_says_so() {
    let judged = judged(&["borrows", "--exact"]);
    judged.printed("self-test `borrows` cannot run\n");
    judged.printed("NobodyHasIt` for its argument `_value`");
    assert_eq!(judged.code, FAILED);
}

fn a_wrong_flag_runs_nothing_and_has_a_code_of_its_own() {
    let wrong = judged(&["--no-such-flag"]);
    wrong.told("--no-such-flag");
    assert_eq!((wrong.code, wrong.stdout.as_str()), (2, ""));
    assert_eq!(judged(&["--help"]).code, 0);
}

fn a_skip_is_ignored_with_its_reason() {
    let judged = judged(&["does_not_apply", "--exact"]);
    judged.printed("ignored (there is no moon tonight)");
    judged.printed("0 passed; 0 failed; 1 ignored");
    assert_eq!(judged.code, 0);
}

fn a_warning_passes_and_is_told() {
    let warned = judged(&["nearly_full", "--exact"]);
    warned.told("self-test `nearly_full` passed with a warning\nwarning: two per cent are left");
    let flaky = judged(&["flaky", "--exact"]);
    flaky.told("flaky: passed at attempt 2");
    assert_eq!((warned.code, flaky.code), (0, 0));
}

fn ignored_ones_run_when_asked() {
    let ignored = judged(&["--ignored"]);
    ignored.printed("1 passed; 1 failed; 0 ignored; 0 measured; 11 filtered out");
    let included = judged(&["pays", "--exact", "--include-ignored"]);
    included.printed("0 passed; 1 failed");
    assert_eq!((ignored.code, included.code), (FAILED, FAILED));
}

fn all_run_although_some_fail() {
    let judged = judged(&[]);
    judged.printed("5 passed; 5 failed; 3 ignored; 0 measured; 0 filtered out");
    assert_eq!(judged.code, FAILED);
}
