//! What is missing is said at the start, all of it.

use mad_core::{Engine, provider, self_test};

struct Clock;
struct Calendar;
struct Bank;

#[provider]
fn calendar(_clock: &Clock) -> Calendar {
    Calendar
}

#[provider]
fn bank() -> Bank {
    Bank
}

#[provider]
fn another_bank() -> Bank {
    Bank
}

#[self_test(unit_test = false)]
fn today(_calendar: &Calendar) {}

#[self_test(unit_test = false)]
fn now(_clock: &Clock, _bank: &Bank) {}

#[test]
fn every_value_that_nobody_supplies_is_reported_with_the_check_that_needs_it() {
    let error = Engine::builder().provide(5_u32).start().unwrap_err();
    assert!(error.is_missing_context());
    let error = error.to_string();
    for part in [
        "3 problems:",
        "two providers make a `missing_context::Bank`: mad-core/tests/missing_context.rs:",
        "check `now` (mad-core/tests/missing_context.rs:",
        "needs a `missing_context::Clock` for its argument `_clock`: supply it with `.provide(value)`",
        "needs a `missing_context::Calendar` for its argument `_calendar`, and provider `calendar` \
         needs a `missing_context::Clock`",
        "supplied are `u32`",
    ] {
        assert!(error.contains(part), "{part:?} is not in:\n{error}");
    }
}

#[test]
fn what_is_supplied_is_not_missing() {
    let error = Engine::builder().provide(Clock).start().unwrap_err();
    assert!(!error.is_missing_context());
    assert!(
        error
            .to_string()
            .starts_with("two providers make a `missing_context::Bank`")
    );
}
