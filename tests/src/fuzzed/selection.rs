//! Words that select self-tests.

use std::sync::LazyLock;

use mad_core::{Check, Selection, SelfTestOptions};

static CHECKS: LazyLock<[Check; 3]> = LazyLock::new(|| {
    ["place_order", "orders/cancel", "a"]
        .map(|name| Check::self_test(name, SelfTestOptions::DEFAULT, |_| true))
});

/// Reads lines as a selection: whatever they are, it ends, and says what is meant or what is wrong.
///
/// # Panics
///
/// If it does not.
pub fn selection(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let words: Vec<_> = text.lines().collect();
    match Selection::parse(&words) {
        Ok(selection) => {
            assert_eq!(selection.is_all(), words.is_empty());
            for check in &*CHECKS {
                let is_named = words.contains(&check.name());
                assert_eq!(selection.names(check), is_named);
                assert!(selection.selects(check) || !is_named);
            }
        }
        Err(error) => {
            let message = error.to_string();
            assert!(message.len() < 2_000, "{message}");
            assert!(!message.contains(char::is_control), "{message}");
        }
    }
}
