//! A test target that runs every linked self-test, as a user writes it.

use mad_core::{Outcome, provider, self_test, step_sync};

struct Ledger {
    entries: [i32; 3],
}

#[provider]
fn ledger() -> Ledger {
    Ledger {
        entries: [5, -3, -2],
    }
}

/// The books balance.
#[self_test(effects = pure, serial = "ledger", tags("smoke"))]
fn books_balance(ledger: &Ledger) -> bool {
    step_sync("add up", || ledger.entries.iter().sum::<i32>() == 0)
}

/// An entry can be looked up.
#[self_test(effects = pure, serial = "ledger", case(first, 0, 5), case(last, 2, -2))]
fn entry(index: usize, expected: i32, ledger: &Ledger) -> bool {
    ledger.entries[index] == expected
}

/// It does not apply here, which is shown as ignored.
#[self_test(effects = pure)]
fn foreign_currency() -> Outcome {
    Outcome::skip("this ledger has one currency")
}

fn main() {
    mad_core::testing::main()
}
